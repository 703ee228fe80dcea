import { expect } from 'vitest';
import type { Fields, SecondFactorCallName, Success } from './entrance.ts';
import type { LoginUser } from './factors.ts';
import type { RefusalScenario, Request } from './scenario.ts';
import type { World } from './world.ts';

/** The calls that a session opens, of which the first two a challenge opens, too. */
export const FACTOR_CALLS_BY_SESSION = [
  'enableTotp',
  'confirmTotp',
  'disableTotp',
  'regenerateRecoveryCodes',
] as const satisfies readonly SecondFactorCallName[];

/** The calls that a challenge alone opens. */
export const FACTOR_CALLS_BY_CHALLENGE = [
  'verifyTotp',
  'sendEmailCode',
  'verifyEmailCode',
  'verifyRecoveryCode',
] as const satisfies readonly SecondFactorCallName[];

export type FactorCallBySession = (typeof FACTOR_CALLS_BY_SESSION)[number];
export type FactorCallByChallenge = (typeof FACTOR_CALLS_BY_CHALLENGE)[number];

export type FactorScenario = RefusalScenario<SecondFactorCallName>;
export type Spoil = (world: World) => Promise<Fields> | Fields;

const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const JWT = expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/);
const TEN_CODES = expect.toSatisfy(
  (codes: readonly unknown[]) =>
    new Set(codes).size === 10 && codes.every((code) => /^[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}$/.test(String(code))),
);

/** The session of a user, as every call takes it that one opens. */
export function sessionOf({ session, email, tenant: { apiKey } }: LoginUser): Fields {
  return { sessionToken: session, email, api_key: apiKey };
}

/** Parameters with which a call would succeed, for a user of its own. */
export async function goodFactorParams(call: SecondFactorCallName, { factors }: World): Promise<Fields> {
  switch (call) {
    case 'enableTotp':
      return sessionOf(await factors.user());
    case 'confirmTotp': {
      const user = await factors.user();
      return { ...sessionOf(user), code: (await factors.pendingApp(user)).next() };
    }
    case 'disableTotp':
    case 'regenerateRecoveryCodes': {
      const user = await factors.user({ hasFactor: true });
      return { ...sessionOf(user), code: user.app.next() };
    }
    case 'verifyTotp': {
      const user = await factors.user({ hasFactor: true });
      return { challenge: await factors.challenge(user), code: user.app.next() };
    }
    case 'sendEmailCode':
      return { challenge: await factors.challenge(await factors.user({ hasFactor: true, isVerified: true })) };
    case 'verifyEmailCode': {
      const challenge = await factors.challenge(await factors.user({ hasFactor: true, isVerified: true }));
      return { challenge, code: await factors.emailCode(challenge) };
    }
    case 'verifyRecoveryCode': {
      const user = await factors.user({ hasFactor: true });
      return { challenge: await factors.challenge(user), recovery_code: user.recoveryCodes[0] ?? '' };
    }
  }
}

/** A call that is refused; what `spoil` gives takes the place of what would be good. */
export function factorRefusal(
  call: SecondFactorCallName,
  reason: FactorScenario['reason'],
  title: string,
  spoil: Spoil,
  more: Partial<FactorScenario> = {},
): FactorScenario {
  return {
    title,
    call,
    reason,
    ...more,
    request: async (world) => ({ params: { ...(await goodFactorParams(call, world)), ...(await spoil(world)) } }),
  };
}

/** The reply of whoever completed a login. */
function loggedIn({ email, userId, tenant: { orgId } }: LoginUser): Success['ok'] {
  return { token: JWT, expires_at: INSTANT, email, fullname: 'Ada Lovelace', org_id: orgId, user_id: userId };
}

const NOBODY = { token: '', email: '', fullname: '', org_id: '', user_id: '' };

/** A call that succeeds. `ok`: of what an entrance may leave out, where it is empty, nothing is said. */
export interface FactorSuccess {
  readonly title: string;
  readonly call: SecondFactorCallName;
  request(world: World): Promise<Request & { readonly user: LoginUser } & Success>;
}

async function challenged(
  { factors }: World,
  traits: Parameters<World['factors']['user']>[0] = { hasFactor: true },
): Promise<{ readonly user: LoginUser; readonly challenge: string }> {
  const user = await factors.user(traits);
  return { user, challenge: await factors.challenge(user) };
}

const success = (call: SecondFactorCallName, title: string, request: FactorSuccess['request']): FactorSuccess => ({
  title,
  call,
  request,
});

