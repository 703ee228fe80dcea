import type { EntranceCheck } from '../check.ts';
import type { Fields, Reply } from '../entrance.ts';
import {
  demandNextStep,
  demandNoFields,
  demandRefusal,
  demandSuccess,
  type Form,
  INSTANT,
  JWT,
  TOKEN,
} from '../expectations.ts';
import { demand, demandEqual } from '../mismatch.ts';
import { METHODS, type SecondFactorVisit, SOME_CODE } from '../second-factor.ts';
import { MALFORMED, type Visit } from '../visit.ts';
import { FULLNAME } from '../world.ts';

const SECTION = '8 Second factors';

/** A user's way to a second factor and back, and the logins on it. */
export const SECOND_FACTOR_CHECKS: readonly EntranceCheck[] = [
  factor('enableTotp answers a secret as text, link and image, and changes nothing yet', async ({ enabled }) => {
    const { reply, me } = await enabled();
    const fields = demandSuccess('enableTotp', reply, { secret: BASE32, qr_code: SVG_URL, expires_at: INSTANT });
    demandLink(fields);
    demandSuccess('me', me, { second_factor: false, recovery_codes_left: 0 });
  }),
  factor('confirmTotp takes a code of the secret, and answers ten recovery codes', async ({ confirmed }) => {
    const { wrong, reply, me, older } = await confirmed();
    demandRefusal('confirmTotp with a wrong code', wrong, 'CODE_INVALID');
    // The session that asks is the only one.
    for (const name of ['token', 'email', 'user_id']) {
      demand([undefined, ''].includes(reply.fields[name] as string), `no ${name} of a session`, `a ${name}`);
    }
    demandSuccess('me', me, { second_factor: true, recovery_codes_left: 10 });
    demandRefusal('me by the other session', older, 'SESSION_REVOKED');
  }),
  factor('SECOND_FACTOR_REQUIRED brings challenge, methods and expires_at', async ({ asked }) => {
    demandNextStep('login', await asked(), 'SECOND_FACTOR_REQUIRED', METHODS);
  }),
  factor('verifyTotp opens a session, and each code is good once', async ({ owner, passed, recovered }) => {
    const { used, reply } = await passed();
    demandRefusal('verifyTotp by the code of confirmTotp', used, 'CODE_INVALID');
    demandSession('verifyTotp', reply, (await owner()).user);
    const again = await recovered();
    demandRefusal('verifyTotp of the next login by the same code', again.used, 'CODE_INVALID');
  }),
  factor('verifyRecoveryCode takes a code in any spelling, once', async ({ owner, recovered, exhausted }) => {
    const { reply, me } = await recovered();
    demandSession('verifyRecoveryCode', reply, (await owner()).user);
    demandSuccess('verifyRecoveryCode', reply, { recovery_codes_left: 9 });
    demandSuccess('me', me, { second_factor: true, recovery_codes_left: 9 });
    demandRefusal('verifyRecoveryCode by the same code', (await exhausted()).used, 'CODE_INVALID');
  }),
  factor(
    'a code of another form is INVALID_ARGUMENT',
    async ({ confirmed, passed, recovered, regenerated, disabled }) => {
      const letters = {
        confirmTotp: (await confirmed()).letters,
        verifyTotp: (await passed()).letters,
        regenerateRecoveryCodes: (await regenerated()).letters,
        disableTotp: (await disabled()).letters,
      };
      for (const [name, reply] of Object.entries(letters)) {
        demandRefusal(`${name} with six letters`, reply, 'INVALID_ARGUMENT', ['code']);
      }
      const { short } = await recovered();
      demandRefusal('verifyRecoveryCode with four digits', short, 'INVALID_ARGUMENT', ['recovery_code']);
    },
  ),
  factor(
    'CHALLENGE_INVALID: malformed, forged, spent, or not for this method',
    async ({ passed, exhausted }, visit) => {
      for (const name of ['verifyTotp', 'sendEmailCode', 'verifyEmailCode', 'verifyRecoveryCode'] as const) {
        demandRefusal(
          `${name} with a malformed challenge`,
          await visit.call(name, visit.good(name)),
          'CHALLENGE_INVALID',
        );
      }
      for (const name of ['enableTotp', 'confirmTotp'] as const) {
        const reply = await visit.call(name, { challenge: MALFORMED, code: SOME_CODE });
        demandRefusal(`${name} with a malformed challenge`, reply, 'CHALLENGE_INVALID');
      }
      const { forged, spent } = await passed();
      demandRefusal('verifyTotp with a forged challenge', forged, 'CHALLENGE_INVALID');
      demandRefusal('verifyTotp with a spent challenge', spent, 'CHALLENGE_INVALID');
      for (const [name, reply] of Object.entries((await exhausted()).otherMethods)) {
        demandRefusal(`${name} with a challenge of other methods`, reply, 'CHALLENGE_INVALID');
      }
    },
  ),
  factor('a challenge takes five tries over all methods, and spends no code after them', async ({ exhausted }) => {
    const { wrong, right, me } = await exhausted();
    for (const reply of wrong) {
      demandRefusal('verifyTotp by a wrong code', reply, 'CODE_INVALID');
    }
    demandRefusal('verifyRecoveryCode after five tries', right, 'CHALLENGE_INVALID');
    demandSuccess('me', me, { recovery_codes_left: 9 });
  }),
  factor('REAUTHENTICATION_REQUIRED: a fresh login alone, where a second factor is on', async ({ unproven }) => {
    for (const [name, reply] of Object.entries(await unproven())) {
      demandRefusal(`${name} without a code`, reply, 'REAUTHENTICATION_REQUIRED');
    }
  }),
  factor(
    'regenerateRecoveryCodes takes a code, and voids those before',
    async ({ confirmed, regenerated, disabled }) => {
      const { without, again, codes, me } = await regenerated();
      demandRefusal('regenerateRecoveryCodes without a code', without, 'INVALID_ARGUMENT', ['code']);
      demandRefusal('regenerateRecoveryCodes by a used code', again, 'CODE_INVALID');
      const before = new Set((await confirmed()).codes);
      demand(!codes.some((code) => before.has(code)), 'ten other recovery codes', 'one of those before');
      demandSuccess('me', me, { recovery_codes_left: 10 });
      demandRefusal('disableTotp by a code of before', (await disabled()).old, 'CODE_INVALID');
    },
  ),
  factor('disableTotp takes a code, ends the other sessions, and logins need none', async ({ owner, disabled }) => {
    const { without, reply, me, older, login } = await disabled();
    demandRefusal('disableTotp without a code', without, 'INVALID_ARGUMENT', ['code']);
    demandNoFields('disableTotp', reply);
    demandSuccess('me', me, { second_factor: false, recovery_codes_left: 0 });
    demandRefusal('me by another session', older, 'SESSION_REVOKED');
    demandSession('login', login, (await owner()).user);
  }),
  factor('SECOND_FACTOR_ALREADY_ENABLED and SECOND_FACTOR_NOT_ENABLED', async ({ confirmed, disabled }) => {
    demandRefusal('enableTotp', (await confirmed()).again, 'SECOND_FACTOR_ALREADY_ENABLED');
    for (const [name, reply] of Object.entries((await disabled()).afterwards)) {
      demandRefusal(`${name} without a second factor`, reply, 'SECOND_FACTOR_NOT_ENABLED');
    }
  }),
  {
    section: SECTION,
    title: 'sendLoginCode answers everybody alike: ACCESS_DENIED, or with a challenge',
    async run(visit) {
      const toUser = await visit.call('sendLoginCode', {
        ...visit.good('sendLoginCode'),
        email: visit.world.ada.email,
      });
      const toNobody = await visit.call('sendLoginCode', visit.good('sendLoginCode'));
      for (const reply of [toUser, toNobody]) {
        // What the organization has switched on tells its management key alone.
        if (toUser.ok) {
          demandSuccess('sendLoginCode', reply, { challenge: TOKEN, expires_at: INSTANT });
        } else {
          demandRefusal('sendLoginCode', reply, 'ACCESS_DENIED');
        }
      }
      demandEqual('the message of sendLoginCode for nobody', toUser.message, toNobody.message);
    },
  },
];

