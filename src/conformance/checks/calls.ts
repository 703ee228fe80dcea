import type { EntranceCheck } from '../check.ts';
import { demandSuccess, INSTANT, JWT, TOKEN, UUID } from '../expectations.ts';
import type { Visit } from '../visit.ts';
import { FULLNAME } from '../world.ts';

/** The golden calls: each of the six with good parameters. */
export const CALL_CHECKS: readonly EntranceCheck[] = [
  golden('fooBar answers token and expires_at, for any e-mail', async (visit) => {
    for (const identity of [visit.world.ada.email, visit.world.newEmail()]) {
      const reply = await visit.call('fooBar', { identity });
      demandSuccess('fooBar', reply, { token: TOKEN, expires_at: INSTANT });
    }
  }),
  golden('fooBar takes an API key', async (visit) => {
    const reply = await visit.call('fooBar', { identity: visit.world.newEmail(), api_key: visit.world.apiKey });
    demandSuccess('fooBar', reply, { token: TOKEN, expires_at: INSTANT });
  }),
  golden('signUp answers user_id, email, fullname and org_id', async (visit) => {
    const { email, reply } = await visit.signedUp();
    demandSuccess('signUp', reply, { user_id: UUID, email, fullname: FULLNAME, org_id: visit.world.ada.orgId });
  }),
  golden('login answers a session, by key and org_id', async (visit) => {
    const { reply } = await visit.loggedIn();
    demandSuccess('login', reply, { token: JWT, expires_at: INSTANT, ...adaFields(visit) });
  }),
  golden('login answers a session, by org_id alone', async (visit) => {
    demandSuccess('login', await visit.loggedInByOrgId(), { token: JWT, expires_at: INSTANT, ...adaFields(visit) });
  }),
  golden('validate tells whose session it is', async (visit) => {
    const reply = await visit.call('validate', visit.good('validate'));
    demandSuccess('validate', reply, { ...adaFields(visit), session_id: UUID, expires_at: INSTANT });
  }),
  golden('changePassword tells how many other sessions it ended', async (visit) => {
    const { reply } = await visit.changed();
    demandSuccess('changePassword', reply, { ended_sessions: 1 });
  }),
  golden('logout succeeds', async (visit) => {
    const { reply } = await visit.loggedOut();
    demandSuccess('logout', reply);
  }),
];

function golden(title: string, run: EntranceCheck['run']): EntranceCheck {
  return { section: '1 The six calls', title, run };
}

function adaFields({ world }: Visit) {
  const { email, orgId, userId } = world.ada;
  return { email, fullname: FULLNAME, org_id: orgId, user_id: userId };
}