/** The calls as they succeed. */
export const FACTOR_SUCCESSES: readonly FactorSuccess[] = [
  success('enableTotp', 'a secret, in three forms', async ({ factors }) => {
    const user = await factors.user();
    return { user, params: sessionOf(user), ok: SECRET };
  }),
  success('enableTotp', 'with the session as a bearer and the key in its header', async ({ factors }) => {
    const user = await factors.user();
    const headers = { authorization: `Bearer ${user.session}`, 'x-api-key': user.tenant.apiKey };
    return { user, params: { email: user.email }, headers, ok: SECRET };
  }),
  success('enableTotp', 'by the challenge of an organization that demands a factor', async (world) => {
    const { user, challenge } = await challenged(world, { of: 'demanding' });
    return { user, params: { challenge }, ok: SECRET };
  }),
  success('confirmTotp', 'ten recovery codes, and no session beside the one that asks', async ({ factors }) => {
    const user = await factors.user();
    const code = (await factors.pendingApp(user)).next();
    return { user, params: { ...sessionOf(user), code }, ok: { recovery_codes: TEN_CODES, ...NOBODY } };
  }),
  success('confirmTotp', 'by a challenge, with the session that it opens', async (world) => {
    const { user, challenge } = await challenged(world, { of: 'demanding' });
    const code = (await world.factors.pendingApp({ challenge })).next();
    return { user, params: { challenge, code }, ok: { recovery_codes: TEN_CODES, ...loggedIn(user) } };
  }),
  success('confirmTotp', 'by a challenge of who must change the password, with no session', async (world) => {
    const { user, challenge } = await challenged(world, { of: 'demanding', mustChange: true });
    const code = (await world.factors.pendingApp({ challenge })).next();
    return { user, params: { challenge, code }, ok: { recovery_codes: TEN_CODES, ...NOBODY } };
  }),
  success('disableTotp', 'by a code of the app', async ({ factors }) => {
    const user = await factors.user({ hasFactor: true });
    return { user, params: { ...sessionOf(user), code: user.app.next() }, ok: {} };
  }),
  success('disableTotp', 'by a recovery code, spelled carelessly', async ({ factors }) => {
    const user = await factors.user({ hasFactor: true });
    const code = ` ${user.recoveryCodes[3]?.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o')}`;
    return { user, params: { ...sessionOf(user), code }, ok: {} };
  }),
  success('regenerateRecoveryCodes', 'by a code of the app', async ({ factors }) => {
    const user = await factors.user({ hasFactor: true });
    return { user, params: { ...sessionOf(user), code: user.app.next() }, ok: { recovery_codes: TEN_CODES } };
  }),
  ...(['nothing else', 'its key', 'its org_id'] as const).map((by) =>
    success('verifyTotp', `with ${by}`, async (world) => {
      const { user, challenge } = await challenged(world);
      const { apiKey, orgId } = user.tenant;
      const named = { 'nothing else': {}, 'its key': { api_key: apiKey }, 'its org_id': { org_id: orgId } }[by];
      return { user, params: { challenge, code: user.app.next(), ...named }, ok: loggedIn(user) };
    }),
  ),
  success('verifyTotp', 'a code with a space in its middle', async (world) => {
    const { user, challenge } = await challenged(world);
    const code = user.app.next();
    return { user, params: { challenge, code: `${code.slice(0, 3)} ${code.slice(3)}` }, ok: loggedIn(user) };
  }),
  success('sendEmailCode', 'until when the code is good', async (world) => {
    const { user, challenge } = await challenged(world, { hasFactor: true, isVerified: true });
    return { user, params: { challenge }, ok: { expires_at: INSTANT } };
  }),
  success('verifyEmailCode', 'of a user with a factor', async (world) => {
    const { user, challenge } = await challenged(world, { hasFactor: true, isVerified: true });
    const code = await world.factors.emailCode(challenge);
    return { user, params: { challenge, code }, ok: loggedIn(user) };
  }),
  success('verifyEmailCode', 'as a login by mail', async ({ factors }) => {
    const user = await factors.user();
    return { user, params: { ...(await factors.loginCode(user)) }, ok: loggedIn(user) };
  }),
  success('verifyRecoveryCode', 'with how many are left', async (world) => {
    const { user, challenge } = await challenged(world);
    const params = { challenge, recovery_code: user.recoveryCodes[9] ?? '' };
    return { user, params, ok: { ...loggedIn(user), recovery_codes_left: 9 } };
  }),
];

const SECRET = {
  secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
  otpauth_url: expect.stringMatching(/^otpauth:\/\/totp\/Organization%20\d+:[^?]+\?.*secret=[A-Z2-7]{32}/),
  qr_code: expect.stringMatching(/^data:image\/svg\+xml;base64,[A-Za-z0-9+/]+=*$/),
  expires_at: INSTANT,
};
