import type { AuditEvent } from '../../../src/domain/audit/audit-event.ts';
import type { UserCredentials } from '../../../src/domain/auth/storage.ts';
import { NO_TRIES, TOLD_PART } from '../../../src/domain/auth/tries.ts';
import { keepBudgetUntil, type SpentBudget, UNSPENT } from '../../../src/domain/mail/budget.ts';
import type { MailRecord, MailState, NewMail, NewMailRequest, OutboxMail } from '../../../src/domain/mail/storage.ts';
import type { ApiKeyRecord, NewApiKey, Organization } from '../../../src/domain/organizations/storage.ts';
import type { PageRequest } from '../../../src/domain/page.ts';
import type { LoginChallenge, SecondFactor } from '../../../src/domain/second-factors/storage.ts';
import type { SessionDetails, SessionRecord } from '../../../src/domain/sessions/storage.ts';
import type { SigningKeyRecord } from '../../../src/domain/signing-keys/storage.ts';
import type { StoreIdentity } from '../../../src/domain/storage.ts';
import { nameWords } from '../../../src/domain/users/name-words.ts';
import type { UserPosition, UserQuery, UserRecord, UserSlice } from '../../../src/domain/users/storage.ts';
import type { NewLeftAddress, PutTries, Rows, TriesKey, UserKey } from '../../../src/storage/rows.ts';

type ApiKeyRow = NewApiKey & { readonly wasSealed: boolean; readonly revokedAt: number | null };
type UserRow = Omit<UserRecord, 'hasPassword'> & UserCredentials;
type OrganizationRow = Organization & { readonly sessionGeneration: number };
type SessionRow = Omit<SessionDetails, 'email' | 'fullname' | 'roles' | 'emailVerified'> & {
  readonly generation: number;
  readonly wrongPasswords: number;
};
type TriesRow = TriesKey & PutTries;
type MailRow = OutboxMail & Pick<NewMail, 'callerClass'> & { readonly leaseId: string; readonly leasedUntil: number };
type RecoveryCodeRow = UserKey & { readonly digest: Uint8Array };
type LoginCodeTriesRow = UserKey & { readonly wrongCodes: number };
type NonceRow = { readonly nonceId: string; readonly keepUntil: number };

/** Of a user who was never anything else. */
const NEW_CREDENTIALS = {
  credentialVersion: 1,
  passwordUnprovenSince: null,
  addressVersion: 0,
  hasSecondFactor: false,
  mustChangePassword: false,
} as const;

/** What a store in memory holds, by primary key. */
export class MemoryTables {
  identities = new Map<string, StoreIdentity>();
  organizations = new Map<string, OrganizationRow>();
  endedGenerations = new Map<string, number>();
  apiKeys = new Map<string, ApiKeyRow>();
  users = new Map<string, UserRow>();
  leftAddresses = new Map<string, NewLeftAddress>();
  secondFactors = new Map<string, SecondFactor>();
  recoveryCodes = new Map<string, RecoveryCodeRow>();
  loginCodeTries = new Map<string, LoginCodeTriesRow>();
  loginChallenges = new Map<string, LoginChallenge>();
  sessions = new Map<string, SessionRow>();
  nonces = new Map<string, NonceRow>();
  loginTries = new Map<string, TriesRow>();
  mailRequests = new Map<string, NewMailRequest>();
  mailBudgets = new Map<string, SpentBudget>();
  mails = new Map<string, MailRow>();
  signingKeys = new Map<string, SigningKeyRecord>();
  auditEvents = new Map<string, AuditEvent & { readonly position: number }>();

  /** As they are now, to be gone back to by {@link restore}. Rows are never edited, so that maps are enough. */
  copy(): MemoryTables {
    return Object.assign(
      new MemoryTables(),
      Object.fromEntries(Object.entries(this).map(([name, table]) => [name, new Map(table)])),
    );
  }

  restore(copy: MemoryTables): void {
    Object.assign(this, copy);
  }
}

