import type { EntranceCheck } from '../check.ts';
import { demandRefusal, demandSuccess, INSTANT, JWT, NO_LIST, TEXT, UUID } from '../expectations.ts';
import { isObject } from '../http-client.ts';
import { demand, demandEqual, shown } from '../mismatch.ts';
import type { Visit } from '../visit.ts';
import { FULLNAME } from '../world.ts';

const SECTION = '7 Accounts';

/** The calls of AccountService that a session opens. */
export const ACCOUNT_SESSION_CHECKS: readonly EntranceCheck[] = [
  account('me tells whose session it is, with or without an e-mail', async (visit) => {
    const { email: _, ...others } = visit.good('me');
    for (const fields of [visit.good('me'), others]) {
      demandSuccess('me', await visit.call('me', fields), {
        ...userFields(visit),
        role: 'user',
        roles: NO_LIST,
        session_id: UUID,
        expires_at: INSTANT,
        email_verified: false,
        second_factor: false,
        recovery_codes_left: 0,
        public_metadata: TEXT,
        created_at: INSTANT,
      });
    }
  }),
  account('renewSession answers another token of the same session', async (visit) => {
    const fields = { token: JWT, expires_at: INSTANT, ...userFields(visit) };
    const { token } = demandSuccess('renewSession', await visit.renewed(), fields);
    const before = visit.good('me');
    demand(token !== before.sessionToken, 'renewSession: a new token', 'renewSession: the token that it was given');
    const [older, newer] = [
      demandSuccess('me by the token before', await visit.call('me', before), { session_id: UUID }),
      demandSuccess('me by the new token', await visit.call('me', { ...before, sessionToken: token })),
    ];
    demandEqual('session_id of the new token', String(older.session_id), newer.session_id);
  }),
  account('listMySessions tells each session, and which of them asks', async (visit) => {
    const { sessions } = demandSuccess('listMySessions', await visit.listed());
    demand(Array.isArray(sessions), 'sessions: a list', `sessions: ${typeof sessions}`);
    demandEqual('the number of sessions', 2, sessions.length);
    for (const session of sessions) {
      demandForms(isObject(session) ? session : {});
    }
    // The newest comes first, and the one that asks is the older.
    demandEqual('current', 'false, true', sessions.map((session) => String(session?.current)).join(', '));
  }),
  account('REAUTHENTICATION_REQUIRED: a login by a password that a session has set', async (visit) => {
    for (const [name, reply] of Object.entries(await visit.unproven())) {
      demandRefusal(name, reply, 'REAUTHENTICATION_REQUIRED');
    }
  }),
  account('endMySessions ends the session that is named, else all others', async (visit) => {
    const { late, fields, foreign, reply } = await visit.endedByName();
    demandSuccess('endMySessions of nobody’s session', foreign, { ended_sessions: 0 });
    demandSuccess('endMySessions', reply, { ended_sessions: 1 });
    demandRefusal('me by what was ended', await visit.call('me', late), 'SESSION_REVOKED');
    demandSuccess('endMySessions again', await visit.call('endMySessions', fields), { ended_sessions: 0 });
    const { session } = await visit.afterChange();
    demandSuccess('endMySessions of all others', await visit.call('endMySessions', session), { ended_sessions: 0 });
    demandSuccess('me by what has asked', await visit.call('me', session));
  }),
  account('updateProfile answers as me, with the new name', async (visit) => {
    const { owner, session } = await visit.afterChange();
    const { email, userId: user_id, orgId: org_id } = owner;
    const expected = { email, user_id, org_id, fullname: RENAMED, role: 'user', session_id: UUID, created_at: INSTANT };
    const reply = await visit.call('updateProfile', { ...session, fullname: ` ${RENAMED} ` });
    demandSuccess('updateProfile', reply, expected);
    demandSuccess('me', await visit.call('me', session), { fullname: RENAMED });
  }),
  account('CREDENTIALS_INVALID: a wrong currentPassword, also where the login is fresh', async (visit) => {
    const { session } = await visit.afterChange();
    const reply = await visit.call('deleteAccount', { ...session, currentPassword: 'wrong' });
    demandRefusal('deleteAccount', reply, 'CREDENTIALS_INVALID');
    demandSuccess('me', await visit.call('me', session));
  }),
  account('deleteAccount removes the user and ends the sessions', async (visit) => {
    const { owner, session, reply } = await visit.deleted();
    demandSuccess('deleteAccount', reply, { ended_sessions: 1 });
    for (const name of ['me', 'deleteAccount'] as const) {
      demandRefusal(name, await visit.call(name, session), 'SESSION_REVOKED');
    }
    const { email } = owner;
    const login = await visit.call('login', { ...visit.good('login'), email, foobar: await visit.nonce(email) });
    demandRefusal('login', login, 'USER_NOT_FOUND');
  }),
];

const RENAMED = 'Zoë 例え the Second';

function account(title: string, run: EntranceCheck['run']): EntranceCheck {
  return { section: SECTION, title, run };
}

function userFields({ world }: Visit) {
  const { email, orgId, userId } = world.ada;
  return { email, fullname: FULLNAME, org_id: orgId, user_id: userId };
}

const SESSION_FORMS = {
  session_id: UUID,
  created_at: INSTANT,
  last_used_at: INSTANT,
  expires_at: INSTANT,
  client_ip: TEXT,
  user_agent: TEXT,
};

function demandForms(session: Readonly<Record<string, unknown>>): void {
  for (const [name, { form, fits }] of Object.entries(SESSION_FORMS)) {
    demand(
      fits(session[name]),
      `${name} of a session: ${form}`,
      `${name} of a session: ${shown(typeof session[name])}`,
    );
  }
}
