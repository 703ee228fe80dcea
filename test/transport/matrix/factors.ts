import { HARD_LOCK_AT } from '../../../src/domain/auth/tries.ts';
import { AuthError } from '../../../src/domain/errors.ts';
import type { Ports } from '../../../src/domain/ports.ts';
import { MOST_WRONG_CODES, MOST_WRONG_RECOVERY_CODES } from '../../../src/domain/second-factors/challenge.ts';
import type { FactorUser } from '../../../src/domain/second-factors/codes.ts';
import { confirmTotp, readConfirmTotp } from '../../../src/domain/second-factors/confirm-totp.ts';
import { enableTotp, readEnableTotp } from '../../../src/domain/second-factors/enable-totp.ts';
import { requireIdentifiedTenant } from '../../../src/domain/tenant.ts';
import { givePassword, readGivenPassword } from '../../../src/domain/users/give-password.ts';
import { changeUser } from '../../../src/domain/users/manage-user.ts';
import { verifyEmail } from '../../support/asked.ts';
import { Authenticator } from '../../support/authenticator.ts';
import { bytesAsSql, putEmailCode } from '../../support/email-code.ts';
import type { TestServer } from '../../support/running-server.ts';
import { CALL, makersOf, PASSWORD } from './makers.ts';
import type { Tenant, TestUser } from './world.ts';

/** Organizations by what is special about their settings. */
const SETTINGS = {
  /** A second factor is demanded of everybody. */
  demanding: { second_factor: 'required' },
  /** No second factor is taken. */
  refusing: { second_factor: 'off' },
  /** A proven address is demanded, and a second factor. */
  verifying: { require_verified_email: 'true', second_factor: 'required' },
} as const;

/** Codes of mails log in. */
export const MAILING = { login_by_email: 'true' };

export type TenantName = 'acme' | keyof typeof SETTINGS;

/** What is special about a user. */
export interface UserTraits {
  readonly of?: TenantName;
  readonly isVerified?: boolean;
  readonly hasFactor?: boolean;
  /** Whether the password is one that an administrator gave, to be changed. */
  readonly mustChange?: boolean;
}

/** A user with what only they have; every password is `PASSWORD`. */
export interface LoginUser extends TestUser {
  readonly tenant: Tenant;
  /** Live, of the login before the factor was set up; '' where a login needs more. */
  readonly session: string;
  /** Of a secret that nobody knows where there is no factor. */
  readonly app: Authenticator;
  readonly recoveryCodes: readonly string[];
}

/** Makers of users with second factors, of challenges and codes, and what they stand on. */
export interface Factors extends Readonly<Record<keyof typeof SETTINGS, Tenant>> {
  user(traits?: UserTraits): Promise<LoginUser>;
  /** The challenge of a login with the right password, which needs more. */
  challenge(user: LoginUser): Promise<string>;
  /** A secret that waits to be confirmed, as an app knows it. */
  pendingApp(by: { readonly challenge: string } | LoginUser): Promise<Authenticator>;
  /** The code of a mail for a challenge, as if it had gone out: a mail on its way would change the store under a scenario. */
  emailCode(challenge: string): Promise<string>;
  /** The same of SendLoginCode, with its challenge. */
  loginCode(user: LoginUser): Promise<{ readonly challenge: string; readonly code: string }>;
  /** A challenge of SendLoginCode for an address that is nobody's. */
  loginCodeOfNobody(): string;
  /** Well signed, and too old or of no row. */
  signedChallenge(tenant: Tenant, ageMs?: number): string;
  /** As many codes were wrong in a row as may be. */
  lockCodes(user: LoginUser): Promise<void>;
  lockRecoveryCodes(user: LoginUser): Promise<void>;
  lockLoginCodes(user: LoginUser): Promise<void>;
  /** Does what voids the challenges of a user, and what a user who is not let in needs. */
  change(user: LoginUser, how: CredentialChange): Promise<void>;
}

/** What changes the credentials of a user. */
export type CredentialChange =
  | 'disabled'
  | 'disabled and enabled'
  | 'given a password'
  | 'reset of the factor'
  | 'moved';

const LIFE_MS = 600_000;
/** Of an app that was never set up. */
const NO_SECRET = 'A'.repeat(32);

