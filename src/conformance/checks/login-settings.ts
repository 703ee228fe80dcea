import type { SettingsCheck } from '../check.ts';
import { demandNextStep, demandRefusal, demandSuccess, INSTANT, JWT, TOKEN } from '../expectations.ts';
import { demand, demandEqual } from '../mismatch.ts';
import { DEFAULTS, type LoginSettings } from '../office.ts';
import { SOME_CODE, setUpFactor } from '../second-factor.ts';

const MOST_TRIES = 5;

/** What an organization's settings change of its logins. */
export const SETTINGS_CHECKS: readonly SettingsCheck[] = [
  {
    section: '4 Organizations',
    title: 'updateOrganization tells the settings of logins, and takes no other word for one',
    settings: { require_verified_email: true, login_by_email: true, second_factor: 'required' },
    async run({ office }) {
      const refused = await office.tryChange({ second_factor: 'perhaps' });
      demandRefusal('updateOrganization', refused, 'INVALID_ARGUMENT', ['second_factor']);
      for (const [name, value] of Object.entries(await office.read())) {
        demandEqual(`${name} of getOrganization`, this.settings[name as keyof LoginSettings], value);
      }
    },
  },
  logins('login_by_email: anybody is sent a code, and five are tried', { login_by_email: true }, async ({ visit }) => {
    const { email } = await visit.signedUp();
    for (const [whose, address] of Object.entries({ 'a user': email, nobody: visit.world.newEmail() })) {
      const asked = await visit.call('sendLoginCode', { ...visit.good('sendLoginCode'), email: address });
      const { challenge } = demandSuccess('sendLoginCode', asked, { challenge: TOKEN, expires_at: INSTANT });
      const verify = (name: 'verifyTotp' | 'verifyEmailCode') => visit.call(name, { challenge, code: SOME_CODE });
      demandRefusal(`verifyTotp of ${whose}`, await verify('verifyTotp'), 'CHALLENGE_INVALID');
      for (let tried = 0; tried < MOST_TRIES; tried += 1) {
        demandRefusal(`verifyEmailCode of ${whose}`, await verify('verifyEmailCode'), 'CODE_INVALID');
      }
      const late = await verify('verifyEmailCode');
      demandRefusal(`verifyEmailCode of ${whose} after five tries`, late, 'CHALLENGE_INVALID');
    }
  }),
  logins('login_by_email off: sendLoginCode is ACCESS_DENIED', { login_by_email: false }, async ({ visit }) => {
    for (const email of [visit.world.ada.email, visit.world.newEmail()]) {
      const reply = await visit.call('sendLoginCode', { ...visit.good('sendLoginCode'), email });
      demandRefusal('sendLoginCode', reply, 'ACCESS_DENIED');
    }
  }),
  logins(
    'require_verified_email: EMAIL_NOT_VERIFIED after the right password alone',
    { require_verified_email: true },
    async (place) => {
      const { visit, desk } = place;
      const person = await desk.newPerson();
      const login = await visit.tryLogin(person);
      demandRefusal('login', login, 'EMAIL_NOT_VERIFIED');
      demand(login.nextStep === null, 'login: no challenge', 'login: a challenge');
      const wrong = await visit.tryLogin({ ...person, password: 'wrong' });
      demandRefusal('login by a wrong password', wrong, 'CREDENTIALS_INVALID');
      const token = await place.mailToken(person.userId, 'verify');
      demandSuccess('verifyEmail', await visit.call('verifyEmail', { token }));
      demandSuccess('login with a proven address', await visit.tryLogin(person), { token: JWT });
    },
  ),
  logins(
    'second_factor required: whoever has none sets one up by the challenge of the login',
    { second_factor: 'required' },
    async ({ visit, desk }) => {
      const person = await desk.newPerson();
      const login = await visit.tryLogin(person);
      const { challenge } = demandNextStep('login', login, 'SECOND_FACTOR_REQUIRED', ['setup']);
      const code = await visit.call('verifyTotp', { challenge, code: SOME_CODE });
      demandRefusal('verifyTotp with that challenge', code, 'CHALLENGE_INVALID');
      const { confirmed } = await setUpFactor((name, fields) => visit.call(name, fields), { challenge });
      const { email, userId } = person;
      const session = { token: JWT, expires_at: INSTANT, email, org_id: visit.world.ada.orgId, user_id: userId };
      const { token } = demandSuccess('confirmTotp', confirmed, session);
      const me = await visit.call('me', visit.session(email, token));
      demandSuccess('me', me, { second_factor: true, recovery_codes_left: 10 });
    },
  ),
  logins(
    'second_factor required: with a proven address a code of a mail comes before the setup',
    { second_factor: 'required' },
    async ({ visit, desk }) => {
      const login = await visit.tryLogin(await desk.newPerson({ email_verified: true }));
      const { challenge } = demandNextStep('login', login, 'SECOND_FACTOR_REQUIRED', ['email', 'setup']);
      demandRefusal('enableTotp', await visit.call('enableTotp', { challenge }), 'CHALLENGE_INVALID');
      demandSuccess('sendEmailCode', await visit.call('sendEmailCode', { challenge }), { expires_at: INSTANT });
    },
  ),
  logins(
    'second_factor off: nobody sets one up, and whoever has one needs it',
    { second_factor: 'off' },
    async (place) => {
      const { visit } = place;
      const { email, password: currentPassword, sessionToken } = visit.world.ada;
      const enabled = await visit.call('enableTotp', { ...visit.session(email, sessionToken), currentPassword });
      demandRefusal('enableTotp', enabled, 'SECOND_FACTOR_NOT_ENABLED');
      const { person, factor } = await place.guarded();
      const login = await visit.tryLogin(person);
      demandRefusal('login', login, 'SECOND_FACTOR_REQUIRED');
      const [recovery_code] = factor.recoveryCodes;
      const challenge = login.nextStep?.challenge ?? '';
      const answered = await visit.call('verifyRecoveryCode', { challenge, recovery_code });
      demandSuccess('verifyRecoveryCode', answered, { token: JWT });
    },
  ),
];

function logins(title: string, settings: Partial<LoginSettings>, run: SettingsCheck['run']): SettingsCheck {
  return { section: '8 Second factors', title, settings: { ...DEFAULTS, ...settings }, run };
}
