import { randomBytes, randomUUID } from 'node:crypto';
import type { Storage } from '../../../src/domain/storage.ts';
import type { WriteName } from '../../../src/storage/operations.ts';
import { UNCOUNTED } from '../../support/storage/uncounted.ts';
import {
  answer,
  challenged,
  challengeSeed,
  claimOf,
  confirmation,
  digests,
  enrol,
  FIRST_STEP,
  login,
  loginCodeTry,
  mailCode,
  mailedCode,
  proven as provenBy,
  totp,
  tryOf,
} from '../contract/factor-scene.ts';
import {
  addedUser,
  addOrganization,
  addSession,
  addUser,
  apiKey,
  auditEvent,
  EPOCH,
  HOUR,
  importedUser,
  KID,
  loginAttempt,
  mailRequest,
  NOW,
  newMail,
  newSession,
  newUser,
  nonce,
  type Org,
  organization,
  populate,
  queued,
  signingKey,
  storeIdentity,
  tokenKey,
} from '../fixtures.ts';

/** A try that was counted for callers with a private key. */
const PRIVATE_TRY = { countedAs: 'private_key', userId: null, lock: UNCOUNTED.lock } as const;

/** A write with what it is asked for, and what it says where nothing goes wrong. */
export interface AskedWrite {
  readonly name: WriteName;
  /** Asks it of a handle; the same ids each time. */
  ask(storage: Storage): Promise<unknown>;
}