/** The rows of a store in memory. Nothing is decided here. */
export function memoryRows(tables: MemoryTables): Rows {
  const find = <Row>(table: ReadonlyMap<string, Row>, matches: (row: Row) => boolean): Row | null =>
    [...table.values()].find(matches) ?? null;
  const withUser = ({ generation, wrongPasswords: _, ...session }: SessionRow): readonly SessionDetails[] => {
    const { orgId, userId } = session;
    const user = tables.users.get(key(orgId, userId));
    const endedAt = tables.endedGenerations.get(key(orgId, String(generation))) ?? null;
    const revokedAt = session.revokedAt ?? endedAt;
    if (user === undefined) {
      return [];
    }
    const { email, fullname, roles, emailVerifiedAt } = user;
    return [{ ...session, revokedAt, email, fullname, roles, emailVerified: emailVerifiedAt !== null }];
  };
  const unrevoked = (orgId: string, generation: number) =>
    [...tables.sessions.values()].filter(
      (session) => session.orgId === orgId && session.generation === generation && session.revokedAt === null,
    );
  const isUsers =
    (orgId: string, userId: string | null) =>
    (session: SessionRow): boolean =>
      session.orgId === orgId && (userId === null || session.userId === userId);
  const triesOf = (orgId: string, email: string) =>
    [...tables.loginTries.values()]
      .filter((row) => row.orgId === orgId && row.email === email)
      .map(({ countedAs, tries }) => ({ countedAs, ...tries }))
      .toSorted((a, b) => (a.countedAs < b.countedAs ? -1 : 1));
  const userByEmail = (orgId: string, email: string) =>
    find(tables.users, (user) => user.orgId === orgId && user.email === email);

  const mailsById = (after: string | null) =>
    [...tables.mails.values()]
      .filter(({ mailId }) => mailId > (after ?? ''))
      .toSorted((a, b) => (a.mailId < b.mailId ? -1 : 1));
  const keyOf = (hash: Uint8Array) => find(tables.apiKeys, ({ apiKeyHash }) => Buffer.compare(apiKeyHash, hash) === 0);
  const closedAt = (orgId: string) => tables.organizations.get(orgId)?.closedAt ?? null;

  const lastPosition = () => Math.max(0, ...[...tables.auditEvents.values()].map(({ position }) => position));

  return {
    clock: { notAfter: (at) => at },
    appliedMigrations: { list: () => [] },
    identity: {
      find: () => tables.identities.get('') ?? null,
      insert: (identity) => add(tables.identities, '', identity),
      setEpoch: (epoch) => change(tables.identities, '', { epoch }),
      replaceSecretCheck: (from, to) =>
        isEqual(tables.identities.get('')?.secretCheck, from) && changed(tables.identities, '', { secretCheck: to }),
    },
    organizations: {
      find: (orgId) => mapped(tables.organizations.get(orgId) ?? null, toOrganization),
      findByNameKey: (nameKey) =>
        mapped(
          find(tables.organizations, (each) => each.nameKey === nameKey),
          toOrganization,
        ),
      list: (page) => pageOf([...tables.organizations.values()].map(toOrganization), page, ({ orgId }) => orgId),
      listWithoutPrivateKey(page) {
        const isPrivate = ({ wasSealed, revokedAt, kind }: ApiKeyRow) =>
          !wasSealed && revokedAt === null && kind === 'api';
        const withKey = new Set([...tables.apiKeys.values()].filter(isPrivate).map(({ orgId }) => orgId));
        const open = [...tables.organizations.values()].filter(({ closedAt }) => closedAt === null);
        const without = open.filter(({ orgId }) => !withKey.has(orgId)).map(toOrganization);
        return pageOf(without, page, ({ orgId }) => orgId);
      },
      insert: (organization) =>
        find(tables.organizations, ({ nameKey }) => nameKey === organization.nameKey) === null &&
        add(tables.organizations, organization.orgId, { ...organization, sessionGeneration: 0 }),
      update: ({ orgId, ...changes }) => change(tables.organizations, orgId, changes),
      setClosedAt: (orgId, closedAt) => change(tables.organizations, orgId, { closedAt }),
      findSessionGeneration: (orgId) => tables.organizations.get(orgId)?.sessionGeneration ?? null,
      endSessionGeneration({ orgId, generation, endedAt }) {
        insert(tables.endedGenerations, key(orgId, String(generation)), endedAt);
        change(tables.organizations, orgId, { sessionGeneration: generation + 1 });
      },
    },
    apiKeys: {
      findByHash(hash) {
        const row = keyOf(hash);
        if (row === null || row.kind !== 'api') {
          return null;
        }
        const { keyId, orgId, wasSealed, revokedAt } = row;
        return { keyId, orgId, wasSealed, revokedAt, organizationClosedAt: closedAt(orgId) };
      },
      findManagementByHash(hash) {
        const row = keyOf(hash);
        if (row === null || row.kind === 'api') {
          return null;
        }
        const { keyId, orgId, kind, impersonate, revokedAt } = row;
        return { keyId, orgId, kind, impersonate, revokedAt, organizationClosedAt: closedAt(orgId) };
      },
      find: (orgId, keyId) => mapped(tables.apiKeys.get(key(orgId, keyId)) ?? null, toApiKey),
      findTokenKey: (orgId) =>
        mapped(
          find(tables.apiKeys, (row) => row.orgId === orgId && row.inTokens),
          ({ keyId, sealedApiKey }) => ({ keyId, sealedApiKey }),
        ),
      list: (orgId, page) =>
        pageOf(
          [...tables.apiKeys.values()].filter((row) => row.orgId === orgId),
          page,
          ({ keyId }) => keyId,
        ).map(toApiKey),
      listSealed: (after, limit) =>
        [...tables.apiKeys.values()]
          .flatMap(({ orgId, keyId, sealedApiKey }) => (sealedApiKey === null ? [] : [{ orgId, keyId, sealedApiKey }]))
          .toSorted((a, b) => (key(a.orgId, a.keyId) < key(b.orgId, b.keyId) ? -1 : 1))
          .filter((row) => after === null || key(row.orgId, row.keyId) > key(after.orgId, after.keyId))
          .slice(0, limit),
      replaceSealed: ({ orgId, keyId, from, to }) =>
        isEqual(tables.apiKeys.get(key(orgId, keyId))?.sealedApiKey, from) &&
        changed(tables.apiKeys, key(orgId, keyId), { sealedApiKey: to }),
      insert(row) {
        insert(tables.apiKeys, key(row.orgId, row.keyId), {
          ...row,
          wasSealed: row.sealedApiKey !== null,
          revokedAt: null,
        });
      },
      clearTokenKey(orgId) {
        const row = find(tables.apiKeys, (each) => each.orgId === orgId && each.inTokens);
        change(tables.apiKeys, key(orgId, row?.keyId ?? ''), { inTokens: false, sealedApiKey: null });
      },
      setRevokedAt: (orgId, keyId, revokedAt) =>
        change(tables.apiKeys, key(orgId, keyId), { revokedAt, inTokens: false, sealedApiKey: null }),
    },
    users: {
      find: (orgId, userId) => mapped(tables.users.get(key(orgId, userId)) ?? null, toUser),
      findByEmail: (orgId, email) => mapped(userByEmail(orgId, email), toUser),
      findCredentials: (orgId, userId) => mapped(tables.users.get(key(orgId, userId)) ?? null, toCredentials),
      findCredentialsByEmail: (orgId, email) => mapped(userByEmail(orgId, email), toCredentials),
      list: (orgId, page) =>
        pageOf(
          [...tables.users.values()].filter((user) => user.orgId === orgId),
          page,
          ({ userId }) => userId,
        ).map(toUser),
      count: (orgId, most) => Math.min(most, [...tables.users.values()].filter((user) => user.orgId === orgId).length),
      search(query, most) {
        const { search } = query;
        const own = [...tables.users.values()].filter((user) => user.orgId === query.orgId);
        const begins = (text: string, prefix: string | null | undefined) => prefix != null && text.startsWith(prefix);
        const emails = own.filter(({ email }) => begins(email, search?.email));
        const names = own.flatMap(({ fullname }) => nameWords(fullname).filter((word) => begins(word, search?.name)));
        return emails.length > most || names.length > most ? null : sliceOf(own, query, Number.POSITIVE_INFINITY);
      },
      walk: (query, lookedAt) =>
        sliceOf(
          [...tables.users.values()].filter((user) => user.orgId === query.orgId),
          query,
          lookedAt,
        ),
      insert(user) {
        const { userId, orgId, email, fullname, passwordHash, createdAt } = user;
        const { emailVerifiedAt, roles, publicMetadata, privateMetadata } = user;
        const row = {
          ...{ userId, orgId, email, fullname, passwordHash, createdAt, emailVerifiedAt, roles },
          ...{ publicMetadata, privateMetadata },
          ...NEW_CREDENTIALS,
          disabledAt: null,
        };
        return userByEmail(user.orgId, user.email) === null && insert(tables.users, key(user.orgId, user.userId), row);
      },
      insertImported(orgId, user) {
        const row = { ...user, orgId, ...NEW_CREDENTIALS };
        return userByEmail(orgId, user.email) === null && insert(tables.users, key(orgId, user.userId), row);
      },
      listHashed: (orgId, page) =>
        pageOf(
          [...tables.users.values()].filter((user) => user.orgId === orgId),
          page,
          ({ userId }) => userId,
        ).map((user) => ({ ...toUser(user), passwordHash: user.passwordHash })),
      setPassword: ({ orgId, userId }, password) => change(tables.users, key(orgId, userId), password),
      setHasSecondFactor({ orgId, userId }, hasSecondFactor) {
        const credentialVersion = (tables.users.get(key(orgId, userId))?.credentialVersion ?? 0) + 1;
        change(tables.users, key(orgId, userId), { hasSecondFactor, credentialVersion });
      },
      setEmail({ orgId, userId }, email) {
        const owner = userByEmail(orgId, email.email);
        const isFree = owner === null || owner.userId === userId;
        return isFree && changed(tables.users, key(orgId, userId), email);
      },
      setEmailVerified: ({ orgId, userId }, verified) => change(tables.users, key(orgId, userId), verified),
      setFullname: ({ orgId, userId }, fullname) => change(tables.users, key(orgId, userId), { fullname }),
      update(user) {
        const { orgId, userId, email, fullname, emailVerifiedAt, roles, publicMetadata, privateMetadata } = user;
        const changes = { email, fullname, emailVerifiedAt, roles, publicMetadata, privateMetadata };
        const before = tables.users.get(key(orgId, userId));
        const addressVersion = (before?.addressVersion ?? 0) + Number(before?.email !== email);
        change(tables.users, key(orgId, userId), { ...changes, addressVersion });
      },
      indexNames: () => 0,
      setDisabledAt: (orgId, userId, disabledAt) => change(tables.users, key(orgId, userId), { disabledAt }),
      raiseCredentialVersion({ orgId, userId }) {
        const credentialVersion = (tables.users.get(key(orgId, userId))?.credentialVersion ?? 0) + 1;
        change(tables.users, key(orgId, userId), { credentialVersion });
      },
      remove(orgId, userId) {
        tables.users.delete(key(orgId, userId));
      },
    },
    sessions: {
      find: (orgId, sessionId) =>
        [tables.sessions.get(key(orgId, sessionId)) ?? []].flat().flatMap(withUser).map(toSession)[0] ?? null,
      list: (orgId, userId, page) =>
        pageOf(
          [...tables.sessions.values()].filter(isUsers(orgId, userId)).flatMap(withUser),
          page,
          ({ sessionId }) => sessionId,
        ),
      listLive: (orgId, userId, at) =>
        unrevoked(orgId, tables.organizations.get(orgId)?.sessionGeneration ?? 0)
          .filter(isUsers(orgId, userId))
          .filter(({ actor, expiresAt }) => actor === null && expiresAt > at)
          .toSorted((a, b) => b.createdAt - a.createdAt || (b.sessionId < a.sessionId ? -1 : 1))
          .flatMap(withUser),
      listUnrevoked: (orgId, userId) =>
        unrevoked(orgId, tables.organizations.get(orgId)?.sessionGeneration ?? 0).filter(isUsers(orgId, userId)),
      hasUnrevoked: (orgId, generation) => unrevoked(orgId, generation).length > 0,
      countEnded({ orgId, generation, endedAt }, after, limit) {
        const ids = [...tables.sessions.values()].filter(isUsers(orgId, null)).map(({ sessionId }) => sessionId);
        const slice = ids
          .toSorted()
          .filter((id) => id > after)
          .slice(0, limit);
        const lived = unrevoked(orgId, generation).filter(
          ({ sessionId, expiresAt }) => slice.includes(sessionId) && expiresAt > endedAt,
        );
        return { lived: lived.length, last: slice.at(-1) ?? null };
      },
      insert({ tenant: { orgId }, sessionId, userId, createdAt, expiresAt, actor, device }) {
        const generation = tables.organizations.get(orgId)?.sessionGeneration ?? 0;
        const begun = { revokedAt: null, generation, wrongPasswords: 0, lastUsedAt: null };
        const row = { orgId, sessionId, userId, createdAt, expiresAt, actor, ...device, ...begun };
        insert(tables.sessions, key(orgId, sessionId), row);
      },
      setExpiresAt: (orgId, sessionId, expiresAt) => change(tables.sessions, key(orgId, sessionId), { expiresAt }),
      setRevokedAt: (orgId, sessionId, revokedAt) => change(tables.sessions, key(orgId, sessionId), { revokedAt }),
      countWrongPassword(orgId, sessionId) {
        const id = key(orgId, sessionId);
        const wrongPasswords = (tables.sessions.get(id)?.wrongPasswords ?? -1) + 1;
        change(tables.sessions, id, { wrongPasswords });
        return wrongPasswords;
      },
      clearWrongPasswords: (orgId, sessionId) => change(tables.sessions, key(orgId, sessionId), { wrongPasswords: 0 }),
      recordUses(uses, keptMs) {
        for (const { orgId, sessionId, usedAt, clientIp, userAgent } of uses) {
          const row = tables.sessions.get(key(orgId, sessionId));
          if (row !== undefined && (row.lastUsedAt ?? row.createdAt) <= usedAt - keptMs) {
            const device = { clientIp: clientIp || row.clientIp, userAgent: userAgent || row.userAgent };
            change(tables.sessions, key(orgId, sessionId), { lastUsedAt: usedAt, ...device });
          }
        }
      },
      removeExpired: (before, limit) => removeFirst(tables.sessions, limit, ({ expiresAt }) => expiresAt < before),
    },
    spentNonces: {
      insert: ({ nonceId, keepUntil }) => add(tables.nonces, nonceId, { nonceId, keepUntil }),
      remove(nonceId) {
        tables.nonces.delete(nonceId);
      },
      removeExpired: (before, limit) => removeFirst(tables.nonces, limit, ({ keepUntil }) => keepUntil < before),
    },
    leftAddresses: {
      find(orgId, userId, addressVersion) {
        const left = tables.leftAddresses.get(key(orgId, userId, String(addressVersion)));
        return left === undefined ? null : { email: left.email, leftAt: left.leftAt };
      },
      isKept: (orgId, email, { exceptFor, after, before }) =>
        find(
          tables.leftAddresses,
          (left) =>
            left.orgId === orgId &&
            left.email === email &&
            left.userId !== exceptFor &&
            left.wasProven &&
            left.leftAt > after &&
            left.leftAt < before,
        ) !== null,
      insert(left) {
        insert(tables.leftAddresses, key(left.orgId, left.userId, String(left.addressVersion)), left);
      },
      removeFrom(orgId, userId, addressVersion) {
        for (const [at, left] of tables.leftAddresses) {
          if (left.orgId === orgId && left.userId === userId && left.addressVersion >= addressVersion) {
            tables.leftAddresses.delete(at);
          }
        }
      },
      removeExpired: (before, limit) => removeFirst(tables.leftAddresses, limit, ({ leftAt }) => leftAt < before),
    },
    secondFactors: {
      find: (orgId, userId) => tables.secondFactors.get(key(orgId, userId)) ?? null,
      put(factor) {
        tables.secondFactors.set(key(factor.orgId, factor.userId), factor);
      },
      remove(orgId, userId) {
        tables.secondFactors.delete(key(orgId, userId));
        removeAll(tables.recoveryCodes, isOf(orgId, userId));
      },
      countRecoveryCodes: (orgId, userId) => [...tables.recoveryCodes.values()].filter(isOf(orgId, userId)).length,
      putRecoveryCodes(orgId, userId, digests) {
        removeAll(tables.recoveryCodes, isOf(orgId, userId));
        for (const digest of digests) {
          insert(tables.recoveryCodes, key(orgId, userId, textOf(digest)), { orgId, userId, digest });
        }
      },
      removeRecoveryCode: (orgId, userId, digest) => tables.recoveryCodes.delete(key(orgId, userId, textOf(digest))),
      findLoginCodeTries: (orgId, userId, callerClass) =>
        tables.loginCodeTries.get(key(orgId, userId, callerClass))?.wrongCodes ?? 0,
      putLoginCodeTries(orgId, userId, callerClass, wrongCodes) {
        tables.loginCodeTries.set(key(orgId, userId, callerClass), { orgId, userId, wrongCodes });
      },
      removeLoginCodeTries: (orgId, userId) => removeAll(tables.loginCodeTries, isOf(orgId, userId)),
      listSealed: (after, limit) =>
        [...tables.secondFactors.values()]
          .filter(({ sealedSecret, pendingSecret }) => sealedSecret !== null || pendingSecret !== null)
          .toSorted((a, b) => (key(a.orgId, a.userId) < key(b.orgId, b.userId) ? -1 : 1))
          .filter(({ orgId, userId }) => after === null || key(orgId, userId) > key(after.orgId, after.userId))
          .slice(0, limit)
          .map(({ orgId, userId, sealedSecret, pendingSecret }) => ({ orgId, userId, sealedSecret, pendingSecret })),
    },
    loginChallenges: {
      find: (orgId, challengeId) => tables.loginChallenges.get(key(orgId, challengeId)) ?? null,
      hold: (empty) => tables.loginChallenges.get(key(empty.orgId, empty.challengeId)) ?? empty,
      listOfUser: (orgId, userId) =>
        [...tables.loginChallenges.values()]
          .filter(isOf(orgId, userId))
          .toSorted((a, b) => a.createdAt - b.createdAt || (a.challengeId < b.challengeId ? -1 : 1)),
      put(challenge) {
        tables.loginChallenges.set(key(challenge.orgId, challenge.challengeId), challenge);
      },
      clearCodes({ orgId, userId, kind, callerClass }) {
        for (const [id, challenge] of tables.loginChallenges) {
          const isLike = challenge.kind === kind && challenge.callerClass === callerClass;
          if (isLike && isOf(orgId, userId)(challenge)) {
            change(tables.loginChallenges, id, { codeDigest: null });
          }
        }
      },
      remove(orgId, challengeId) {
        tables.loginChallenges.delete(key(orgId, challengeId));
      },
      removeOfUser: (orgId, userId) => removeAll(tables.loginChallenges, isOf(orgId, userId)),
      removeExpired: (before, limit) =>
        removeFirst(tables.loginChallenges, limit, ({ expiresAt }) => expiresAt < before),
    },
    loginTries: {
      look: (orgId, email, nonceId) => ({
        isNonceSpent: tables.nonces.has(nonceId),
        user: userByEmail(orgId, email),
        tries: triesOf(orgId, email),
      }),
      list: triesOf,
      hold: ({ orgId, email, countedAs }) => tables.loginTries.get(key(orgId, email, countedAs))?.tries ?? NO_TRIES,
      put({ orgId, email, countedAs }, counted) {
        const id = key(orgId, email, countedAs);
        const part = tables.loginTries.get(id)?.part ?? counted.part;
        tables.loginTries.set(id, { orgId, email, countedAs, ...counted, part });
      },
      remove({ orgId, email, countedAs }) {
        tables.loginTries.delete(key(orgId, email, countedAs));
      },
      holdAll: triesOf,
      removeAll(orgId, email) {
        for (const { countedAs } of triesOf(orgId, email)) {
          tables.loginTries.delete(key(orgId, email, countedAs));
        }
      },
      removeSurplus({ orgId, countedAs, part }, most) {
        const unknown = [...tables.loginTries.values()]
          .filter((row) => row.orgId === orgId && row.countedAs === countedAs && row.part === part && !row.isUser)
          .toSorted((a, b) => b.at - a.at || (a.email < b.email ? 1 : -1));
        for (const { email } of unknown.slice(most)) {
          tables.loginTries.delete(key(orgId, email, countedAs));
        }
      },
      removeExpired: (before, limit) =>
        removeFirst(tables.loginTries, limit, ({ isUser, part, at }) => !isUser && part === TOLD_PART && at < before),
    },
    mailRequests: {
      count: (orgId, callerClass, most) =>
        Math.min(
          most,
          [...tables.mailRequests.values()].filter((row) => row.orgId === orgId && row.callerClass === callerClass)
            .length,
        ),
      put(request) {
        const id = key(request.orgId, request.requestKey);
        tables.mailRequests.set(id, { ...request, at: tables.mailRequests.get(id)?.at ?? request.at });
      },
      list: (limit) => [...tables.mailRequests.values()].toSorted((a, b) => a.at - b.at).slice(0, limit),
      remove({ orgId, requestKey, sealedRequest }) {
        const id = key(orgId, requestKey);
        return isEqual(tables.mailRequests.get(id)?.sealedRequest, sealedRequest) && tables.mailRequests.delete(id);
      },
      removeExpired: (before, limit) => removeFirst(tables.mailRequests, limit, ({ at }) => at < before),
    },
    mailBudgets: {
      hold: (orgId, budgetKey) => tables.mailBudgets.get(key(orgId, budgetKey)) ?? UNSPENT,
      put(orgId, budgetKey, spent) {
        tables.mailBudgets.set(key(orgId, budgetKey), spent);
      },
      removeExpired: (before, limit) =>
        removeFirst(tables.mailBudgets, limit, (spent) => keepBudgetUntil(spent) < before),
    },
    mails: {
      insert({ orgId, mailId, userId, kind, callerClass, sealedMail, at }, keepUntil) {
        const row = { orgId, mailId, userId, kind, callerClass, sealedMail, createdAt: at, dueAt: at, keepUntil };
        const untried = { state: 'waiting', attempts: 0, fault: '', leaseId: '', leasedUntil: 0 } as const;
        insert(tables.mails, key(orgId, mailId), { ...row, ...untried });
      },
      find: (mailId) =>
        mapped(
          find(tables.mails, (row) => row.mailId === mailId),
          toOutboxMail,
        ),
      findLeased: ({ orgId, mailId, leaseId }) =>
        mapped(
          find(tables.mails, (row) => row.orgId === orgId && row.mailId === mailId && row.leaseId === leaseId),
          toMailRecord,
        ),
      list: (orgId, after, limit) =>
        mailsById(after)
          .filter((row) => orgId === null || row.orgId === orgId)
          .slice(0, limit)
          .map(toMailRecord),
      listSealed: (after, limit) =>
        mailsById(after)
          .slice(0, limit)
          .map(({ orgId, mailId, sealedMail }) => ({ orgId, mailId, from: sealedMail })),
      replaceSealed: ({ orgId, mailId, from, to }) =>
        isEqual(tables.mails.get(key(orgId, mailId))?.sealedMail, from) &&
        changed(tables.mails, key(orgId, mailId), { sealedMail: to }),
      count(at) {
        const all = [...tables.mails.values()];
        const of = (state: MailState) => all.filter((row) => row.state === state).length;
        const due = all.filter(({ state }) => state === 'waiting').map(({ dueAt }) => dueAt);
        const oldest = Math.min(at, ...due, ...[...tables.mailRequests.values()].map((row) => row.at));
        return { waiting: of('waiting'), kept: of('kept'), failed: of('failed'), oldestDueMs: at - oldest };
      },
      hasDue: (at) =>
        [...tables.mails.values()].some((row) => row.state === 'waiting' && row.dueAt <= at && row.leasedUntil <= at),
      lease({ leaseId, at, leaseMs, limit, lastTurn }) {
        const due = [...tables.mails.values()]
          .filter((row) => row.state === 'waiting' && row.dueAt <= at && row.leasedUntil <= at)
          .toSorted((a, b) => a.attempts - b.attempts || a.dueAt - b.dueAt);
        const turnOf = ({ orgId, callerClass }: MailRow) => `${orgId} ${callerClass}`;
        const roundOf = (row: MailRow) => (turnOf(row) > lastTurn ? 0 : 1);
        const placeOf = (row: MailRow) => due.filter((other) => turnOf(other) === turnOf(row)).indexOf(row);
        const leased = due
          .toSorted((a, b) => placeOf(a) - placeOf(b) || roundOf(a) - roundOf(b) || (turnOf(a) < turnOf(b) ? -1 : 1))
          .slice(0, limit);
        for (const { orgId, mailId } of leased) {
          change(tables.mails, key(orgId, mailId), { leaseId, leasedUntil: at + leaseMs });
        }
        return leased.map((row) => ({ mailId: row.mailId, turn: turnOf(row) }));
      },
      change: (orgId, mailId, to) => change(tables.mails, key(orgId, mailId), { ...to, leaseId: '', leasedUntil: 0 }),
      requeue: (orgId, mailId, { at, keepUntil }) =>
        change(tables.mails, key(orgId, mailId), { state: 'waiting', dueAt: at, attempts: 0, fault: '', keepUntil }),
      remove(orgId, mailId) {
        tables.mails.delete(key(orgId, mailId));
      },
      removeWaiting({ orgId, userId, kind, callerClass, at }) {
        removeAll(
          tables.mails,
          (row) =>
            row.orgId === orgId &&
            row.userId === userId &&
            row.kind === kind &&
            row.callerClass === callerClass &&
            row.state === 'waiting' &&
            row.leasedUntil <= at,
        );
      },
      removeOfUser(orgId, userId) {
        removeAll(tables.mails, isOf(orgId, userId));
      },
      removeExpired: (before, limit) => removeFirst(tables.mails, limit, ({ keepUntil }) => keepUntil < before),
    },
    signingKeys: {
      find: (kid) => tables.signingKeys.get(kid) ?? null,
      list: () => [...tables.signingKeys.values()],
      insert(row) {
        insert(tables.signingKeys, row.kid, row);
      },
      setRetiredAt: (kid, retiredAt) => change(tables.signingKeys, kid, { retiredAt }),
      setVerifiesUntil: (kid, verifiesUntil) => change(tables.signingKeys, kid, { verifiesUntil }),
      replaceSealed: ({ kid, from, to }) =>
        isEqual(tables.signingKeys.get(kid)?.sealedPrivateKey, from) &&
        changed(tables.signingKeys, kid, { sealedPrivateKey: to }),
      remove(kid) {
        tables.signingKeys.delete(kid);
      },
    },
    auditEvents: {
      insert(event) {
        add(tables.auditEvents, event.eventId, { ...event, position: lastPosition() + 1 });
      },
      list({ orgId, userId, type, from, to, after, limit }, lookedAt) {
        const within = [...tables.auditEvents.values()].filter(
          (event) =>
            (orgId === null || event.orgId === orgId) &&
            event.createdAt >= (from ?? event.createdAt) &&
            event.createdAt < (to ?? Number.MAX_VALUE),
        );
        const looked = pageOf(within, { after, limit: lookedAt }, ({ eventId }) => eventId);
        const found = looked.filter(
          (event) => (userId === null || event.userId === userId) && (type === null || event.type === type),
        );
        const events = found.slice(0, limit);
        const end = found.length > limit ? events.at(-1) : looked[lookedAt - 1];
        return {
          events: events.map(({ position: _, ...event }) => event),
          next: end === undefined ? null : { createdAt: end.createdAt, id: end.eventId },
        };
      },
      lastPosition,
      firstPosition(from, lookedAt) {
        const after = { createdAt: from, id: '' };
        const looked = pageOf([...tables.auditEvents.values()], { after, limit: lookedAt }, ({ eventId }) => eventId);
        return looked.length === 0 ? null : Math.min(...looked.map(({ position }) => position));
      },
      listFeed: ({ after, missing, limit }) =>
        [...tables.auditEvents.values()]
          .filter(({ position }) => position > after || missing.includes(position))
          .toSorted((a, b) => a.position - b.position)
          .slice(0, limit),
      removeOlder({ at, keptMs, limit }) {
        const last = lastPosition();
        return removeFirst(
          tables.auditEvents,
          limit,
          ({ createdAt, position }) => createdAt < at - keptMs && position < last,
        );
      },
    },
  };
}

