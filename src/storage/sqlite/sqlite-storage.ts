import type { LoginAttempt, NewSession, NewUser, PasswordChange, SignUpAttempt } from '../../domain/auth/storage.ts';
import type { ApiKeyRevocation, NewApiKey, Organization } from '../../domain/organizations/storage.ts';
import type { PageRequest } from '../../domain/page.ts';
import type { SessionReference } from '../../domain/sessions/storage.ts';
import type { SigningKeyRecord } from '../../domain/signing-keys/storage.ts';
import type { Storage, StoreIdentity } from '../../domain/storage.ts';
import { beginLogin, beginSignUp, changePassword, createSession, createUser } from './account-steps.ts';
import { backupFile } from './backup.ts';
import type { Connection } from './driver.ts';
import { StoreAccess } from './store-access.ts';
import type { Tables } from './tables.ts';

/** The store in one SQLite file, on one connection (`store-access.ts`). Several processes may hold the same file. */
export class SqliteStorage implements Storage {
  readonly #connection: Connection;
  readonly #lockWaitMs: number;
  readonly #access: StoreAccess;
  readonly #backups = new Set<Promise<void>>();
  #closing: Promise<void> | null = null;

  /** Takes over a connection to a file of the newest schema. */
  constructor(connection: Connection, lockWaitMs: number) {
    this.#connection = connection;
    this.#lockWaitMs = lockWaitMs;
    this.#access = new StoreAccess(connection, lockWaitMs);
  }

  readStoreIdentity() {
    return this.#access.read((tables) => tables.identity.read());
  }