/** Fills a store, and gives one of every write that has something to do in it. */
export async function everyWrite(storage: Storage): Promise<readonly AskedWrite[]> {
  const { org, user } = await populate(storage);
  const { orgId, keyId } = org;
  const { userId } = user;
  const session = await addSession(storage, org, user);
  await addSession(storage, org, user);
  // Expired by the hour that is swept.
  await addSession(storage, org, user, { expiresAt: NOW + 1 });
  const closed = await addOrganization(storage);
  await storage.closeOrganization(closed.orgId, NOW);
  const disabled = await addUser(storage, org);
  await storage.disableUser(orgId, disabled.userId, NOW);
  const tried = await addUser(storage, org);
  await storage.beginLogin(loginAttempt(org, tried));
  const request = mailRequest(orgId);
  await storage.requestMail(request, true);
  const [leased, shown] = [newMail(user), newMail(user)];
  await queued(storage, leased);
  await storage.leaseMails({ leaseId: 'a lease', at: NOW, leaseMs: HOUR, limit: 1, lastTurn: '' });
  await queued(storage, shown);
  const { factored, challenge, setup, demanded, both } = await challengesIn(storage, org);
  const mailed = mailedCode(org, tried);
  await mailCode(storage, org, tried, mailed);
  const created = organization();
  const at = NOW + 2;
  const proof = { orgId, userId, email: user.email, epoch: EPOCH, at };
  const own = { tenant: org, ...session, kid: KID };
  const proven = { ...own, credentialVersion: 1, isProven: true, code: null, at };

  const asked: { readonly [Name in WriteName]: Parameters<Storage[Name]> } = {
    initialize: [storeIdentity(), signingKey()],
    beginEpoch: [randomUUID(), signingKey(), at],
    renewEpoch: [randomUUID()],
    ping: [],
    sweep: [NOW + HOUR, 100],
    addSigningKey: [signingKey(), at],
    replaceSecretCheck: [
      {
        from: (await storage.readStoreIdentity())?.secretCheck ?? Buffer.of(),
        to: Buffer.from('other'),
        compromised: { epoch: randomUUID(), signingKey: signingKey(), at },
        rotated: { secretId: '0123abcd', previousSecretId: null },
      },
    ],
    resealApiKeys: [
      (await storage.listSealedApiKeys(null, 10)).map(({ sealedApiKey, ...place }) => ({
        ...place,
        from: sealedApiKey,
        to: Buffer.from('sealed anew'),
      })),
    ],
    resealSigningKeys: [
      (await storage.listSigningKeys()).map(({ kid, sealedPrivateKey }) => ({
        kid,
        from: sealedPrivateKey,
        to: Buffer.from('sealed anew'),
      })),
    ],
    addSigningKeyWhenDue: [signingKey({ createdAt: NOW + HOUR }), 1],
    createOrganization: [created, tokenKey(created.orgId)],
    updateOrganization: [orgId, { mailApproved: false, settings: { locale: 'de' } }],
    closeOrganization: [orgId, at],
    reopenOrganization: [closed.orgId],
    createApiKey: [apiKey(orgId, { inTokens: true, sealedApiKey: Buffer.from('sealed') })],
    revokeApiKey: [{ orgId, keyId, at, endSessions: true }],
    beginSignUp: [{ orgId, keyId, email: 'new@example.com', nonce: nonce() }],
    createUser: [newUser(org)],
    addUser: [addedUser(orgId), null],
    impersonate: [newSession(org, user, { actor: 'administrator' }), { manager: null, reason: 'a ticket' }],
    recordMailToken: [{ orgId, userId, manager: null, at, credentialVersion: 1 }, 'reset_password'],
    manageUser: [
      { orgId, userId, manager: { keyId, protectedRoles: ['owner'] }, at },
      { kind: 'update', update: { email: 'moved@example.com', roles: ['editor'] } },
    ],
    beginLogin: [loginAttempt(org, user)],
    endTry: [
      {
        orgId,
        email: tried.email,
        ...PRIVATE_TRY,
        userId: tried.userId,
        endId: randomUUID(),
        sessionId: null,
        end: 'failed',
        at,
      },
    ],
    createSession: [
      newSession(org, user, {
        rehash: { from: user.passwordHash, to: '$2b$upgraded' },
        maxLiveSessions: 2,
        attempt: { email: tried.email, ...PRIVATE_TRY },
      }),
    ],
    changePassword: [
      {
        tenant: org,
        userId,
        sessionId: session.sessionId,
        kid: KID,
        credentialVersion: 1,
        passwordHash: '$2b$new',
        isProven: true,
        at,
      },
    ],
    countCurrentPassword: [{ orgId, userId, sessionId: session.sessionId, most: 10, at }],
    endSession: [session, at],
    endUserSessions: [orgId, userId, at],
    renewSession: [{ ...own, signingKid: KID, lifetime: { ttlSeconds: 30 * 86_400, maxAgeSeconds: 60 * 86_400 }, at }],
    endMySessions: [{ ...own, endedId: null, at }],
    recordSessionUses: [
      [{ orgId, sessionId: session.sessionId, usedAt: NOW + HOUR, clientIp: '203.0.113.9', userAgent: 'curl' }],
    ],
    updateProfile: [{ ...own, fullname: 'Another Name', at }],
    disableUser: [orgId, userId, at],
    enableUser: [orgId, disabled.userId],
    setUserPassword: [orgId, userId, '$2b$set', at],
    unlockUser: [tried, NOW + HOUR],
    deleteUser: [orgId, userId, at],
    verifyEmail: [proof],
    resetPassword: [
      {
        ...proof,
        credentialVersion: 1,
        passwordHash: '$2b$reset',
        notice: newMail(user, { kind: 'password_was_reset' }),
      },
    ],
    requestEmailChange: [
      {
        ...proven,
        mail: newMail(user, { kind: 'change_email' }),
        warning: newMail(user, { kind: 'email_change_warning' }),
      },
    ],
    changeEmail: [{ ...proof, credentialVersion: 1, newEmail: 'wanted@example.com' }],
    takeEmailBack: [{ ...proof, addressVersion: 0, mail: newMail(user, { kind: 'reset_password' }) }],
    reportNotMe: [{ ...proof, mail: newMail(user, { kind: 'reset_password' }) }],
    deleteAccount: [proven],
    putPendingSecret: [
      { by: 'session', session: proven },
      { sealedSecret: randomBytes(60), until: NOW + HOUR },
    ],
    reserveCode: [tryOf(claimOf(org, challenge))],
    reserveLoginCode: [loginCodeTry(org, mailed)],
    completeChallenge: [
      {
        ...answer(claimOf(org, challenge), factored.user, { kind: 'recovery', digest: factored.digest }),
        notice: newMail(factored.user, { kind: 'recovery_code_used' }),
      },
    ],
    confirmSecret: [
      { by: 'challenge', claim: setup.claim },
      confirmation(setup.user, setup.sealedSecret, {
        newSession: newSession(setup.org, setup.user, { credentialVersion: 2 }),
        notice: newMail(setup.user, { kind: 'second_factor_enabled' }),
      }),
    ],
    removeSecondFactor: [factored.proven, newMail(factored.user, { kind: 'second_factor_disabled' })],
    replaceRecoveryCodes: [factored.proven, digests(), newMail(factored.user, { kind: 'recovery_codes_replaced' })],
    putEmailCode: [
      claimOf(org, challenge),
      {
        digest: randomBytes(32),
        until: NOW + HOUR,
        mail: newMail(factored.user, { kind: 'second_factor_code' }),
      },
    ],
    changePasswordByChallenge: [
      {
        claim: claimOf(org, demanded.challenge),
        userId: demanded.user.userId,
        credentialVersion: 2,
        passwordHash: '$2b$own',
        notice: newMail(demanded.user, { kind: 'password_changed' }),
      },
    ],
    resealFactor: [factored.sealed, { sealedSecret: randomBytes(60), pendingSecret: null }],
    importUsers: [orgId, [importedUser(), importedUser()]],
    recordAuditEvents: [[auditEvent(), auditEvent()]],
    removeAuditEvents: [{ at: Date.now(), keptMs: 0, limit: 2 }],
    requestMail: [mailRequest(orgId), true],
    answerMailRequest: [{ ...request, mail: newMail(user, { kind: 'login_code' }), loginCode: mailedCode(org, user) }],
    leaseMails: [{ leaseId: 'another', at, leaseMs: HOUR, limit: 10, lastTurn: '' }],
    endMailLease: [{ orgId, mailId: leased.mailId, leaseId: 'a lease', at, end: { end: 'sent' } }],
    showMail: [shown.mailId],
    retryMail: [shown.mailId, at],
    resealMail: [{ orgId, mailId: shown.mailId, from: shown.sealedMail, to: Buffer.from('sealed anew') }],
  };
  const inItsPlace = login(org, factored.user, 2, { challenge: challengeSeed() });
  const leadsOn = answer(claimOf(org, both.challenge), both.user, totp(FIRST_STEP + 1));
  return [
    ...Object.entries(asked).map(([name, args]) => ({
      name: name as WriteName,
      ask: (handle: Storage) => (handle[name as WriteName] as (...args: unknown[]) => Promise<unknown>)(...args),
    })),
    // What hands out a challenge.
    { name: 'createSession', ask: (handle) => handle.createSession(inItsPlace) },
    { name: 'completeChallenge', ask: (handle) => handle.completeChallenge(leadsOn) },
  ];
}