/** Makes them straight through the rules, past every entrance. `acme`: see {@link MAILING}. */
export async function createFactors(server: TestServer, acme: Tenant): Promise<Factors> {
  const { ports, testStore } = server;
  const entries: [string, Tenant][] = [];
  for (const [name, settings] of Object.entries(SETTINGS)) {
    const tenant = await server.createOrganization();
    await ports.storage.updateOrganization(tenant.orgId, { settings }, null);
    entries.push([name, tenant]);
  }
  const tenants = Object.fromEntries(entries) as Record<keyof typeof SETTINGS, Tenant>;
  const everyTenant: Readonly<Record<TenantName, Tenant>> = { acme, ...tenants };
  const makers = Object.fromEntries(
    Object.entries(everyTenant).map(([name, tenant]) => [name, makersOf(ports, tenant, `${name}-factor`)]),
  ) as Record<TenantName, ReturnType<typeof makersOf>>;

  async function give(user: FactorUser, mustChange: boolean): Promise<void> {
    const given = { ...user, newPassword: PASSWORD, mustChange };
    await givePassword(ports, readGivenPassword(given, ports.rules), null, CALL);
  }

  async function setOf(userId: string, counter: string): Promise<void> {
    await testStore.query(`UPDATE second_factors SET ${counter} WHERE user_id = '${userId}'`);
  }

  const factors: Factors = {
    ...tenants,

    async user({ of = 'acme', isVerified = false, hasFactor = false, mustChange = false } = {}) {
      const { newUser, mailToken, session } = makers[of];
      const tenant = everyTenant[of];
      const made = await newUser();
      const isLetIn = of !== 'demanding' && of !== 'verifying';
      let user: LoginUser = {
        ...{ ...made, tenant, session: isLetIn ? await session(made) : '' },
        ...{ app: new Authenticator(NO_SECRET), recoveryCodes: [] },
      };
      if (hasFactor) {
        const app = await factors.pendingApp(user);
        const parameters = readConfirmTotp({ ...sessionOf(user), challenge: '', code: app.next() }, ports.rules);
        const { recoveryCodes } = await confirmTotp(ports, parameters, await tenantOf(ports, user), CALL);
        user = { ...user, app, recoveryCodes };
      }
      // After that: who has no proven address is told of nothing, and no mail changes the store under a scenario.
      if (isVerified) {
        await verifyEmail(ports, { token: await mailToken(made, 'verify_email') });
      }
      if (mustChange) {
        await give({ orgId: tenant.orgId, userId: user.userId }, true);
      }
      return user;
    },

    async challenge(user) {
      const [name] = Object.entries(everyTenant).find(([, { orgId }]) => orgId === user.tenant.orgId) ?? [];
      try {
        await makers[name as TenantName].session(user);
      } catch (error) {
        if (error instanceof AuthError && error.nextStep !== null) {
          return error.nextStep.challenge;
        }
        throw error;
      }
      throw new Error('The login needed nothing more.');
    },

    async pendingApp(by) {
      const input = 'challenge' in by ? { ...NO_SESSION, ...by } : { ...sessionOf(by), challenge: '' };
      const parameters = readEnableTotp({ ...input, currentPassword: '' }, ports.rules);
      const tenant = 'challenge' in by ? null : await tenantOf(ports, by);
      return new Authenticator((await enableTotp(ports, parameters, tenant, CALL)).secret);
    },

    emailCode: (challenge) => putEmailCode(ports, testStore, challenge),

    async loginCode({ tenant: { orgId }, userId }) {
      const at = ports.clock.now();
      const { challengeId, expiresAt } = seedOf(ports, at);
      const { code, digest } = ports.loginCodes.createEmailCode({ orgId, challengeId });
      const user = await ports.storage.findUserCredentials(orgId, userId);
      const row = {
        ...{ org_id: `'${orgId}'`, challenge_id: `'${challengeId}'`, user_id: `'${userId}'`, kind: `'login_code'` },
        ...{ proved_by: `''`, email_proven: '(1 = 0)', caller_class: `'token_key'`, counted_as: `''`, tries: 0 },
        ...{ code_digest: bytesAsSql(digest), code_until: expiresAt, credential_version: user?.credentialVersion },
        ...{ created_at: at, expires_at: expiresAt },
      };
      const columns = Object.keys(row).join(', ');
      await testStore.query(`INSERT INTO login_challenges (${columns}) VALUES (${Object.values(row).join(', ')})`);
      return { challenge: ports.challengeTokens.sign({ kind: 'login_code', orgId, challengeId, expiresAt }), code };
    },

    loginCodeOfNobody() {
      const { orgId } = acme;
      return ports.challengeTokens.sign({ kind: 'login_code', orgId, ...seedOf(ports, ports.clock.now()) });
    },

    signedChallenge({ orgId }, ageMs = 0) {
      const { challengeId, expiresAt } = seedOf(ports, ports.clock.now());
      const made = { kind: 'second_factor', orgId, challengeId, expiresAt: expiresAt - ageMs } as const;
      return ports.challengeTokens.sign(made);
    },

    lockCodes: ({ userId }) => setOf(userId, `wrong_codes = ${MOST_WRONG_CODES}`),
    lockRecoveryCodes: ({ userId }) => setOf(userId, `wrong_recovery_codes = ${MOST_WRONG_RECOVERY_CODES}`),

    async lockLoginCodes({ userId, tenant: { orgId } }) {
      for (const [callerClass, most] of Object.entries(HARD_LOCK_AT)) {
        const values = [`'${orgId}'`, `'${userId}'`, `'${callerClass}'`, most].join(', ');
        await testStore.query(
          `INSERT INTO login_code_tries (org_id, user_id, caller_class, wrong_codes) VALUES (${values})`,
        );
      }
    },

    async change({ userId, tenant: { orgId } }, how) {
      const user = { orgId, userId };
      switch (how) {
        case 'given a password':
          return give(user, false);
        case 'disabled and enabled':
          await changeUser(ports, null, user, { kind: 'disable' });
          await changeUser(ports, null, user, { kind: 'enable' });
          return;
        case 'moved':
          await verifyEmail(ports, { token: await makers.acme.mailToken(user, 'change_email') });
          return;
        case 'disabled':
        case 'reset of the factor':
          await changeUser(ports, null, user, { kind: how === 'disabled' ? 'disable' : 'reset_second_factor' });
      }
    },
  };
  return factors;
}

const NO_SESSION = { sessionToken: '', email: '', orgId: '', apiKey: '' };

function sessionOf({ session, email, tenant: { apiKey } }: LoginUser) {
  return { sessionToken: session, email, orgId: '', apiKey };
}

function tenantOf(ports: Ports, { tenant: { apiKey } }: LoginUser) {
  return requireIdentifiedTenant(ports, { orgId: '', apiKey });
}

function seedOf({ ids }: Ports, at: number): { readonly challengeId: string; readonly expiresAt: number } {
  return { challengeId: ids.uuidV4(), expiresAt: Math.floor((at + LIFE_MS) / 1000) * 1000 };
}