const BASE32: Form = {
  form: 'base32 of 128 bits or more',
  fits: (value) => typeof value === 'string' && /^[A-Z2-7]{26,}$/.test(value),
};

const SVG_URL: Form = {
  form: 'a data URL of an SVG image',
  fits: (value) => typeof value === 'string' && value.startsWith('data:image/svg+xml'),
};

function factor(title: string, run: (factors: SecondFactorVisit, visit: Visit) => Promise<void>): EntranceCheck {
  return { section: SECTION, title, run: (visit) => run(visit.secondFactor, visit) };
}

function demandLink({ secret, otpauth_url }: Fields): void {
  const link = readLink(String(otpauth_url));
  demand(link !== null, 'otpauth_url: a link for authenticator apps', 'otpauth_url: something else');
  // What a link leaves out apps take to be so.
  const { algorithm = 'SHA1', digits = '6', period = '30' } = link;
  demandEqual('algorithm, digits and period of otpauth_url', 'SHA1, 6, 30', `${algorithm}, ${digits}, ${period}`);
  demand(link.secret === secret, 'the secret in otpauth_url', 'another secret in otpauth_url');
}

/** The parameters of a link for authenticator apps that names a user; null for any other text. */
function readLink(link: string): Readonly<Record<string, string>> | null {
  const url = URL.parse(link);
  const isForApps = url !== null && url.protocol === 'otpauth:' && url.host === 'totp' && url.pathname.length > 1;
  return isForApps ? Object.fromEntries(url.searchParams) : null;
}

/** As Login gives it. */
function demandSession(
  what: string,
  reply: Reply,
  { email, orgId, userId }: { readonly email: string; readonly orgId: string; readonly userId: string },
): void {
  const fields = { token: JWT, expires_at: INSTANT, email, fullname: FULLNAME, org_id: orgId, user_id: userId };
  demandSuccess(what, reply, fields);
}
