import type { Check } from '../check.ts';
import { type Desk, type ManagedUser, userIn } from '../desk.ts';
import type { Reply } from '../entrance.ts';
import { demandRefusal, demandSuccess, INSTANT, JWT } from '../expectations.ts';
import { isObject } from '../http-client.ts';
import { demand, demandEqual } from '../mismatch.ts';
import { setUpFactor } from '../second-factor.ts';

const SECTION = '4 Users';

/** What a back office ends and opens. */
export const USER_SESSION_CHECKS: readonly Check<Desk>[] = [
  users('updateUser: a role that is taken away ends all sessions, one that is given none', async (desk) => {
    const person = await desk.newPerson({ roles: ['editor'] });
    const session = await desk.world.newSession(person);
    const update = (roles: readonly string[]) =>
      desk.call('updateUser', { user_id: person.userId, update_mask: ['roles'], roles });
    demandSuccess('updateUser', await update(['editor', 'owner']), { ended_sessions: 0 });
    demandSuccess('me', await me(desk, session));
    demandSuccess('updateUser', await update(['owner']), { ended_sessions: 1 });
    demandRefusal('me', await me(desk, session), 'SESSION_REVOKED');
  }),
  users('setPassword ends all sessions, and lets the new password in alone', async (desk) => {
    const person = await desk.newPerson();
    const session = await desk.world.newSession(person);
    const newPassword = desk.world.newPassword();
    const weak = await desk.call('setPassword', { user_id: person.userId, newPassword: 'weak' });
    demandRefusal('setPassword', weak, 'PASSWORD_POLICY');
    demandSuccess('me', await me(desk, session));
    const reply = await desk.call('setPassword', { user_id: person.userId, newPassword });
    demandSuccess('setPassword', reply, { ended_sessions: 1 });
    demandRefusal('me', await me(desk, session), 'SESSION_REVOKED');
    demandRefusal('login by the password before', await desk.world.tryLogin(person), 'CREDENTIALS_INVALID');
    demandSuccess('login', await desk.world.tryLogin({ ...person, password: newPassword }));
  }),
  users('resetSecondFactor takes it off, ends all sessions, and logins need none', async (desk) => {
    const person = await desk.newPerson();
    const { userId: user_id, email } = person;
    const session = { email, sessionToken: await desk.world.newSession(person) };
    await setUpFactor((name, fields) => desk.world.ask(name, fields), session);
    const before = userIn('getUser', await desk.call('getUser', { user_id }));
    demandEqual('second_factor before', true, before.second_factor);
    demandRefusal('login before', await desk.world.tryLogin(person), 'SECOND_FACTOR_REQUIRED');
    const reply = await desk.call('resetSecondFactor', { user_id });
    demandSuccess('resetSecondFactor', reply, { ended_sessions: 1 });
    demandEqual('second_factor', false, userIn('resetSecondFactor', reply).second_factor);
    demandRefusal('me', await me(desk, session.sessionToken), 'SESSION_REVOKED');
    demandSuccess('login', await desk.world.tryLogin(person));
  }),
  users('disableUser refuses logins and ends all sessions; enableUser lets in again', async (desk) => {
    const person = await desk.newPerson();
    const { userId: user_id } = person;
    const session = await desk.world.newSession(person);
    for (const ended of [1, 0]) {
      const reply = await desk.call('disableUser', { user_id });
      const { disabled_at } = userIn('disableUser', reply);
      demand(INSTANT.fits(disabled_at), `disabled_at: ${INSTANT.form}`, `disabled_at: another ${typeof disabled_at}`);
      demandSuccess('disableUser', reply, { ended_sessions: ended });
    }
    demandRefusal('me', await me(desk, session), 'SESSION_REVOKED');
    demandRefusal('login', await desk.world.tryLogin(person), 'USER_DISABLED');
    const reason = 'conformance';
    demandRefusal('impersonate', await desk.call('impersonate', { user_id, reason }), 'USER_DISABLED');
    for (const time of ['first', 'second']) {
      const user = userIn('enableUser', await desk.call('enableUser', { user_id }));
      demand(!('disabled_at' in user), `the ${time} enableUser: no disabled_at`, 'disabled_at');
    }
    demandRefusal('me', await me(desk, session), 'SESSION_REVOKED');
    demandSuccess('login', await desk.world.tryLogin(person));
  }),
  users('listUserSessions tells each session; endUserSessions ends one, or all', async (desk) => {
    const person = await desk.newPerson();
    const { userId: user_id } = person;
    const [first, second, third] = [await logIn(desk, person), await logIn(desk, person), await logIn(desk, person)];
    const ids = [first, second, third].map(({ id }) => id).sort();
    demandEqual('the sessions', ids.join(', '), (await pages(desk, user_id)).sort().join(', '));
    const end = (session_id?: string) =>
      desk.call('endUserSessions', { user_id, ...(session_id === undefined ? {} : { session_id }) });
    demandSuccess('endUserSessions of one', await end(second.id), { ended_sessions: 1 });
    demandSuccess('endUserSessions of that one again', await end(second.id), { ended_sessions: 0 });
    demandRefusal('me', await me(desk, second.token), 'SESSION_REVOKED');
    demandSuccess('me by another', await me(desk, first.token));
    demandSuccess('endUserSessions of all', await end(), { ended_sessions: 2 });
    for (const { token } of [first, third]) {
      demandRefusal('me', await me(desk, token), 'SESSION_REVOKED');
    }
  }),
  users('impersonate opens Validate, Me and Logout alone, and says who asked', async (desk) => {
    const person = await desk.newPerson();
    const { userId: user_id, email } = person;
    const own = await logIn(desk, person);
    const reply = await desk.call('impersonate', { user_id, reason: 'conformance', ttl_seconds: 60 });
    const { token, expires_at } = demandSuccess('impersonate', reply, {
      token: JWT,
      expires_at: INSTANT,
      email,
      user_id,
    });
    const sessionToken = String(token);
    const lastsMs = Date.parse(String(expires_at)) - Date.now();
    demand(
      lastsMs < CLOCK_MS + 60_000,
      'impersonate: a session of 60 s',
      `impersonate: ${Math.round(lastsMs / 1000)} s`,
    );
    demandSuccess('validate', await desk.world.ask('validate', { sessionToken, email }), { email, user_id });
    demandSuccess('me', await me(desk, sessionToken), { email, user_id });
    const newPassword = desk.world.newPassword();
    const closed = {
      renewSession: {},
      listMySessions: {},
      endMySessions: {},
      updateProfile: { fullname: 'Somebody else' },
      changeEmail: { newEmail: desk.world.newEmail() },
      changePassword: { newPassword },
      deleteAccount: { currentPassword: person.password },
    } as const;
    for (const name of Object.keys(closed) as (keyof typeof closed)[]) {
      const asked = await desk.world.ask(name, { sessionToken, email, ...closed[name] });
      demandRefusal(name, asked, 'ACCESS_DENIED');
    }
    const sessions = await listSessions(desk, user_id);
    demandEqual('sessions with an actor', 1, sessions.filter(({ actor }) => actor !== '').length);
    demandSuccess('logout', await desk.world.ask('logout', { sessionToken, email }));
    demandRefusal('me', await me(desk, sessionToken), 'SESSION_REVOKED');
    demandSuccess('me by the user’s own', await me(desk, own.token));
  }),
  users('deleteUser removes the user, and the e-mail is free for another', async (desk) => {
    const person = await desk.newPerson();
    const { userId: user_id, email } = person;
    const session = await desk.world.newSession(person);
    demandSuccess('deleteUser', await desk.call('deleteUser', { user_id }), { ended_sessions: 1 });
    demandRefusal('me', await me(desk, session), 'SESSION_REVOKED');
    for (const name of ['getUser', 'deleteUser'] as const) {
      demandRefusal(name, await desk.call(name, { user_id }), 'USER_NOT_FOUND');
    }
    const { userId } = await desk.newUser({ email });
    demand(userId !== user_id, 'createUser: another user_id', 'createUser: that of the deleted user');
  }),
];

