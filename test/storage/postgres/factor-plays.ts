import { randomBytes } from 'node:crypto';
import type { ProvenSession } from '../../../src/domain/accounts/storage.ts';
import type { NewSession, NewUser } from '../../../src/domain/auth/storage.ts';
import type { MailKind } from '../../../src/domain/mail/mail.ts';
import type { NewMail } from '../../../src/domain/mail/storage.ts';
import type { ChallengeAnswer, ChallengeClaim, CodeUse } from '../../../src/domain/second-factors/storage.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import type { WriteName } from '../../../src/storage/operations.ts';
import { answer, confirmation, loginCodeTry, mailedCode, tryOf } from '../contract/factor-scene.ts';
import { DAY, HOUR, NOW, newSession, type Org } from '../fixtures.ts';

/** The writes of second factors. */
export type FactorWrite = Extract<
  WriteName,
  | 'putPendingSecret'
  | 'reserveCode'
  | 'reserveLoginCode'
  | 'completeChallenge'
  | 'confirmSecret'
  | 'removeSecondFactor'
  | 'replaceRecoveryCodes'
  | 'putEmailCode'
  | 'changePasswordByChallenge'
  | 'resealFactor'
>;

/** A challenge that was handed out, or asked for; it may be spent. */
export interface PlayedChallenge {
  readonly orgId: string;
  readonly userId: string;
  readonly challengeId: string;
}

/** What the factors of an organization are played with. */
export interface FactorField {
  readonly storage: Storage;
  readonly org: Org;
  readonly tenant: { readonly orgId: string; readonly keyId: string };
  readonly user: NewUser;
  readonly challenges: PlayedChallenge[];
  readonly kid: string;
  readonly at: number;
  readonly maxLiveSessions: number;
  /** Whether sessions that end untold may end here. */
  readonly endsUntold: boolean;
  readonly random: () => number;
  proven(): Promise<ProvenSession>;
  mailTo(kind: MailKind): NewMail;
  tell(ended: number): void;
  opened(sessionId: string, userId: string): void;
}

/** Of few users and few challenges, most of which others have spent meanwhile. */
export function factorPlays(field: FactorField): Readonly<Record<FactorWrite, () => Promise<unknown>>> {
  const { storage, org, tenant, user, kid, at, random, mailTo } = field;
  const { orgId } = org;
  const own = field.challenges.filter((challenge) => challenge.orgId === orgId).slice(-12);
  const challenge = own[Math.floor(random() * own.length)] ?? { orgId, userId: user.userId, challengeId: 'none' };
  const { userId } = challenge;
  const claim = async (): Promise<ChallengeClaim> => {
    const epoch = (await storage.readStoreIdentity())?.epoch ?? '';
    return { orgId, challengeId: challenge.challengeId, epoch, keyId: tenant.keyId, at };
  };
  const version = async () => (await storage.findUserCredentials(orgId, userId))?.credentialVersion ?? 1;
  const nextStep = async (of = userId): Promise<CodeUse> => ({
    kind: 'totp',
    step: ((await storage.findSecondFactor(orgId, of))?.lastStep ?? 0) + 1,
  });
  const withCode = async () => {
    const proven = await field.proven();
    return { ...proven, code: await nextStep(proven.userId) };
  };
  const confirmationOf = async (of: string, opened: NewSession | null = null) => {
    const { pendingSecret } = (await storage.findSecondFactor(orgId, of)) ?? {};
    const { credentialVersion = 1 } = (await storage.findUserCredentials(orgId, of)) ?? {};
    return confirmation({ userId: of }, pendingSecret ?? randomBytes(60), { credentialVersion, newSession: opened });
  };
  const ofLoginCode = async () => loginCodeTry(org, mailedCode(org, user, challenge), await claim());

  return {
    async putPendingSecret() {
      const by =
        random() < 0.5
          ? ({ by: 'session', session: await field.proven() } as const)
          : ({ by: 'challenge', claim: await claim() } as const);
      await storage.putPendingSecret(by, { sealedSecret: randomBytes(60), until: NOW + DAY });
    },
    async reserveCode() {
      const { code: _, credentialVersion: __, isProven: ___, ...session } = await field.proven();
      await storage.reserveCode(
        random() < 0.3
          ? { by: 'session', session, method: 'totp', most: 1_000, isCounted: false }
          : tryOf(await claim(), random() < 0.5 ? 'totp' : 'setup'),
      );
    },
    reserveLoginCode: async () => storage.reserveLoginCode(await ofLoginCode()),
    async completeChallenge() {
      const { codeDigest = null } = (await storage.findLoginChallenge(orgId, challenge.challengeId)) ?? {};
      const used: ChallengeAnswer['used'] =
        codeDigest === null ? await nextStep() : { kind: 'email', digest: codeDigest };
      const of = { kid, createdAt: at, credentialVersion: await version(), maxLiveSessions: field.maxLiveSessions };
      const answered = answer(await claim(), { userId }, used, of);
      if ((await storage.completeChallenge(answered)).outcome === 'created') {
        field.opened(answered.session.sessionId, userId);
      }
    },
    async confirmSecret() {
      if (!field.endsUntold) {
        return;
      }
      if (random() < 0.5) {
        const { code: _, credentialVersion: __, isProven: ___, ...session } = await field.proven();
        await storage.confirmSecret({ by: 'session', session }, await confirmationOf(session.userId));
        return;
      }
      const newSessionOf = { kid, createdAt: at, credentialVersion: (await version()) + 1 };
      const opened = newSession(tenant, { userId }, newSessionOf);
      const by = { by: 'challenge', claim: await claim() } as const;
      const confirmed = await storage.confirmSecret(by, await confirmationOf(userId, opened));
      if (confirmed.outcome === 'confirmed' && confirmed.creation !== null) {
        field.opened(opened.sessionId, userId);
      }
    },
    async removeSecondFactor() {
      if (field.endsUntold) {
        await storage.removeSecondFactor(await withCode(), mailTo('second_factor_disabled'));
      }
    },
    replaceRecoveryCodes: async () =>
      storage.replaceRecoveryCodes(await withCode(), [randomBytes(32)], mailTo('recovery_codes_replaced')),
    putEmailCode: async () =>
      storage.putEmailCode(await claim(), {
        digest: randomBytes(32),
        until: NOW + HOUR,
        mail: mailTo('second_factor_code'),
      }),
    async changePasswordByChallenge() {
      const of = { claim: await claim(), userId, credentialVersion: await version() };
      const changed = await storage.changePasswordByChallenge({ ...of, passwordHash: '$2b$own', notice: null });
      field.tell(changed.outcome === 'changed' ? changed.endedSessions : 0);
    },
    async resealFactor() {
      const [factor] = await storage.listSealedFactors({ orgId, userId }, 1);
      if (factor !== undefined) {
        await storage.resealFactor(factor, { sealedSecret: factor.sealedSecret, pendingSecret: factor.pendingSecret });
      }
    },
  };
}
