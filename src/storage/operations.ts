import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AuditOrigin, systemOrigin } from '../domain/audit/audit-event.ts';
import type { AuditFeedQuery, AuditQuery } from '../domain/audit/storage.ts';
import type { EndedGeneration, EndedSlice } from '../domain/sessions/storage.ts';
import type { Storage } from '../domain/storage.ts';
import { lookedAt, MOST_SEARCHED } from '../domain/users/storage.ts';
import type { AskedWrite } from './asked-write.ts';
import type { Answer, Rows, WriteRows } from './rows.ts';
import {
  changeEmail,
  deleteAccount,
  reportNotMe,
  requestEmailChange,
  resetPassword,
  takeEmailBack,
  verifyEmail,
} from './steps/accounts.ts';
import { recordAuditEvents, removeAuditEvents } from './steps/audit.ts';
import { beginLogin, beginSignUp, changePassword, createSession, createUser } from './steps/auth.ts';
import { changePasswordByChallenge, completeChallenge, putEmailCode } from './steps/challenges.ts';
import { isKeptForAnother } from './steps/left-addresses.ts';
import {
  answerMailRequest,
  endMailLease,
  leaseMails,
  requestMail,
  resealMail,
  retryMail,
  showMail,
} from './steps/mail.ts';
import { addUser, impersonate, manageUser, recordMailToken } from './steps/managed-users.ts';
import {
  closeOrganization,
  createApiKey,
  createOrganization,
  reopenOrganization,
  revokeApiKey,
  updateOrganization,
} from './steps/organizations.ts';
import { endMySessions, recordSessionUses, renewSession } from './steps/own-sessions.ts';
import { updateProfile } from './steps/profile.ts';
import { reserveCode, reserveLoginCode } from './steps/reserve-code.ts';
import {
  confirmSecret,
  putPendingSecret,
  removeSecondFactor,
  replaceRecoveryCodes,
  resealFactor,
} from './steps/second-factors.ts';
import { replaceSecretCheck, resealApiKeys, resealSigningKeys } from './steps/secret.ts';
import { endUserSessions } from './steps/session-endings.ts';
import { endSession } from './steps/sessions.ts';
import type { Steps } from './steps/steps.ts';
import { addSigningKey, addSigningKeyWhenDue, beginEpoch, initialize, ping, renewEpoch, sweep } from './steps/store.ts';
import { countCurrentPassword, endTry, unlockUser } from './steps/tries.ts';
import { deleteUser, disableUser, enableUser, importUsers, setUserPassword } from './steps/users.ts';

type Result<Method> = Method extends (...args: never) => Promise<infer Value> ? Value : never;
type Method = Exclude<keyof Storage, 'countEndedSessions' | 'causedBy' | 'origin' | 'close'>;
type Read<Name extends Method> = (rows: Rows, ...args: Parameters<Storage[Name]>) => Answer<Result<Storage[Name]>>;
type Write<Name extends Method> = (rows: WriteRows, ...args: Parameters<Storage[Name]>) => Steps<Result<Storage[Name]>>;

/** Some milliseconds of SQLite's time: other calls go on between two slices. */
const EVENTS_LOOKED_AT = 2_000;

/** The first is not the one of the least position where several write: what a busy store writes in as long as a call lives. */
const POSITIONS_LOOKED_AT = 10_000;

