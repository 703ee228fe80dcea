import type { EntranceCheck } from '../check.ts';
import { demandOtherRefusal, demandRefusal, demandSuccess } from '../expectations.ts';
import { tampered } from '../tampered.ts';
import { MALFORMED, type Visit } from '../visit.ts';

/** What a nonce opens, and how often. */
export const NONCE_CHECKS: readonly EntranceCheck[] = [
  {
    section: '1 Order of checks',
    title: 'a nonce is good for one login',
    async run(visit) {
      const { fields, reply } = await visit.loggedIn();
      demandSuccess('login', reply);
      demandRefusal('login with the same nonce', await visit.call('login', fields), 'NONCE_USED');
    },
  },
  {
    section: '1 Order of checks',
    title: 'a nonce is good for one sign-up',
    async run(visit) {
      const { fields, reply } = await visit.signedUp();
      demandSuccess('signUp', reply);
      demandRefusal('signUp with the same nonce', await visit.call('signUp', fields), 'NONCE_USED');
    },
  },
  {
    section: '1 Order of checks',
    title: 'a nonce is spent by an attempt that the account refuses',
    async run(visit) {
      const attempt = await strangersLogin(visit);
      demandOtherRefusal('login of a stranger', await visit.call('login', attempt), 'NONCE_USED');
      demandRefusal('login with the same nonce', await visit.call('login', attempt), 'NONCE_USED');
    },
  },
  {
    section: '1 Order of checks',
    title: 'a nonce is not spent by a fault found before it',
    async run(visit) {
      const attempt = await strangersLogin(visit);
      const spoiled = [
        [{ password: '' }, 'INVALID_ARGUMENT'],
        [{ api_key: 'af_short' }, 'API_KEY_INVALID'],
      ] as const;
      for (const [spoil, reason] of spoiled) {
        demandRefusal('login', await visit.call('login', { ...attempt, ...spoil }), reason);
      }
      demandOtherRefusal('login with the same nonce', await visit.call('login', attempt), 'NONCE_USED');
    },
  },
  {
    section: '2 Errors',
    title: 'NONCE_INVALID: malformed, forged, of another e-mail or kind',
    async run(visit) {
      const { world } = visit;
      const { email, sessionToken } = world.ada;
      const nonces = {
        malformed: MALFORMED,
        forged: tampered(await visit.nonce(email)),
        'of another e-mail': await visit.nonce(world.newEmail()),
        'a session token': sessionToken,
      };
      for (const [kind, foobar] of Object.entries(nonces)) {
        const login = await visit.call('login', { ...visit.good('login'), foobar });
        demandRefusal(`login with a nonce: ${kind}`, login, 'NONCE_INVALID');
        const signUp = await visit.call('signUp', { ...visit.good('signUp'), email, foobar });
        demandRefusal(`signUp with a nonce: ${kind}`, signUp, 'NONCE_INVALID');
      }
    },
  },
];

async function strangersLogin(visit: Visit) {
  const email = visit.world.newEmail();
  return { ...visit.good('login'), email, foobar: await visit.nonce(email) };
}
