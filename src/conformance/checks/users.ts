import type { Check } from '../check.ts';
import { type Desk, userIn } from '../desk.ts';
import type { Fields } from '../entrance.ts';
import { demandRefusal, demandSuccess, INSTANT, UUID } from '../expectations.ts';
import { isObject } from '../http-client.ts';
import { demand, demandEqual, shown } from '../mismatch.ts';
import { FULLNAME } from '../world.ts';

const SECTION = '4 Users';
const MOST_PAGES = 20;

/** What a back office makes of users. */
export const USER_CHECKS: readonly Check<Desk>[] = [
  users('createUser answers the user, who can log in', async (desk) => {
    const { email, password, reply } = await desk.created();
    const user = userIn('createUser', reply);
    demand(UUID.fits(user.user_id), `user_id: ${UUID.form}`, `user_id: ${shown(typeof user.user_id)}`);
    demand(INSTANT.fits(user.created_at), `created_at: ${INSTANT.form}`, `created_at: ${shown(user.created_at)}`);
    demandMembers(user, {
      ...{ org_id: desk.world.ada.orgId, email, fullname: FULLNAME, email_verified: true },
      ...{ public_metadata: '{"plan":"pro"}', private_metadata: '{"crm":7}', has_password: true, second_factor: false },
    });
    demandEqual('roles', 'editor, billing:read', rolesOf(user));
    demand(!('disabled_at' in user), 'no disabled_at', 'disabled_at');
    const session = await desk.world.newSession({ email, password });
    const me = await desk.world.ask('me', { sessionToken: session });
    const { roles, private_metadata } = demandSuccess('me', me, {
      email_verified: true,
      public_metadata: '{"plan":"pro"}',
    });
    demandEqual('roles of me', 'editor, billing:read', rolesOf({ roles }));
    demandEqual('private_metadata of me', 'undefined', typeof private_metadata);
  }),
  users('getUser and listUsers tell the user as createUser did', async (desk) => {
    const { email, reply } = await desk.created();
    const created = userIn('createUser', reply);
    const user_id = created.user_id;
    demandMembers(userIn('getUser', await desk.call('getUser', { user_id })), created);
    const [found, ...others] = await list(desk, { search: email });
    demandEqual('how many others have the e-mail', 0, others.length);
    demandMembers(isObject(found) ? found : {}, created);
  }),
  users('listUsers goes through pages, and tells each user once', async (desk) => {
    const crew = await desk.crew();
    for (const order_by of ['created_at', 'email']) {
      const ids: unknown[] = [];
      let page_token = '';
      for (let page = 0; page < MOST_PAGES && (page === 0 || page_token !== ''); page += 1) {
        const fields = { role: desk.crewRole, order_by, page_size: 2, page_token };
        const { users: members, next_page_token } = demandSuccess('listUsers', await desk.call('listUsers', fields));
        const some = Array.isArray(members) ? members : [];
        demand(some.length <= 2, 'listUsers: 2 users at most', `listUsers: ${some.length}`);
        ids.push(...some.map((user) => (isObject(user) ? user.user_id : null)));
        page_token = String(next_page_token);
      }
      demandEqual('the last next_page_token', '', page_token);
      demandEqual('the users of all pages', [...crew].sort().join(', '), ids.sort().join(', '));
    }
  }),
  users('listUsers: each filter narrows, and a page_token is of one filter', async (desk) => {
    await desk.crew();
    const role = desk.crewRole;
    const lists = [{ email_verified: 'true' }, { disabled: 'true' }, { created_from: '2999-01-01T00:00:00Z' }];
    for (const filter of lists) {
      demandEqual(`users by ${Object.keys(filter)}`, 0, (await list(desk, { role, ...filter })).length);
    }
    demandEqual('users that are not disabled', 3, (await list(desk, { role, disabled: 'false' })).length);
    const first = demandSuccess('listUsers', await desk.call('listUsers', { role, page_size: 1 }));
    const other = await desk.call('listUsers', { page_token: first.next_page_token, page_size: 1 });
    demandRefusal('listUsers', other, 'INVALID_ARGUMENT', ['page_token']);
  }),
  users('updateUser changes what update_mask names, and nothing else', async (desk) => {
    const given = { roles: ['editor'], public_metadata: '{"a":1}', private_metadata: '{"b":2}' };
    const { userId: user_id, email } = await desk.newUser(given);
    const fields = {
      user_id,
      fullname: ' Renamed ',
      roles: ['owner'],
      public_metadata: '{"a":2}',
      private_metadata: '',
    };
    const update_mask = ['fullname', 'public_metadata', 'private_metadata'];
    const reply = await desk.call('updateUser', { ...fields, update_mask });
    const expected = { email, fullname: 'Renamed', public_metadata: '{"a":2}', private_metadata: '' };
    demandEqual('ended_sessions', 0, demandSuccess('updateUser', reply).ended_sessions);
    const got = userIn('getUser', await desk.call('getUser', { user_id }));
    for (const user of [userIn('updateUser', reply), got]) {
      demandMembers(user, expected);
      demandEqual('roles', 'editor', rolesOf(user));
    }
  }),
  users('updateUser: another address counts as not proven, unless the call says so', async (desk) => {
    const { userId: user_id } = await desk.newUser({ email_verified: true });
    const [first, second] = [desk.world.newEmail(), desk.world.newEmail()];
    const moved = await desk.call('updateUser', { user_id, update_mask: ['email'], email: first });
    demandMembers(userIn('updateUser', moved), { email: first, email_verified: false });
    const update_mask = ['email', 'email_verified'];
    const proven = await desk.call('updateUser', { user_id, update_mask, email: second, email_verified: true });
    demandMembers(userIn('updateUser', proven), { email: second, email_verified: true });
  }),
  users('createMailToken gives what verifyEmail takes', async (desk) => {
    const { userId: user_id } = await desk.newUser();
    const reply = await desk.call('createMailToken', { user_id, kind: 'verify' });
    const { token } = demandSuccess('createMailToken', reply, { expires_at: INSTANT });
    demandSuccess('verifyEmail', await desk.world.ask('verifyEmail', { token }));
    const user = userIn('getUser', await desk.call('getUser', { user_id }));
    demandMembers(user, { email_verified: true });
  }),
  users('unlockUser and resetSecondFactor are successes where there is nothing to do', async (desk) => {
    const { userId: user_id, email } = await desk.newUser();
    for (const name of ['unlockUser', 'resetSecondFactor'] as const) {
      demandMembers(userIn(name, await desk.call(name, { user_id })), { user_id, email, second_factor: false });
    }
  }),
];

function users(title: string, run: Check<Desk>['run']): Check<Desk> {
  return { section: SECTION, title, run };
}

async function list(desk: Desk, filter: Fields): Promise<readonly unknown[]> {
  const reply = await desk.call('listUsers', { page_size: 200, ...filter });
  const { users: members } = demandSuccess('listUsers', reply, { next_page_token: '' });
  demand(Array.isArray(members), 'users: a list', `users: ${typeof members}`);
  return members;
}

/** Of texts, numbers and booleans alone. */
function demandMembers(user: Fields, expected: Fields): void {
  for (const [name, value] of Object.entries(expected)) {
    if (typeof value !== 'object') {
      demandEqual(`${name} of the user`, value as string, user[name]);
    }
  }
}

function rolesOf({ roles }: Fields): string {
  return Array.isArray(roles) ? roles.join(', ') : typeof roles;
}
