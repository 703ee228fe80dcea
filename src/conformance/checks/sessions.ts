import type { EntranceCheck } from '../check.ts';
import { OWN_SESSION_CALLS } from '../entrance.ts';
import { demandRefusal, demandSuccess } from '../expectations.ts';
import { tampered } from '../tampered.ts';
import { MALFORMED } from '../visit.ts';

const WITH_SESSION = ['validate', 'changePassword', 'logout', ...OWN_SESSION_CALLS] as const;

/** Which sessions are live, and what ends them. */
export const SESSION_CHECKS: readonly EntranceCheck[] = [
  {
    section: '1 Repeats',
    title: 'a second logout of the same session succeeds',
    async run(visit) {
      const { fields, reply } = await visit.loggedOut();
      demandSuccess('logout', reply);
      demandSuccess('the second logout', await visit.call('logout', fields));
    },
  },
  {
    section: '1 Repeats',
    title: 'a change to the present password is accepted',
    async run(visit) {
      demandSuccess('changePassword', await visit.changedAgain());
    },
  },
  {
    section: '2 Errors',
    title: 'SESSION_REVOKED: a session after its logout',
    async run(visit) {
      const { fields, reply } = await visit.loggedOut();
      demandSuccess('logout', reply);
      for (const name of ['validate', 'changePassword', ...OWN_SESSION_CALLS] as const) {
        demandRefusal(name, await visit.call(name, { ...visit.good(name), ...fields }), 'SESSION_REVOKED');
      }
    },
  },
  {
    section: '2 Errors',
    title: 'SESSION_REVOKED: the other sessions after a changed password',
    async run(visit) {
      const { owner, fields, reply } = await visit.changed();
      demandSuccess('changePassword', reply);
      const { email, otherSessionToken } = owner;
      const other = { email, api_key: fields.api_key, sessionToken: otherSessionToken };
      demandRefusal('validate of the other', await visit.call('validate', other), 'SESSION_REVOKED');
    },
  },
  {
    section: '1 The six calls',
    title: 'the session that changes the password lives on',
    async run(visit) {
      const { owner, fields, reply } = await visit.changed();
      demandSuccess('changePassword', reply);
      const { email, sessionToken } = owner;
      demandSuccess('validate', await visit.call('validate', { email, sessionToken, api_key: fields.api_key }), {
        email,
      });
    },
  },
  {
    section: '2 Errors',
    title: 'SESSION_INVALID: malformed, forged, of another e-mail or kind',
    async run(visit) {
      for (const name of WITH_SESSION) {
        const { sessionToken, email } = visit.good(name);
        const spoiled = {
          malformed: { sessionToken: MALFORMED },
          forged: { sessionToken: tampered(String(sessionToken)) },
          'of another e-mail': { email: visit.world.newEmail() },
          'with space around it': { sessionToken: ` ${sessionToken} ` },
          'a nonce': { sessionToken: await visit.nonce(String(email)) },
        };
        for (const [kind, spoil] of Object.entries(spoiled)) {
          const reply = await visit.call(name, { ...visit.good(name), ...spoil });
          demandRefusal(`${name} with a session: ${kind}`, reply, 'SESSION_INVALID');
        }
      }
    },
  },
];
