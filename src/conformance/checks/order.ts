import type { EntranceCheck } from '../check.ts';
import {
  CALLS,
  type CallName,
  CHALLENGE_CALLS,
  type Fields,
  MAIL_REQUEST_CALLS,
  OWN_SESSION_CALLS,
} from '../entrance.ts';
import { demandRefusal } from '../expectations.ts';
import type { Reason } from '../reasons.ts';
import { MALFORMED, type Visit } from '../visit.ts';

type Attempt = readonly [name: CallName, spoiled: Fields, violations?: readonly string[]];

const BAD_KEY = { api_key: 'af_short' };
const UNKNOWN_ORG = { api_key: '', org_id: '00000000-0000-4000-8000-000000000000' };
const WEAK = 'weak';
/** What is required of the calls that need no e-mail. */
const OTHER_REQUIRED: ReadonlyMap<CallName, string> = new Map([
  ['fooBar', 'identity'],
  ['me', 'sessionToken'],
  ...CHALLENGE_CALLS.map((name) => [name, 'challenge'] as const),
]);

const WITH_PRESENT_PASSWORD = [
  'changePassword',
  'changeEmail',
  'deleteAccount',
  'enableTotp',
  'disableTotp',
  'regenerateRecoveryCodes',
] as const;

/** Two faults at once, of which the earlier one in the contract's order is told. */
export const ORDER_CHECKS: readonly EntranceCheck[] = [
  told('all faults of parameters together', 'INVALID_ARGUMENT', () => [
    ['signUp', { email: 'nobody', password: '', fullname: 'x'.repeat(201) }, ['email', 'password', 'fullname']],
    ['changePassword', { email: '', newPassword: '' }, ['email', 'newPassword']],
  ]),
  told('parameters before the API key', 'INVALID_ARGUMENT', () =>
    [...CALLS, ...OWN_SESSION_CALLS, ...MAIL_REQUEST_CALLS, ...CHALLENGE_CALLS].map((name): Attempt => {
      const missing = OTHER_REQUIRED.get(name) ?? 'email';
      return [name, { [missing]: '', ...BAD_KEY }, [missing]];
    }),
  ),
  told('parameters before the password policy', 'INVALID_ARGUMENT', () => [
    ['signUp', { email: '', password: WEAK }, ['email']],
    ['changePassword', { email: '', newPassword: WEAK }, ['email']],
    ['resetPassword', { token: '', newPassword: WEAK }, ['token']],
  ]),
  told('the password policy before disclaimer and key', 'PASSWORD_POLICY', () => [
    ['signUp', { password: WEAK, disclaimed: false }],
    ['changePassword', { newPassword: WEAK, ...BAD_KEY }],
  ]),
  told('the password policy before the token of a mail', 'PASSWORD_POLICY', () => [
    ['resetPassword', { newPassword: WEAK }],
  ]),
  told('the disclaimer before the key', 'DISCLAIMER_REQUIRED', () => [['signUp', { disclaimed: false, ...BAD_KEY }]]),
  told('the key before nonce, session and challenge', 'API_KEY_INVALID', () =>
    [...CALLS.filter((name) => name !== 'fooBar'), ...OWN_SESSION_CALLS, ...CHALLENGE_CALLS].map((name) => [
      name,
      { ...BAD_KEY, ...unfit(name) },
    ]),
  ),
  told('the key before org_id', 'API_KEY_INVALID', () => [['login', { ...UNKNOWN_ORG, ...BAD_KEY }]]),
  told('the organization before nonce, session and challenge', 'ORGANIZATION_NOT_FOUND', () =>
    (['login', 'validate', 'changePassword', 'logout', ...OWN_SESSION_CALLS, ...CHALLENGE_CALLS] as const).map(
      (name) => [name, { ...UNKNOWN_ORG, ...unfit(name) }],
    ),
  ),
  told('the nonce before the account', 'NONCE_INVALID', ({ world }) => [
    ['signUp', { email: world.ada.email }],
    ['login', { password: 'wrong' }],
    ['login', { email: world.newEmail() }],
  ]),
  told('the session before the present password', 'SESSION_INVALID', () =>
    WITH_PRESENT_PASSWORD.map((name) => [name, { sessionToken: MALFORMED, currentPassword: 'wrong' }]),
  ),
  {
    section: '1 Order of checks',
    title: 'an ended session before the present password',
    async run(visit) {
      const { fields } = await visit.loggedOut();
      for (const name of WITH_PRESENT_PASSWORD) {
        const spoiled = { ...visit.good(name), ...fields, currentPassword: 'wrong' };
        demandRefusal(name, await visit.call(name, spoiled), 'SESSION_REVOKED');
      }
    },
  },
  {
    section: '1 Order of checks',
    title: 'whose session before whether it has ended',
    async run(visit) {
      const { fields } = await visit.loggedOut();
      const email = visit.world.newEmail();
      for (const name of ['validate', 'logout', ...OWN_SESSION_CALLS] as const) {
        demandRefusal(name, await visit.call(name, { ...visit.good(name), ...fields, email }), 'SESSION_INVALID');
      }
    },
  },
];

function told(title: string, reason: Reason, attempts: (visit: Visit) => readonly Attempt[]): EntranceCheck {
  return {
    section: '1 Order of checks',
    title,
    async run(visit) {
      for (const [name, spoiled, violations] of attempts(visit)) {
        demandRefusal(name, await visit.call(name, { ...visit.good(name), ...spoiled }), reason, violations);
      }
    },
  };
}

/** A nonce or session that is none; a challenge is none already ({@link Visit.good}). */
function unfit(name: CallName): Fields {
  if (CHALLENGE_CALLS.some((each) => each === name)) {
    return {};
  }
  return name === 'signUp' || name === 'login' ? { foobar: MALFORMED } : { sessionToken: MALFORMED };
}