  initialize(identity: StoreIdentity, firstSigningKey: SigningKeyRecord) {
    return this.#access.write((tables) => {
      if (!tables.identity.insert(identity)) {
        return 'already_initialized';
      }
      tables.signingKeys.insert(firstSigningKey);
      return 'initialized';
    });
  }

  async ping() {
    await this.#access.write((tables) => tables.spentNonces.tryWriting());
  }

  sweep(now: number, limit: number) {
    return this.#access.write((tables) => tables.sweep(now, limit));
  }

  async backup(file: string) {
    this.#access.refuseWhenClosed();
    const backup = backupFile({
      from: this.#connection.name,
      to: file,
      lockWaitMs: this.#lockWaitMs,
      isCancelled: () => this.#access.isClosed,
    });
    this.#backups.add(backup);
    try {
      await backup;
    } finally {
      this.#backups.delete(backup);
    }
  }

  close() {
    this.#closing ??= this.#access.close(() => Promise.allSettled(this.#backups));
    return this.#closing;
  }

  createOrganization(organization: Organization, firstKey: NewApiKey) {
    return this.#access.write((tables) => {
      if (!tables.organizations.insert(organization)) {
        return 'already_exists';
      }
      tables.apiKeys.insert(firstKey);
      return 'created';
    });
  }

  findOrganization(orgId: string) {
    return this.#access.read((tables) => tables.organizations.find(orgId));
  }

  findOrganizationByNameKey(nameKey: string) {
    return this.#access.read((tables) => tables.organizations.findByNameKey(nameKey));
  }

  listOrganizations(page: PageRequest) {
    return this.#access.read((tables) => tables.organizations.list(page));
  }

  closeOrganization(orgId: string, at: number) {
    return this.#access.write((tables) => {
      const organization = tables.organizations.close(orgId, at);
      return organization && { organization, endedSessions: endAllOfOrganization(tables, orgId, at) };
    });
  }

  reopenOrganization(orgId: string) {
    return this.#access.write((tables) => tables.organizations.reopen(orgId));
  }

  findApiKey(apiKeyHash: Uint8Array) {
    return this.#access.read((tables) => tables.apiKeys.findByHash(apiKeyHash));
  }

  createApiKey(key: NewApiKey) {
    return this.#access.write((tables) => {
      if (tables.organizations.find(key.orgId) === null) {
        return 'organization_not_found';
      }
      tables.apiKeys.insert(key);
      return 'created';
    });
  }

  listApiKeys(orgId: string, page: PageRequest) {
    return this.#access.read((tables) => tables.apiKeys.list(orgId, page));
  }

  revokeApiKey({ orgId, keyId, at, endSessions }: ApiKeyRevocation) {
    return this.#access.write((tables) => {
      const apiKey = tables.apiKeys.revoke(orgId, keyId, at);
      return apiKey && { apiKey, endedSessions: endSessions ? endAllOfOrganization(tables, orgId, at) : 0 };
    });
  }

  beginSignUp(attempt: SignUpAttempt) {
    return this.#access.write((tables) => beginSignUp(tables, attempt));
  }

  createUser(user: NewUser) {
    return this.#access.write((tables) => createUser(tables, user));
  }

  beginLogin(attempt: LoginAttempt) {
    return this.#access.write((tables) => beginLogin(tables, attempt));
  }

  createSession(session: NewSession) {
    return this.#access.write((tables) => createSession(tables, session));
  }

  findSession(orgId: string, sessionId: string) {
    return this.#access.read((tables) => tables.sessions.find(orgId, sessionId));
  }

  endSession({ orgId, userId, sessionId }: SessionReference, at: number) {
    return this.#access.write((tables) => {
      const session = tables.sessions.findState(orgId, sessionId, userId);
      if (session === null) {
        return 'not_found';
      }
      const ended = tables.endSessions(orgId, [{ sessionId, expiresAt: session.expiresAt }], at);
      return ended === 1 ? 'ended' : 'already_ended';
    });
  }

  endUserSessions(orgId: string, userId: string, at: number) {
    return this.#access.write((tables) => endAllOfUser(tables, orgId, userId, at));
  }

  listSessions(orgId: string, userId: string | null, page: PageRequest) {
    return this.#access.read((tables) => tables.sessions.list(orgId, userId, page));
  }

  findUserCredentials(orgId: string, userId: string) {
    return this.#access.read((tables) => tables.users.findCredentials(orgId, userId));
  }

  changePassword(change: PasswordChange) {
    return this.#access.write((tables) => changePassword(tables, change));
  }

  listUsers(orgId: string, page: PageRequest) {
    return this.#access.read((tables) => tables.users.list(orgId, page));
  }

  findUserByEmail(orgId: string, email: string) {
    return this.#access.read((tables) => tables.users.findByEmail(orgId, email));
  }

  findUser(orgId: string, userId: string) {
    return this.#access.read((tables) => tables.users.find(orgId, userId));
  }

  disableUser(orgId: string, userId: string, at: number) {
    return this.#access.write((tables) => {
      const user = tables.users.disable(orgId, userId, at);
      return user && { user, endedSessions: endAllOfUser(tables, orgId, userId, at) };
    });
  }

  enableUser(orgId: string, userId: string) {
    return this.#access.write((tables) => tables.users.enable(orgId, userId));
  }

  deleteUser(orgId: string, userId: string, at: number) {
    return this.#access.write((tables) => {
      if (!tables.users.remove(orgId, userId)) {
        return null;
      }
      return { endedSessions: endAllOfUser(tables, orgId, userId, at) };
    });
  }

  listSigningKeys() {
    return this.#access.read((tables) => tables.signingKeys.list());
  }

  addSigningKey(key: SigningKeyRecord, retireOthersAt: number | null) {
    return this.#access.write((tables) => {
      tables.signingKeys.insert(key);
      if (retireOthersAt !== null) {
        tables.signingKeys.retireAllBut(key.kid, retireOthersAt);
      }
    });
  }
}

function endAllOfOrganization(tables: Tables, orgId: string, at: number): number {
  return tables.endSessions(orgId, tables.sessions.unrevokedOfOrganization(orgId), at);
}

function endAllOfUser(tables: Tables, orgId: string, userId: string, at: number): number {
  return tables.endSessions(orgId, tables.sessions.unrevokedOfUser(orgId, userId), at);
}