/** The reads of a store: one primitive each. */
const READS = {
  readStoreIdentity: (rows) => rows.identity.find(),
  findOrganization: (rows, orgId) => rows.organizations.find(orgId),
  findOrganizationByNameKey: (rows, nameKey) => rows.organizations.findByNameKey(nameKey),
  listOrganizations: (rows, page) => rows.organizations.list(page),
  listOrganizationsWithoutPrivateKey: (rows, page) => rows.organizations.listWithoutPrivateKey(page),
  findApiKey: (rows, apiKeyHash) => rows.apiKeys.findByHash(apiKeyHash),
  findManagementKey: (rows, apiKeyHash) => rows.apiKeys.findManagementByHash(apiKeyHash),
  countUsers: (rows, orgId, most) => rows.users.count(orgId, most),
  listApiKeys: (rows, orgId, page) => rows.apiKeys.list(orgId, page),
  lookAtLogin: (rows, orgId, email, nonceId) => rows.loginTries.look(orgId, email, nonceId),
  listLoginTries: (rows, orgId, email) => rows.loginTries.list(orgId, email),
  findUserCredentials: (rows, orgId, userId) => rows.users.findCredentials(orgId, userId),
  findLeftAddress: (rows, orgId, userId, addressVersion) => rows.leftAddresses.find(orgId, userId, addressVersion),
  isAddressKept: (rows, orgId, email, at) => isKeptForAnother(rows, { orgId, userId: '' }, email, at),
  listUsers: (rows, orgId, page) => rows.users.list(orgId, page),
  searchUsers: (rows, query) => (query.search === null ? null : rows.users.search(query, MOST_SEARCHED)),
  walkUsers: (rows, query) => rows.users.walk(query, lookedAt(query)),
  findUserByEmail: (rows, orgId, email) => rows.users.findByEmail(orgId, email),
  listHashedUsers: (rows, orgId, page) => rows.users.listHashed(orgId, page),
  findUser: (rows, orgId, userId) => rows.users.find(orgId, userId),
  findLoginChallenge: (rows, orgId, challengeId) => rows.loginChallenges.find(orgId, challengeId),
  findSecondFactor: (rows, orgId, userId) => rows.secondFactors.find(orgId, userId),
  countRecoveryCodes: (rows, orgId, userId) => rows.secondFactors.countRecoveryCodes(orgId, userId),
  listSealedFactors: (rows, after, limit) => rows.secondFactors.listSealed(after, limit),
  findSession: (rows, orgId, sessionId) => rows.sessions.find(orgId, sessionId),
  listSessions: (rows, orgId, userId, page) => rows.sessions.list(orgId, userId, page),
  listLiveSessions: (rows, orgId, userId, at) => rows.sessions.listLive(orgId, userId, at),
  listSealedApiKeys: (rows, after, limit) => rows.apiKeys.listSealed(after, limit),
  listSigningKeys: (rows) => rows.signingKeys.list(),
  listAuditEvents: (rows, query: AuditQuery) => rows.auditEvents.list(query, EVENTS_LOOKED_AT),
  lastAuditPosition: (rows) => rows.auditEvents.lastPosition(),
  firstAuditPosition: (rows, from) => rows.auditEvents.firstPosition(from, POSITIONS_LOOKED_AT),
  listMailRequests: (rows, limit) => rows.mailRequests.list(limit),
  findMail: (rows, mailId) => rows.mails.find(mailId),
  listMails: (rows, orgId, { after, limit }) => rows.mails.list(orgId, after, limit),
  hasDueMails: (rows, at) => rows.mails.hasDue(at),
  countMails: (rows, at) => rows.mails.count(at),
  listSealedMails: (rows, after, limit) => rows.mails.listSealed(after, limit),
  readAuditFeed: (rows, query: AuditFeedQuery) => rows.auditEvents.listFeed(query),
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
  updateOrganization,
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
  endUserSessions,
  addUser,
  manageUser,
  impersonate,
  recordMailToken,
  renewSession,
  endMySessions,
  recordSessionUses,
  updateProfile,
  disableUser,
  enableUser,
  setUserPassword,
  unlockUser,
  deleteUser,
  verifyEmail,
  resetPassword,
  requestEmailChange,
  changeEmail,
  takeEmailBack,
  reportNotMe,
  deleteAccount,
  putPendingSecret,
  reserveCode,
  reserveLoginCode,
  completeChallenge,
  confirmSecret,
  removeSecondFactor,
  replaceRecoveryCodes,
  putEmailCode,
  changePasswordByChallenge,
  resealFactor,
  importUsers,
  recordAuditEvents,
  removeAuditEvents,
  requestMail,
  answerMailRequest,
  leaseMails,
  endMailLease,
  showMail,
  retryMail,
  resealMail,
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
  /** Runs `WRITES[name]` in one transaction, which also tells where it comes from; fulfilled once that is committed. */
  write(name: WriteName, args: readonly unknown[], origin: AuditOrigin): Promise<unknown>;
  close(): Promise<void>;
}

/** A handle of a store, as its methods see it. */
interface Handle {
  readonly originOf?: () => AuditOrigin;
}

/** The operations of a store over what runs them. */
export function storageOver(runner: Runner): Storage {
  // Typed above: each name has the parameters and the result of its method.
  return {
    ...methods(
      READS,
      (name) =>
        (...args: unknown[]) =>
          runner.read(name, args),
    ),
    ...methods(WRITES, (name) => {
      return function write(this: Handle | undefined, ...args: unknown[]) {
        return runner.write(name, args, originOf(this));
      };
    }),
    countEndedSessions: (ended: EndedGeneration) => countEndedSessions(runner, ended),
    // Every call has a handle of its own: an object of one field, over methods that all of them share.
    causedBy(this: object, originOf: () => AuditOrigin) {
      return Object.assign(Object.create(this), { originOf });
    },
    origin(this: Handle | undefined) {
      return originOf(this);
    },
    close: () => runner.close(),
  } as unknown as Storage;
}

function originOf(handle: Handle | undefined): AuditOrigin {
  return handle?.originOf?.() ?? systemOrigin(Date.now());
}

function methods<Name extends string, Made>(
  table: Readonly<Record<Name, unknown>>,
  make: (name: Name) => Made,
): Readonly<Record<string, Made>> {
  return Object.fromEntries(Object.keys(table).map((name) => [name, make(name as Name)]));
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

/** The steps of a write. */
export function stepsOf({ name, args, origin }: AskedWrite, rows: Rows): Steps<unknown> {
  return (WRITES[name] as (rows: WriteRows, ...args: unknown[]) => Steps<unknown>)({ ...rows, origin }, ...args);
}
