import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EndedGeneration, EndedSlice } from '../domain/sessions/storage.ts';
import type { Storage } from '../domain/storage.ts';
import type { Answer, Rows } from './rows.ts';
import { beginLogin, beginSignUp, changePassword, createSession, createUser } from './steps/auth.ts';
import {
  closeOrganization,
  createApiKey,
  createOrganization,
  reopenOrganization,
  revokeApiKey,
} from './steps/organizations.ts';
import { replaceSecretCheck, resealApiKeys, resealSigningKeys } from './steps/secret.ts';
import { endSessionsOfUser } from './steps/session-endings.ts';
import { endSession } from './steps/sessions.ts';
import type { Steps } from './steps/steps.ts';
import { addSigningKey, addSigningKeyWhenDue, beginEpoch, initialize, ping, renewEpoch, sweep } from './steps/store.ts';
import { countCurrentPassword, endTry, unlockUser } from './steps/tries.ts';
import { deleteUser, disableUser, enableUser, setUserPassword } from './steps/users.ts';

type Result<Method> = Method extends (...args: never) => Promise<infer Value> ? Value : never;
type Method = Exclude<keyof Storage, 'countEndedSessions' | 'close'>;
type Read<Name extends Method> = (rows: Rows, ...args: Parameters<Storage[Name]>) => Answer<Result<Storage[Name]>>;
type Write<Name extends Method> = (rows: Rows, ...args: Parameters<Storage[Name]>) => Steps<Result<Storage[Name]>>;

/** The reads of a store: one primitive each. */
const READS = {
  readStoreIdentity: (rows) => rows.identity.find(),
  findOrganization: (rows, orgId) => rows.organizations.find(orgId),
  findOrganizationByNameKey: (rows, nameKey) => rows.organizations.findByNameKey(nameKey),
  listOrganizations: (rows, page) => rows.organizations.list(page),
  listOrganizationsWithoutPrivateKey: (rows, page) => rows.organizations.listWithoutPrivateKey(page),
  findApiKey: (rows, apiKeyHash) => rows.apiKeys.findByHash(apiKeyHash),
  listApiKeys: (rows, orgId, page) => rows.apiKeys.list(orgId, page),
  lookAtLogin: (rows, orgId, email, nonceId) => rows.loginTries.look(orgId, email, nonceId),
  listLoginTries: (rows, orgId, email) => rows.loginTries.list(orgId, email),
  findUserCredentials: (rows, orgId, userId) => rows.users.findCredentials(orgId, userId),
  listUsers: (rows, orgId, page) => rows.users.list(orgId, page),
  findUserByEmail: (rows, orgId, email) => rows.users.findByEmail(orgId, email),
  findUser: (rows, orgId, userId) => rows.users.find(orgId, userId),
  findSession: (rows, orgId, sessionId) => rows.sessions.find(orgId, sessionId),
  listSessions: (rows, orgId, userId, page) => rows.sessions.list(orgId, userId, page),
  listSealedApiKeys: (rows, after, limit) => rows.apiKeys.listSealed(after, limit),
  listSigningKeys: (rows) => rows.signingKeys.list(),
} satisfies { readonly [Name in Method]?: Read<Name> };

/** The writes: steps within one transaction. What is no read is here, or this does not compile. */
const WRITES: { readonly [Name in Exclude<Method, keyof typeof READS>]: Write<Name> } = {
  initialize,
  beginEpoch,
  renewEpoch,
  ping,
  sweep,
  addSigningKey,
  addSigningKeyWhenDue,
  replaceSecretCheck,
  resealApiKeys,
  resealSigningKeys,
  createOrganization,
  closeOrganization,
  reopenOrganization,
  createApiKey,
  revokeApiKey,
  beginSignUp,
  createUser,
  beginLogin,
  endTry,
  createSession,
  countCurrentPassword,
  changePassword,
  endSession,
  endUserSessions: endSessionsOfUser,
  disableUser,
  enableUser,
  setUserPassword,
  unlockUser,
  deleteUser,
};

/** About a millisecond of SQLite's time. */
const COUNTED_AT_ONCE = 2_000;

/** All that a runner can be asked to read: what no operation is by itself, too. */
const QUERIES = {
  ...READS,
  countEnded: (rows: Rows, ended: EndedGeneration, after: string) =>
    rows.sessions.countEnded(ended, after, COUNTED_AT_ONCE),
  appliedMigrations: (rows: Rows) => rows.appliedMigrations.list(),
};

export type ReadName = keyof typeof QUERIES;
export type WriteName = keyof typeof WRITES;

/** How an engine runs operations. Both throw AuthError UNAVAILABLE as {@link Storage} promises. */
export interface Runner {
  /** Asks {@link query}. */
  read(name: ReadName, args: readonly unknown[]): Promise<unknown>;
  /** Runs `WRITES[name]` in one transaction; fulfilled once that is committed. */
  write(name: WriteName, args: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

/** The operations of a store over what runs them. */
export function storageOver(runner: Runner): Storage {
  const reads = Object.keys(READS).map((name) => [name, (...args: unknown[]) => runner.read(name as ReadName, args)]);
  const writes = Object.keys(WRITES).map((name) => [
    name,
    (...args: unknown[]) => runner.write(name as WriteName, args),
  ]);
  // Typed above: each name has the parameters and the result of its method.
  return {
    ...Object.fromEntries([...reads, ...writes]),
    countEndedSessions: (ended: EndedGeneration) => countEndedSessions(runner, ended),
    close: () => runner.close(),
  } as unknown as Storage;
}

async function countEndedSessions(runner: Runner, ended: EndedGeneration): Promise<number> {
  let lived = 0;
  for (let after: string | null = ''; after !== null; ) {
    const slice = (await runner.read('countEnded', [ended, after])) as EndedSlice;
    lived += slice.lived;
    after = slice.last;
    await nextTurn();
  }
  return lived;
}

/** Asks a read by its name. */
export function query(name: ReadName, rows: Rows, args: readonly unknown[]): Answer<unknown> {
  return (QUERIES[name] as (rows: Rows, ...args: unknown[]) => Answer<unknown>)(rows, ...args);
}

/** The steps of a write by its name. */
export function stepsOf(name: WriteName, rows: Rows, args: readonly unknown[]): Steps<unknown> {
  return (WRITES[name] as (rows: Rows, ...args: unknown[]) => Steps<unknown>)(rows, ...args);
}
