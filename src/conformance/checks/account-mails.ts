import type { EntranceCheck } from '../check.ts';
import { demandNoFields, demandRefusal, demandSuccess } from '../expectations.ts';
import { demandEqual } from '../mismatch.ts';
import { MALFORMED } from '../visit.ts';

const SECTION = '7 Accounts';

/** What can be seen, by who reads no mail, of the calls that mails have to do with. */
export const ACCOUNT_MAIL_CHECKS: readonly EntranceCheck[] = [
  {
    section: SECTION,
    title: 'asking for a mail tells nobody whose the address is',
    async run(visit) {
      for (const name of ['sendVerificationEmail', 'forgotPassword'] as const) {
        const toUser = await visit.call(name, { ...visit.good(name), email: visit.world.ada.email });
        const toNobody = await visit.call(name, visit.good(name));
        for (const reply of [toUser, toNobody]) {
          demandNoFields(name, reply);
        }
        demandEqual(`the message of ${name} for nobody`, toUser.message, toNobody.message);
      }
    },
  },
  {
    section: SECTION,
    title: 'TOKEN_INVALID: what no mail holds',
    async run(visit) {
      const { email, sessionToken } = visit.world.ada;
      const tokens = { malformed: MALFORMED, 'a nonce': await visit.nonce(email), 'a session token': sessionToken };
      for (const [kind, token] of Object.entries(tokens)) {
        for (const name of ['verifyEmail', 'resetPassword'] as const) {
          const reply = await visit.call(name, { ...visit.good(name), token });
          demandRefusal(`${name} with a token: ${kind}`, reply, 'TOKEN_INVALID');
        }
      }
    },
  },
  {
    section: SECTION,
    title: 'changeEmail changes nothing by itself, and tells nobody whose the address is',
    async run(visit) {
      const { owner, session } = await visit.afterChange();
      for (const newEmail of [visit.world.newEmail(), visit.world.ada.email]) {
        const reply = await visit.call('changeEmail', { ...session, newEmail });
        demandNoFields('changeEmail', reply);
      }
      demandSuccess('me', await visit.call('me', session), { email: owner.email });
    },
  },
];
