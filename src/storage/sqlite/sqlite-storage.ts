import { AuthError } from '../../domain/errors.ts';
import type {
  ApiKeyRevocation,
  LoginAttempt,
  NewApiKey,
  NewSession,
  NewUser,
  Organization,
  PageRequest,
  PasswordChange,
  SessionReference,
  SigningKeyRecord,
  SignUpAttempt,
  Storage,
  StoreIdentity,
} from '../../domain/storage.ts';
import { beginLogin, beginSignUp, changePassword, createSession, createUser } from './account-steps.ts';
import { backupFile } from './backup.ts';
import type { Connection } from './driver.ts';
import { isLocked, translateError } from './errors.ts';
import { outlastLocks } from './lock-wait.ts';
import { prepareTables, type Tables } from './tables.ts';
import { WriteQueue } from './write-queue.ts';

/**
 * The store in one SQLite file, on one connection: reads run at once, writes in groups (`write-queue.ts`). A group is
 * one synchronous step, so no read ever meets an open transaction; one that could not be rolled back is ended first. Several processes may hold the same file.
 */
export class SqliteStorage implements Storage {
  readonly #connection: Connection;
  readonly #lockWaitMs: number;
  readonly #tables: Tables;
  readonly #writes: WriteQueue;
  readonly #backups = new Set<Promise<void>>();
  #closing: Promise<void> | null = null;

  /** Takes over a connection to a file of the newest schema. */
  constructor(connection: Connection, lockWaitMs: number) {
    this.#connection = connection;
    this.#lockWaitMs = lockWaitMs;
    this.#tables = prepareTables(connection);
    this.#writes = new WriteQueue(connection, lockWaitMs);
  }

  // --- the store itself

  readStoreIdentity() {
    return this.#read((tables) => tables.identity.read());
  }