/** What the clocks of the kit and of the server may be apart. */
const CLOCK_MS = 600_000;

function users(title: string, run: Check<Desk>['run']): Check<Desk> {
  return { section: SECTION, title, run };
}

function me(desk: Desk, sessionToken: string): Promise<Reply> {
  return desk.world.ask('me', { sessionToken });
}

async function logIn(desk: Desk, person: ManagedUser): Promise<{ readonly token: string; readonly id: string }> {
  const token = await desk.world.newSession(person);
  return { token, id: String(demandSuccess('me', await me(desk, token)).session_id) };
}

async function listSessions(desk: Desk, user_id: string) {
  const { sessions } = demandSuccess('listUserSessions', await desk.call('listUserSessions', { user_id }));
  demand(Array.isArray(sessions), 'sessions: a list', `sessions: ${typeof sessions}`);
  return sessions.filter(isObject);
}

/** The ids of a user's sessions, two a page. */
async function pages(desk: Desk, user_id: string): Promise<string[]> {
  const asked = { user_id, page_size: 2 };
  const first = demandSuccess('listUserSessions', await desk.call('listUserSessions', asked));
  const page_token = first.next_page_token;
  const rest = await desk.call('listUserSessions', { ...asked, page_token });
  const second = demandSuccess('the next page', rest, { next_page_token: '' });
  return [first, second].flatMap(({ sessions }) =>
    Array.isArray(sessions) ? sessions.map((session) => String(isObject(session) ? session.session_id : null)) : [],
  );
}
