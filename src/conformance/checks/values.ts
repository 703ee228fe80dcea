import type { EntranceCheck } from '../check.ts';
import { type CallName, EVERY_CALL } from '../entrance.ts';
import { demandRefusal, demandSuccess, outcome } from '../expectations.ts';
import { demand } from '../mismatch.ts';

const SECTION = '1 Names and values';

/** Names, types and forms of parameters. */
export const VALUE_CHECKS: readonly EntranceCheck[] = [
  {
    section: SECTION,
    title: 'an e-mail and an id are taken in any spelling',
    async run(visit) {
      const { email, orgId } = visit.world.ada;
      const spelled = { email: ` ${email.toUpperCase()} `, org_id: orgId.toUpperCase() };
      const reply = await visit.call('validate', { ...visit.good('validate'), ...spelled });
      demandSuccess('validate', reply, { email, org_id: orgId });
    },
  },
  {
    section: SECTION,
    title: 'counts are told when they are zero, too',
    async run(visit) {
      // The first change has ended the other sessions.
      demandSuccess('changePassword', await visit.changedAgain(), { ended_sessions: 0 });
    },
  },
  {
    section: SECTION,
    title: 'an empty string means missing',
    async run(visit) {
      const empty = { ...visit.good('validate'), org_id: '' };
      demandSuccess('validate', await visit.call('validate', empty));
      demandRefusal('fooBar', await visit.call('fooBar', { identity: '' }), 'INVALID_ARGUMENT', ['identity']);
    },
  },
  {
    section: SECTION,
    title: 'JSON null means missing',
    where: ({ isJson }) => isJson,
    async run(visit) {
      demandSuccess('validate', await visit.call('validate', { ...visit.good('validate'), org_id: null }));
      demandRefusal('fooBar', await visit.call('fooBar', { identity: null }), 'INVALID_ARGUMENT', ['identity']);
    },
  },
  {
    section: SECTION,
    title: 'unknown parameters, role and username are ignored',
    where: ({ name, isJson }) => isJson || name.startsWith('auth'),
    async run(visit) {
      const unknown = { role: 'admin', username: 'root', of_a_later_release: '1' };
      for (const name of ['fooBar', 'validate'] as const) {
        demandSuccess(name, await visit.call(name, { ...visit.good(name), ...unknown }));
      }
      demandSuccess('me', await visit.call('me', { ...visit.good('me'), ...unknown }), { role: 'user' });
    },
  },
  {
    section: SECTION,
    title: 'text that is not well-formed Unicode is refused',
    where: ({ isJson }) => isJson,
    async run(visit) {
      const reply = await visit.call('fooBar', { identity: 'a\ud800@example.com' });
      const code = reply.codes === 'http' ? 400 : 3;
      demand(!reply.ok && reply.status === code, 'fooBar: INVALID_ARGUMENT', `fooBar: ${outcome(reply)}`);
    },
  },
  {
    section: SECTION,
    title: 'what is required is told by name, for each call',
    async run(visit) {
      for (const name of EVERY_CALL) {
        const reply = await visit.call(name, {});
        demandRefusal(name, reply, 'INVALID_ARGUMENT', REQUIRED[name]);
      }
    },
  },
  {
    section: SECTION,
    title: 'an e-mail, a name, an id and a length are checked',
    async run(visit) {
      for (const email of BAD_EMAILS) {
        const reply = await visit.call('fooBar', { identity: email });
        demandRefusal(`fooBar of ${email.slice(0, 40)}`, reply, 'INVALID_ARGUMENT', ['identity']);
      }
      for (const fullname of ['x'.repeat(201), 'a\nb', ' ']) {
        const reply = await visit.call('signUp', { ...visit.good('signUp'), fullname });
        demandRefusal(`signUp with a name of ${fullname.length}`, reply, 'INVALID_ARGUMENT', ['fullname']);
      }
      const badId = await visit.call('validate', { ...visit.good('validate'), org_id: 'not-an-id' });
      demandRefusal('validate', badId, 'INVALID_ARGUMENT', ['org_id']);
      const huge = await visit.call('login', { ...visit.good('login'), password: 'x'.repeat(1025) });
      demandRefusal('login with a password of 1,025 bytes', huge, 'INVALID_ARGUMENT', ['password']);
    },
  },
];

/** The parameters that a call names when none was sent. */
const REQUIRED = {
  fooBar: ['identity'],
  signUp: ['foobar', 'api_key', 'email', 'password', 'fullname'],
  login: ['foobar', 'email', 'password', 'api_key'],
  validate: ['sessionToken', 'email'],
  changePassword: ['sessionToken', 'email', 'newPassword'],
  logout: ['sessionToken', 'email'],
  me: ['sessionToken'],
  sendVerificationEmail: ['email', 'api_key'],
  verifyEmail: ['token'],
  forgotPassword: ['email', 'api_key'],
  resetPassword: ['token', 'newPassword'],
  renewSession: ['sessionToken', 'email', 'api_key'],
  listMySessions: ['sessionToken', 'email', 'api_key'],
  endMySessions: ['sessionToken', 'email', 'api_key'],
  updateProfile: ['sessionToken', 'email', 'fullname', 'api_key'],
  changeEmail: ['sessionToken', 'email', 'newEmail', 'api_key'],
  deleteAccount: ['sessionToken', 'email', 'api_key'],
  sendLoginCode: ['email', 'api_key'],
  enableTotp: ['sessionToken', 'email', 'api_key'],
  confirmTotp: ['sessionToken', 'email', 'code', 'api_key'],
  disableTotp: ['sessionToken', 'email', 'code', 'api_key'],
  regenerateRecoveryCodes: ['sessionToken', 'email', 'code', 'api_key'],
  verifyTotp: ['challenge', 'code'],
  sendEmailCode: ['challenge'],
  verifyEmailCode: ['challenge', 'code'],
  verifyRecoveryCode: ['challenge', 'recovery_code'],
} as const satisfies Readonly<Record<CallName, readonly string[]>>;

const BAD_EMAILS = ['nobody', 'a@b@example.com', 'a@127.0.0.1', 'a b@example.com', `${'a'.repeat(250)}@example.com`];
