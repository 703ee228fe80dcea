import type { Check } from '../check.ts';
import { demandNextStep, demandRefusal, demandSuccess, INSTANT, JWT } from '../expectations.ts';
import type { ManagedVisit } from '../managed-visit.ts';
import { METHODS, SOME_CODE } from '../second-factor.ts';

const SECTION = '8 Second factors';

/** With a proven address. */
export const METHODS_WITH_EMAIL = ['totp', 'email', 'recovery'] as const;

/** Logins of users of whom a back office has said something. */
export const MANAGED_CHECKS: readonly Check<ManagedVisit>[] = [
  {
    section: SECTION,
    title: 'PASSWORD_CHANGE_REQUIRED: its challenge and the present password set another, once',
    async run({ visit, desk }) {
      const { userId: user_id, email } = await desk.newUser();
      const password = visit.world.newPassword();
      const set = await desk.call('setPassword', { user_id, newPassword: password, must_change: true });
      demandSuccess('setPassword', set);
      const login = await visit.tryLogin({ email, password });
      const { challenge: token } = demandNextStep('login', login, 'PASSWORD_CHANGE_REQUIRED', ['change_password']);
      const code = await visit.call('verifyTotp', { challenge: token, code: SOME_CODE });
      demandRefusal('verifyTotp with that challenge', code, 'CHALLENGE_INVALID');
      const newPassword = visit.world.newPassword();
      const reset = (fields: object) => visit.call('resetPassword', { token, newPassword, ...fields });
      demandRefusal('resetPassword without a password', await reset({}), 'INVALID_ARGUMENT', ['currentPassword']);
      const wrong = await reset({ currentPassword: 'wrong' });
      demandRefusal('resetPassword by a wrong password', wrong, 'CREDENTIALS_INVALID');
      const same = await reset({ currentPassword: password, newPassword: password });
      demandRefusal('resetPassword to the present password', same, 'PASSWORD_POLICY');
      const reply = await reset({ currentPassword: password });
      demandSuccess('resetPassword', reply, { email, org_id: visit.world.ada.orgId, ended_sessions: 0 });
      const again = await reset({ currentPassword: newPassword, newPassword: visit.world.newPassword() });
      demandRefusal('resetPassword by the same challenge', again, 'CHALLENGE_INVALID');
      const next = demandSuccess('login', await visit.tryLogin({ email, password: newPassword }), { token: JWT });
      const me = await visit.call('me', visit.session(email, next.token));
      demandSuccess('me', me, { email, email_verified: false });
    },
  },
  {
    section: SECTION,
    title: 'a proven address is a method, unless the password was set by it',
    async run(place) {
      const { visit } = place;
      const { person } = await place.guarded();
      const login = await visit.tryLogin(person);
      const { challenge } = demandNextStep('login', login, 'SECOND_FACTOR_REQUIRED', METHODS_WITH_EMAIL);
      demandSuccess('sendEmailCode', await visit.call('sendEmailCode', { challenge }), { expires_at: INSTANT });
      const wrong = await visit.call('verifyEmailCode', { challenge, code: SOME_CODE });
      demandRefusal('verifyEmailCode by a wrong code', wrong, 'CODE_INVALID');
      const token = await place.mailToken(person.userId, 'reset');
      demandSuccess('resetPassword', await visit.call('resetPassword', { token, newPassword: person.password }));
      const late = await visit.call('verifyEmailCode', { challenge, code: SOME_CODE });
      demandRefusal('verifyEmailCode by a challenge before the reset', late, 'CHALLENGE_INVALID');
      demandNextStep('login after the reset', await visit.tryLogin(person), 'SECOND_FACTOR_REQUIRED', METHODS);
    },
  },
];