/** Users whose logins need more than a password, with challenges that were handed out to them. */
async function challengesIn(storage: Storage, org: Org) {
  const { orgId } = org;
  const factored = await addUser(storage, org);
  const { recoveryDigests } = await enrol(storage, org, factored);
  await storage.verifyEmail({ ...factored, epoch: EPOCH, at: NOW });
  const session = await addSession(storage, org, factored, { credentialVersion: 2 });
  const [sealed] = await storage.listSealedFactors(null, 1);
  const challenge = await challenged(storage, org, login(org, factored, 2));

  const strict = await addOrganization(storage, { settings: '{"second_factor":"required"}' });
  const setting = await addUser(storage, strict);
  const claim = claimOf(strict, await challenged(storage, strict, login(strict, setting, 1)));
  const sealedSecret = randomBytes(60);
  await storage.putPendingSecret({ by: 'challenge', claim }, { sealedSecret, until: NOW + HOUR });

  const managed = (userId: string) => ({ orgId, userId, manager: null, at: NOW });
  const given = { kind: 'set_password', passwordHash: '$2b$given', mustChange: true } as const;
  const demanded = await addUser(storage, org);
  await storage.manageUser(managed(demanded.userId), given);
  const both = await addUser(storage, org);
  await storage.manageUser(managed(both.userId), given);
  await enrol(storage, org, both, 2);
  return {
    factored: {
      user: factored,
      digest: recoveryDigests[0] ?? randomBytes(32),
      proven: provenBy(org, session, { credentialVersion: 2, code: totp(FIRST_STEP + 1) }),
      sealed: sealed ?? { orgId, userId: '', sealedSecret: null, pendingSecret: null },
    },
    challenge,
    setup: { org: strict, user: setting, claim, sealedSecret },
    demanded: { user: demanded, challenge: await challenged(storage, org, login(org, demanded, 2)) },
    both: { user: both, challenge: await challenged(storage, org, login(org, both, 3)) },
  };
}
