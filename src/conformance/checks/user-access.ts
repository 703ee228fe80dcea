import type { Check } from '../check.ts';
import type { Desk } from '../desk.ts';
import { type Fields, USER_CALLS, type UserCallName } from '../entrance.ts';
import { demandRefusal } from '../expectations.ts';
import { FULLNAME } from '../world.ts';

const SECTION = '4 Users';
const NOBODY = '00000000-0000-4000-8000-000000000000';

/** Who may not ask UserService, and what it does not take. */
export const USER_ACCESS_CHECKS: readonly Check<Desk>[] = [
  users('each call is ADMIN_TOKEN_INVALID without a management key', async (desk) => {
    const { apiKey, ada } = desk.world;
    const strangers = [
      ['nobody', {}],
      ['an API key', { authorization: `Bearer ${apiKey}` }],
      ['a session', { authorization: `Bearer ${ada.sessionToken}` }],
    ] as const;
    for (const [who, headers] of strangers) {
      for (const name of USER_CALLS) {
        const reply = await desk.callAs(headers, name, { ...GOOD[name] });
        demandRefusal(`${name} by ${who}`, reply, 'ADMIN_TOKEN_INVALID');
      }
    }
  }),
  users('each call is API_KEY_INVALID by an unknown management key', async (desk) => {
    const headers = { authorization: `Bearer afm_${'A'.repeat(43)}` };
    for (const name of USER_CALLS) {
      demandRefusal(name, await desk.callAs(headers, name, { ...GOOD[name] }), 'API_KEY_INVALID');
    }
  }),
  users('the management key opens no other organization', async (desk) => {
    // The admin token opens them all, and there is none of this id.
    const reason = desk.managementKey.startsWith('afadm_') ? 'ORGANIZATION_NOT_FOUND' : 'API_KEY_INVALID';
    for (const name of USER_CALLS) {
      demandRefusal(name, await desk.call(name, { ...GOOD[name], org_id: NOBODY }), reason);
    }
  }),
  users('USER_NOT_FOUND: a user whom nobody knows', async (desk) => {
    for (const name of USER_CALLS.filter((each) => each !== 'createUser' && each !== 'listUsers')) {
      demandRefusal(name, await desk.call(name, { ...GOOD[name] }), 'USER_NOT_FOUND');
    }
  }),
  users('USER_EXISTS: an e-mail that another user has', async (desk) => {
    const { email } = desk.world.ada;
    const taken = await desk.call('createUser', { email: email.toUpperCase(), fullname: FULLNAME });
    demandRefusal('createUser', taken, 'USER_EXISTS');
    const { userId: user_id } = await desk.newUser();
    demandRefusal(
      'updateUser',
      await desk.call('updateUser', { user_id, update_mask: ['email'], email }),
      'USER_EXISTS',
    );
  }),
  users('INVALID_ARGUMENT names the parameters that are not good', async (desk) => {
    for (const [name, fields, violations] of FAULTY) {
      const reply = await desk.call(name, { ...GOOD[name], ...fields });
      demandRefusal(`${name} with ${violations.join(', ')}`, reply, 'INVALID_ARGUMENT', violations);
    }
  }),
  users('PASSWORD_POLICY: a password for a new user that is too weak', async (desk) => {
    const fields = { email: desk.world.newEmail(), fullname: FULLNAME, password: 'weak' };
    demandRefusal('createUser', await desk.call('createUser', fields), 'PASSWORD_POLICY');
  }),
];

const USER = { user_id: NOBODY };

/** Good parameters, of a user whom nobody knows: a server that should have refused them does no harm. */
const GOOD: Readonly<Record<UserCallName, Fields>> = {
  createUser: { email: 'conformance-nobody@example.com', fullname: FULLNAME },
  getUser: USER,
  listUsers: {},
  updateUser: { ...USER, update_mask: ['fullname'], fullname: FULLNAME },
  setPassword: { ...USER, newPassword: 'Zr7#qLmv2Wxe' },
  disableUser: USER,
  enableUser: USER,
  deleteUser: USER,
  unlockUser: USER,
  listUserSessions: USER,
  endUserSessions: USER,
  resetSecondFactor: USER,
  createMailToken: { ...USER, kind: 'verify' },
  impersonate: { ...USER, reason: 'conformance' },
};

/** Each would be refused for nothing else. */
const FAULTY: readonly (readonly [name: UserCallName, fields: Fields, violations: readonly string[]])[] = [
  ['createUser', { email: '', fullname: '' }, ['email', 'fullname']],
  ['createUser', { email: 'nobody' }, ['email']],
  ['createUser', { roles: ['Editor'] }, ['roles']],
  ['createUser', { roles: ['editor', 'editor'] }, ['roles']],
  ['createUser', { public_metadata: '[]' }, ['public_metadata']],
  ['createUser', { private_metadata: '{"a":9007199254740993}' }, ['private_metadata']],
  ['createUser', { password_hash: 'hunter2' }, ['password_hash']],
  ['getUser', { user_id: 'nobody' }, ['user_id']],
  ['listUsers', { page_size: 201 }, ['page_size']],
  ['listUsers', { order_by: 'age', disabled: 'perhaps' }, ['disabled', 'order_by']],
  ['updateUser', { update_mask: ['age'] }, ['update_mask']],
  ['updateUser', { fullname: 'x'.repeat(201) }, ['fullname']],
  ['deleteUser', { user_id: 'nobody' }, ['user_id']],
  ['endUserSessions', { session_id: 'none' }, ['session_id']],
  ['createMailToken', { kind: 'letter' }, ['kind']],
  ['impersonate', { reason: '' }, ['reason']],
  ['impersonate', { ttl_seconds: 3_601 }, ['ttl_seconds']],
];

function users(title: string, run: Check<Desk>['run']): Check<Desk> {
  return { section: SECTION, title, run };
}