function key(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

/** Whether the key was free. */
function add<Row>(table: Map<string, Row>, id: string, row: Row): boolean {
  return !table.has(id) && table.set(id, row).has(id);
}

/** Throws where the key is taken, as a database does. */
function insert<Row>(table: Map<string, Row>, id: string, row: Row): true {
  if (!add(table, id, row)) {
    throw new Error('The primary key is taken.');
  }
  return true;
}

function isEqual(present: Uint8Array | null | undefined, from: Uint8Array): boolean {
  return present !== null && present !== undefined && Buffer.compare(present, from) === 0;
}

function changed<Row>(table: Map<string, Row>, id: string, values: Partial<Row>): true {
  change(table, id, values);
  return true;
}

function change<Row>(table: Map<string, Row>, id: string, values: Partial<Row>): void {
  const row = table.get(id);
  if (row !== undefined) {
    table.set(id, { ...row, ...values });
  }
}

function removeFirst<Row>(table: Map<string, Row>, limit: number, matches: (row: Row) => boolean): number {
  const removed = [...table].filter(([, row]) => matches(row)).slice(0, limit);
  for (const [id] of removed) {
    table.delete(id);
  }
  return removed.length;
}

function removeAll<Row>(table: Map<string, Row>, matches: (row: Row) => boolean): void {
  removeFirst(table, Number.POSITIVE_INFINITY, matches);
}

function isOf(orgId: string, userId: string): (row: UserKey) => boolean {
  return (row) => row.orgId === orgId && row.userId === userId;
}

function textOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('base64');
}

