import type { EntranceCheck } from '../check.ts';
import { CALLS, CHALLENGE_CALLS, MAIL_REQUEST_CALLS, OWN_SESSION_CALLS } from '../entrance.ts';
import { demandRefusal, demandSuccess } from '../expectations.ts';

const SECTION = '1 Keys and sessions';
const UNKNOWN_KEY = `af_${'A'.repeat(43)}`;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const WITH_ORG_ID = [
  'login',
  'validate',
  'changePassword',
  'logout',
  ...OWN_SESSION_CALLS,
  ...CHALLENGE_CALLS,
] as const;
const WITH_KEY = [...CALLS, ...OWN_SESSION_CALLS, ...MAIL_REQUEST_CALLS, ...CHALLENGE_CALLS] as const;

/** How keys and sessions travel, and which are refused. */
export const KEY_CHECKS: readonly EntranceCheck[] = [
  {
    section: SECTION,
    title: 'a malformed or unknown API key is refused by each call',
    async run(visit) {
      for (const name of WITH_KEY) {
        for (const api_key of ['af_short', UNKNOWN_KEY]) {
          demandRefusal(name, await visit.call(name, { ...visit.good(name), api_key }), 'API_KEY_INVALID');
        }
      }
    },
  },
  {
    section: SECTION,
    title: 'the key may come as x-api-key',
    async run(visit) {
      await keyAs(visit, (key) => ({ 'x-api-key': key }));
    },
  },
  {
    section: SECTION,
    title: 'the key may come as a bearer',
    async run(visit) {
      await keyAs(visit, (key) => ({ authorization: `Bearer ${key}` }));
    },
  },
  {
    section: SECTION,
    title: 'the session may come as a bearer',
    async run(visit) {
      const { sessionToken, ...others } = visit.good('validate');
      const headers = { authorization: `Bearer ${sessionToken}` };
      demandSuccess('validate', await visit.call('validate', others, { headers }), { email: visit.world.ada.email });
      const ignored = await visit.call('fooBar', { identity: visit.world.ada.email }, { headers });
      demandSuccess('fooBar, which takes no session,', ignored);
    },
  },
  {
    section: SECTION,
    title: 'a field and a header that agree are one',
    async run(visit) {
      const good = visit.good('validate');
      const headers = { 'x-api-key': visit.world.apiKey, authorization: `Bearer ${good.sessionToken}` };
      demandSuccess('validate', await visit.call('validate', good, { headers }));
    },
  },
  {
    section: SECTION,
    title: 'a field and a header that disagree are refused',
    async run(visit) {
      const good = visit.good('validate');
      for (const headers of [
        { 'x-api-key': UNKNOWN_KEY },
        { authorization: `Bearer ${UNKNOWN_KEY}` },
        { authorization: 'Bearer another.session.token' },
      ]) {
        demandRefusal(
          `validate with another ${'x-api-key' in headers ? 'x-api-key' : 'bearer'}`,
          await visit.call('validate', good, { headers }),
          'INVALID_ARGUMENT',
        );
      }
    },
  },
  {
    section: SECTION,
    title: 'one authorization may hold a key and a session',
    async run(visit) {
      const { sessionToken, api_key, ...others } = visit.good('validate');
      const both = { authorization: `Bearer ${api_key}, Bearer ${sessionToken}` };
      demandSuccess('validate', await visit.call('validate', others, { headers: both }));
      const foreign = { authorization: `Bearer ${UNKNOWN_KEY}, Bearer ${sessionToken}` };
      demandRefusal('with another key', await visit.call('validate', others, { headers: foreign }), 'API_KEY_INVALID');
    },
  },
  {
    section: SECTION,
    title: 'an authorization that holds anything else is refused',
    async run(visit) {
      const { sessionToken, ...others } = visit.good('validate');
      for (const [what, authorization] of [
        ['a session and anything', `Bearer ${sessionToken}, anything`],
        ['another scheme and a session', `Basic YTpi, Bearer ${sessionToken}`],
        ['two sessions', `Bearer ${sessionToken}, Bearer another.session.token`],
        ['two keys', `Bearer ${visit.world.apiKey}, Bearer ${UNKNOWN_KEY}`],
        ['a key without its scheme', visit.world.apiKey],
      ] as const) {
        const reply = await visit.call('validate', others, { headers: { authorization } });
        demandRefusal(`validate with ${what}`, reply, 'INVALID_ARGUMENT', ['authorization']);
      }
    },
  },
  {
    section: SECTION,
    title: 'another scheme alone is ignored',
    async run(visit) {
      const headers = { authorization: 'Basic YTpi' };
      demandSuccess('validate', await visit.call('validate', visit.good('validate'), { headers }));
    },
  },
  {
    section: SECTION,
    title: 'a bearer for management is API_KEY_INVALID',
    async run(visit) {
      for (const prefix of ['afm_', 'afadm_']) {
        const headers = { authorization: `Bearer ${prefix}${'A'.repeat(43)}` };
        const reply = await visit.call('validate', visit.good('validate'), { headers });
        demandRefusal(`validate with ${prefix}`, reply, 'API_KEY_INVALID');
      }
    },
  },
  {
    section: SECTION,
    title: 'a key and an org_id that disagree are API_KEY_INVALID',
    async run(visit) {
      for (const name of WITH_ORG_ID) {
        const reply = await visit.call(name, { ...visit.good(name), org_id: UNKNOWN_ID });
        demandRefusal(name, reply, 'API_KEY_INVALID');
      }
    },
  },
  {
    section: SECTION,
    title: 'an unknown org_id without a key is ORGANIZATION_NOT_FOUND',
    async run(visit) {
      for (const name of WITH_ORG_ID) {
        const reply = await visit.call(name, { ...visit.good(name), api_key: '', org_id: UNKNOWN_ID });
        demandRefusal(name, reply, 'ORGANIZATION_NOT_FOUND');
      }
    },
  },
];

/** The key counts in that header: with the right one the malformed nonce is what is refused. */
async function keyAs(
  visit: Parameters<EntranceCheck['run']>[0],
  headersOf: (key: string) => Readonly<Record<string, string>>,
): Promise<void> {
  const { api_key: _, ...others } = visit.good('signUp');
  const call = (key: string) => visit.call('signUp', others, { headers: headersOf(key) });
  demandRefusal('signUp with the key', await call(visit.world.apiKey), 'NONCE_INVALID');
  demandRefusal('signUp with another key', await call(UNKNOWN_KEY), 'API_KEY_INVALID');
}
