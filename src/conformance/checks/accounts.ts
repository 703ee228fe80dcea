import type { EntranceCheck } from '../check.ts';
import { demandRefusal, demandSuccess } from '../expectations.ts';

const SECTION = '2 Errors';

/** Passwords, the disclaimer, and what an account refuses. */
export const ACCOUNT_CHECKS: readonly EntranceCheck[] = [
  {
    section: SECTION,
    title: 'CREDENTIALS_INVALID: a wrong password',
    async run(visit) {
      const { email } = await visit.owner();
      const fields = { ...visit.good('login'), email, foobar: await visit.nonce(email), password: 'wrong' };
      demandRefusal('login', await visit.call('login', fields), 'CREDENTIALS_INVALID');
    },
  },
  {
    section: SECTION,
    title: 'CREDENTIALS_INVALID: a wrong currentPassword',
    async run(visit) {
      const { email, sessionToken, password } = await visit.owner();
      const fields = {
        ...visit.good('changePassword'),
        email,
        sessionToken,
        newPassword: password,
        currentPassword: 'wrong',
      };
      demandRefusal('changePassword', await visit.call('changePassword', fields), 'CREDENTIALS_INVALID');
    },
  },
  {
    section: SECTION,
    title: 'CREDENTIALS_INVALID: the password before the change',
    async run(visit) {
      const { owner } = await visit.changed();
      const { email, password } = owner;
      const fields = { ...visit.good('login'), email, foobar: await visit.nonce(email), password };
      demandRefusal('login', await visit.call('login', fields), 'CREDENTIALS_INVALID');
    },
  },
  {
    section: SECTION,
    title: 'USER_NOT_FOUND: nobody has the e-mail',
    async run(visit) {
      const email = visit.world.newEmail();
      const fields = { ...visit.good('login'), email, foobar: await visit.nonce(email) };
      demandRefusal('login', await visit.call('login', fields), 'USER_NOT_FOUND');
    },
  },
  {
    section: SECTION,
    title: 'USER_EXISTS: the e-mail is signed up',
    async run(visit) {
      const { email, reply } = await visit.signedUp();
      demandSuccess('the first signUp', reply);
      const fields = { ...visit.good('signUp'), email, foobar: await visit.nonce(email) };
      demandRefusal('signUp', await visit.call('signUp', fields), 'USER_EXISTS');
    },
  },
  {
    section: SECTION,
    title: 'PASSWORD_POLICY: each of its rules',
    async run(visit) {
      for (const [rule, password] of Object.entries(WEAK_PASSWORDS)) {
        const signUp = await visit.call('signUp', { ...visit.good('signUp'), password });
        demandRefusal(`signUp, ${rule}`, signUp, 'PASSWORD_POLICY');
        const change = await visit.call('changePassword', { ...visit.good('changePassword'), newPassword: password });
        demandRefusal(`changePassword, ${rule}`, change, 'PASSWORD_POLICY');
      }
      for (const [rule, password] of Object.entries(FIT_PASSWORDS)) {
        // The malformed nonce comes after the policy.
        const signUp = await visit.call('signUp', { ...visit.good('signUp'), password });
        demandRefusal(`signUp, ${rule}`, signUp, 'NONCE_INVALID');
      }
    },
  },
  {
    section: SECTION,
    title: 'DISCLAIMER_REQUIRED: false, or missing',
    async run(visit) {
      const { disclaimed: _, ...others } = visit.good('signUp');
      demandRefusal('signUp without it', await visit.call('signUp', others), 'DISCLAIMER_REQUIRED');
      const refused = await visit.call('signUp', { ...others, disclaimed: false });
      demandRefusal('signUp with false', refused, 'DISCLAIMER_REQUIRED');
    },
  },
];

/** Fits every rule, its first eight characters too, and would not be guessed by anybody: a server may refuse what would. */
const FIT = 'Kq7!zwpvnbtrgmdhxcslfyjeaiouxkmw';

const WEAK_PASSWORDS = {
  '7 characters': FIT.slice(0, 7),
  '33 characters': `${FIT}w`,
  'no upper-case letter': 'kq7!zwpv',
  'no lower-case letter': 'KQ7!ZWPV',
  'no digit': 'Kqr!zwpv',
  'no special character': 'Kq7szwpv',
  'a control character': 'Kq7!zwpv\u0007',
};

const FIT_PASSWORDS = {
  '8 characters': FIT.slice(0, 8),
  '32 characters': FIT,
  '8 characters of four bytes each or fewer': 'Éé1!😀🎉🚀🌍',
};
