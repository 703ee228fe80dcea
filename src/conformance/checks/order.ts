import type { EntranceCheck } from '../check.ts';
import { CALLS, type CallName, type Fields } from '../entrance.ts';
import { demandRefusal } from '../expectations.ts';
import type { Reason } from '../reasons.ts';
import { MALFORMED, type Visit } from '../visit.ts';

type Attempt = readonly [name: CallName, spoiled: Fields, violations?: readonly string[]];

const BAD_KEY = { api_key: 'af_short' };
const UNKNOWN_ORG = { api_key: '', org_id: '00000000-0000-4000-8000-000000000000' };
const WEAK = 'weak';

/** Two faults at once, of which the earlier one in the contract's order is told. */
export const ORDER_CHECKS: readonly EntranceCheck[] = [
  told('all faults of parameters together', 'INVALID_ARGUMENT', () => [
    ['signUp', { email: 'nobody', password: '', fullname: 'x'.repeat(201) }, ['email', 'password', 'fullname']],
    ['changePassword', { email: '', newPassword: '' }, ['email', 'newPassword']],
  ]),
  told('parameters before the API key', 'INVALID_ARGUMENT', () =>
    CALLS.map((name): Attempt => {
      const missing = name === 'fooBar' ? 'identity' : 'email';
      return [name, { [missing]: '', ...BAD_KEY }, [missing]];
    }),
  ),
  told('parameters before the password policy', 'INVALID_ARGUMENT', () => [
    ['signUp', { email: '', password: WEAK }, ['email']],
    ['changePassword', { email: '', newPassword: WEAK }, ['email']],
  ]),
  told('the password policy before disclaimer and key', 'PASSWORD_POLICY', () => [
    ['signUp', { password: WEAK, disclaimed: false }],
    ['changePassword', { newPassword: WEAK, ...BAD_KEY }],
  ]),
  told('the disclaimer before the key', 'DISCLAIMER_REQUIRED', () => [['signUp', { disclaimed: false, ...BAD_KEY }]]),
  told('the key before nonce and session', 'API_KEY_INVALID', () =>
    CALLS.filter((name) => name !== 'fooBar').map((name) => [name, { ...BAD_KEY, ...unfit(name) }]),
  ),
  told('the key before org_id', 'API_KEY_INVALID', () => [['login', { ...UNKNOWN_ORG, ...BAD_KEY }]]),
  told('the organization before nonce and session', 'ORGANIZATION_NOT_FOUND', () =>
    (['login', 'validate', 'changePassword', 'logout'] as const).map((name) => [
      name,
      { ...UNKNOWN_ORG, ...unfit(name) },
    ]),
  ),
  told('the nonce before the account', 'NONCE_INVALID', ({ world }) => [
    ['signUp', { email: world.ada.email }],
    ['login', { password: 'wrong' }],
    ['login', { email: world.newEmail() }],
  ]),
  told('the session before the present password', 'SESSION_INVALID', () => [
    ['changePassword', { sessionToken: MALFORMED, currentPassword: 'wrong' }],
  ]),
  {
    section: '1 Order of checks',
    title: 'an ended session before the present password',
    async run(visit) {
      const { fields } = await visit.loggedOut();
      const change = { ...fields, newPassword: visit.world.ada.password, currentPassword: 'wrong' };
      demandRefusal('changePassword', await visit.call('changePassword', change), 'SESSION_REVOKED');
    },
  },
  {
    section: '1 Order of checks',
    title: 'whose session before whether it has ended',
    async run(visit) {
      const { fields } = await visit.loggedOut();
      const email = visit.world.newEmail();
      for (const name of ['validate', 'logout'] as const) {
        demandRefusal(name, await visit.call(name, { ...fields, email }), 'SESSION_INVALID');
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

/** A nonce or session that is none. */
function unfit(name: CallName): Fields {
  return name === 'signUp' || name === 'login' ? { foobar: MALFORMED } : { sessionToken: MALFORMED };
}