function mapped<Row, Mapped>(row: Row | null, map: (row: Row) => Mapped): Mapped | null {
  return row === null ? null : map(row);
}

function pageOf<Row extends { readonly createdAt: number }>(
  rows: readonly Row[],
  { after, limit }: PageRequest,
  idOf: (row: Row) => string,
): readonly Row[] {
  const isBefore = (a: Row, createdAt: number, id: string) =>
    a.createdAt < createdAt || (a.createdAt === createdAt && idOf(a) < id);
  return rows
    .filter((row) => after === null || (!isBefore(row, after.createdAt, after.id) && idOf(row) !== after.id))
    .toSorted((a, b) => (isBefore(a, b.createdAt, idOf(b)) ? -1 : 1))
    .slice(0, limit);
}

/** The users of one organization that a query asks for, among the next so many. */
function sliceOf(users: readonly UserRow[], query: UserQuery, lookedAt: number): UserSlice {
  const { order, after, limit, search, role, emailVerified, disabled, createdFrom, createdUntil } = query;
  const bytes = (text: string) => Buffer.from(text);
  const compare = (a: UserPosition, b: UserPosition) =>
    order === 'email'
      ? Buffer.compare(bytes(a.email), bytes(b.email))
      : a.createdAt - b.createdAt || (a.userId < b.userId ? -1 : Number(a.userId > b.userId));
  const looked = users
    .toSorted(compare)
    .filter((user) => after === null || compare(user, after) > 0)
    .filter(({ createdAt }) => order === 'email' || createdAt >= (createdFrom ?? createdAt))
    .slice(0, lookedAt);
  const matched = looked.filter(
    (user) =>
      user.createdAt >= (createdFrom ?? user.createdAt) &&
      user.createdAt < (createdUntil ?? Number.MAX_VALUE) &&
      (role === '' || user.roles.includes(role)) &&
      (emailVerified === null || (user.emailVerifiedAt !== null) === emailVerified) &&
      (disabled === null || (user.disabledAt !== null) === disabled) &&
      (search === null ||
        user.email.startsWith(search.email) ||
        (search.name !== null && nameWords(user.fullname).some((word) => word.startsWith(search.name ?? '')))),
  );
  const page = matched.slice(0, limit);
  const edge = page.length === limit ? page.at(-1) : looked.length === lookedAt ? looked.at(-1) : undefined;
  const next = edge === undefined ? null : { userId: edge.userId, email: edge.email, createdAt: edge.createdAt };
  return { users: page.map(toUser), next };
}

function toOrganization({ sessionGeneration: _, ...organization }: OrganizationRow): Organization {
  return organization;
}

function toApiKey({ apiKeyHash: _, sealedApiKey: __, ...record }: ApiKeyRow): ApiKeyRecord {
  return record;
}

function toSession({ clientIp: _, userAgent: __, ...session }: SessionDetails): SessionRecord {
  return session;
}

function toUser({
  credentialVersion,
  passwordUnprovenSince,
  addressVersion,
  passwordHash,
  mustChangePassword,
  ...user
}: UserRow): UserRecord {
  return { ...user, hasPassword: passwordHash !== null };
}

function toOutboxMail({ callerClass: _, leaseId: __, leasedUntil: ___, ...mail }: MailRow): OutboxMail {
  return mail;
}

function toMailRecord({
  callerClass: _,
  leaseId: __,
  leasedUntil: ___,
  sealedMail: ____,
  ...mail
}: MailRow): MailRecord {
  return mail;
}

function toCredentials({ createdAt: _, publicMetadata: __, privateMetadata: ___, ...user }: UserRow): UserCredentials {
  return user;
}