  initialize(identity: StoreIdentity, firstSigningKey: SigningKeyRecord) {
    return this.#write((tables) => {
      if (!tables.identity.insert(identity)) {
        return 'already_initialized';
      }
      tables.signingKeys.insert(firstSigningKey);
      return 'initialized';
    });
  }

  async ping() {
    await this.#read((tables) => tables.identity.read());
  }

  sweep(now: number, limit: number) {
    return this.#write((tables) => tables.sweep(now, limit));
  }

  async backup(file: string) {
    this.#refuseWhenClosed();
    const backup = backupFile({
      from: this.#connection.name,
      to: file,
      lockWaitMs: this.#lockWaitMs,
      isCancelled: () => this.#closing !== null,
    });
    this.#backups.add(backup);
    try {
      await backup;
    } finally {
      this.#backups.delete(backup);
    }
  }

  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  // --- organizations

  createOrganization(organization: Organization, firstKey: NewApiKey) {
    return this.#write((tables) => {
      if (!tables.organizations.insert(organization)) {
        return 'already_exists';
      }
      tables.apiKeys.insert(firstKey);
      return 'created';
    });
  }

  findOrganization(orgId: string) {
    return this.#read((tables) => tables.organizations.find(orgId));
  }

  findOrganizationByNameKey(nameKey: string) {
    return this.#read((tables) => tables.organizations.findByNameKey(nameKey));
  }

  listOrganizations(page: PageRequest) {
    return this.#read((tables) => tables.organizations.list(page));
  }

  closeOrganization(orgId: string, at: number) {
    return this.#write((tables) => {
      const organization = tables.organizations.close(orgId, at);
      return organization && { organization, endedSessions: endAllOfOrganization(tables, orgId, at) };
    });
  }

  reopenOrganization(orgId: string) {
    return this.#write((tables) => tables.organizations.reopen(orgId));
  }

  // --- API keys

  findApiKey(apiKeyHash: Uint8Array) {
    return this.#read((tables) => tables.apiKeys.findByHash(apiKeyHash));
  }

  createApiKey(key: NewApiKey) {
    return this.#write((tables) => {
      if (tables.organizations.find(key.orgId) === null) {
        return 'organization_not_found';
      }
      tables.apiKeys.insert(key);
      return 'created';
    });
  }

  listApiKeys(orgId: string, page: PageRequest) {
    return this.#read((tables) => tables.apiKeys.list(orgId, page));
  }

  revokeApiKey({ orgId, keyId, at, endSessions }: ApiKeyRevocation) {
    return this.#write((tables) => {
      const apiKey = tables.apiKeys.revoke(orgId, keyId, at);
      return apiKey && { apiKey, endedSessions: endSessions ? endAllOfOrganization(tables, orgId, at) : 0 };
    });
  }

  // --- sign-up and login

  beginSignUp(attempt: SignUpAttempt) {
    return this.#write((tables) => beginSignUp(tables, attempt));
  }

  createUser(user: NewUser) {
    return this.#write((tables) => createUser(tables, user));
  }

  beginLogin(attempt: LoginAttempt) {
    return this.#write((tables) => beginLogin(tables, attempt));
  }

  createSession(session: NewSession) {
    return this.#write((tables) => createSession(tables, session));
  }

  // --- sessions

  findSession(orgId: string, sessionId: string) {
    return this.#read((tables) => tables.sessions.find(orgId, sessionId));
  }

  endSession({ orgId, userId, sessionId }: SessionReference, at: number) {
    return this.#write((tables) => {
      const session = tables.sessions.findState(orgId, sessionId, userId);
      if (session === null) {
        return 'not_found';
      }
      const ended = tables.endSessions(orgId, [{ sessionId, expiresAt: session.expiresAt }], at);
      return ended === 1 ? 'ended' : 'already_ended';
    });
  }

  endUserSessions(orgId: string, userId: string, at: number) {
    return this.#write((tables) => endAllOfUser(tables, orgId, userId, at));
  }

  listSessions(orgId: string, userId: string | null, page: PageRequest) {
    return this.#read((tables) => tables.sessions.list(orgId, userId, page));
  }

  findUserCredentials(orgId: string, userId: string) {
    return this.#read((tables) => tables.users.findCredentials(orgId, userId));
  }

  changePassword(change: PasswordChange) {
    return this.#write((tables) => changePassword(tables, change));
  }

  // --- users

  listUsers(orgId: string, page: PageRequest) {
    return this.#read((tables) => tables.users.list(orgId, page));
  }

  findUserByEmail(orgId: string, email: string) {
    return this.#read((tables) => tables.users.findByEmail(orgId, email));
  }

  findUser(orgId: string, userId: string) {
    return this.#read((tables) => tables.users.find(orgId, userId));
  }

  disableUser(orgId: string, userId: string, at: number) {
    return this.#write((tables) => {
      const user = tables.users.disable(orgId, userId, at);
      return user && { user, endedSessions: endAllOfUser(tables, orgId, userId, at) };
    });
  }

  enableUser(orgId: string, userId: string) {
    return this.#write((tables) => tables.users.enable(orgId, userId));
  }

  deleteUser(orgId: string, userId: string, at: number) {
    return this.#write((tables) => {
      if (!tables.users.remove(orgId, userId)) {
        return null;
      }
      return { endedSessions: endAllOfUser(tables, orgId, userId, at) };
    });
  }

  // --- signing keys

  listSigningKeys() {
    return this.#read((tables) => tables.signingKeys.list());
  }

  addSigningKey(key: SigningKeyRecord, retireOthersAt: number | null) {
    return this.#write((tables) => {
      tables.signingKeys.insert(key);
      if (retireOthersAt !== null) {
        tables.signingKeys.retireAllBut(key.kid, retireOthersAt);
      }
    });
  }

  // --- how it is done

  async #read<T>(query: (tables: Tables) => T): Promise<T> {
    this.#refuseWhenClosed();
    try {
      this.#writes.endOpenTransaction();
      return query(this.#tables);
    } catch (error) {
      if (!isLocked(error)) {
        throw translateError(error);
      }
      return this.#readAgain(query);
    }
  }

  /** A reader is locked out for moments only: while another process recovers or removes the WAL. */
  async #readAgain<T>(query: (tables: Tables) => T): Promise<T> {
    const attempt = () => {
      this.#refuseWhenClosed();
      this.#writes.endOpenTransaction();
      return query(this.#tables);
    };
    try {
      return await outlastLocks(attempt, this.#lockWaitMs);
    } catch (error) {
      throw translateError(error);
    }
  }

  async #write<T>(operation: (tables: Tables) => T): Promise<T> {
    this.#refuseWhenClosed();
    return this.#writes.run(() => operation(this.#tables));
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== null) {
      throw new AuthError('UNAVAILABLE', { cause: new Error('The store is closed.') });
    }
  }

  async #close(): Promise<void> {
    await this.#writes.drained();
    await Promise.allSettled(this.#backups);
    this.#connection.close();
  }
}

function endAllOfOrganization(tables: Tables, orgId: string, at: number): number {
  return tables.endSessions(orgId, tables.sessions.unrevokedOfOrganization(orgId), at);
}

function endAllOfUser(tables: Tables, orgId: string, userId: string, at: number): number {
  return tables.endSessions(orgId, tables.sessions.unrevokedOfUser(orgId, userId), at);
}
