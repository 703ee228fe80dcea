import type { EntranceCheck } from '../check.ts';
import type { Reply } from '../entrance.ts';
import { type HttpReply, jsonObject } from '../http-client.ts';
import { demand, demandEqual, shown } from '../mismatch.ts';
import type { Visit } from '../visit.ts';

/** The shape of every reply under `/auth`. */
export const ENVELOPE_CHECKS: readonly EntranceCheck[] = [
  envelope('success is 200, never 201', async (visit) => {
    for (const [what, reply] of await successes(visit)) {
      demandEqual(`the status of ${what}`, 200, reply.status);
    }
  }),
  envelope('statusCode is equal to the HTTP status', (visit) =>
    everyReply(visit, (what, reply) =>
      demandEqual(`statusCode of ${what}`, reply.status, jsonObject(reply)?.statusCode),
    ),
  ),
  envelope('message is a sentence', (visit) =>
    everyReply(visit, (what, reply) => {
      const message = jsonObject(reply)?.message;
      demand(typeof message === 'string' && message !== '', `${what}: a message`, `${what}: ${typeof message}`);
    }),
  ),
  envelope('an error has statusCode, error and message alone', async (visit) => {
    for (const [what, reply] of await refusals(visit)) {
      const names = Object.keys(jsonObject(reply) ?? {}).filter((name) => name !== 'violations');
      demandEqual(`the members of ${what}`, 'error, message, statusCode', names.sort().join(', '));
    }
    for (const [what, reply] of await successes(visit)) {
      demand(!('error' in (jsonObject(reply) ?? {})), `${what}: no error`, `${what}: an error beside a success`);
    }
  }),
  envelope('violations are objects of field and message', async (visit) => {
    const reply = bare(await visit.call('login', {}));
    const violations = jsonObject(reply)?.violations;
    const names = Array.isArray(violations)
      ? violations.map((fault) =>
          Object.keys(fault ?? {})
            .sort()
            .join(', '),
        )
      : [];
    demandEqual('the members of violations', 'field, message', [...new Set(names)].join(' or '));
  }),
  envelope('Content-Type is application/json', (visit) =>
    everyReply(visit, (what, { headers }) => {
      const type = headers['content-type'];
      const fits = /^application\/json(; *charset=utf-8)?$/i.test(type ?? '');
      demand(fits, `${what}: Content-Type: application/json`, `${what}: Content-Type: ${shown(type)}`);
    }),
  ),
  envelope('Cache-Control is no-store', (visit) =>
    everyReply(visit, (what, { headers }) =>
      demandEqual(`Cache-Control of ${what}`, 'no-store', headers['cache-control']),
    ),
  ),
  envelope('WWW-Authenticate: Bearer comes with 401, and with it alone', (visit) =>
    everyReply(visit, (what, { status, headers }) => {
      const expected = status === 401 ? 'Bearer' : 'nothing';
      demandEqual(`WWW-Authenticate of ${what}`, expected, headers['www-authenticate'] ?? 'nothing');
    }),
  ),
  envelope('replies are never compressed', async (visit) => {
    const headers = { 'accept-encoding': 'gzip, br, deflate' };
    const reply = bare(await visit.call('validate', visit.good('validate'), { headers }));
    demandEqual('Content-Encoding', 'nothing', reply.headers['content-encoding'] ?? 'nothing');
  }),
];

type Named = readonly (readonly [what: string, reply: HttpReply])[];

function envelope(title: string, run: EntranceCheck['run']): EntranceCheck {
  return { section: '1 /auth bodies', title, where: ({ family }) => family === 'auth', run };
}

async function everyReply(visit: Visit, look: (what: string, reply: HttpReply) => void): Promise<void> {
  for (const [what, reply] of [...(await successes(visit)), ...(await refusals(visit))]) {
    look(what, reply);
  }
}

async function successes(visit: Visit): Promise<Named> {
  return [
    ['fooBar', bare(await visit.call('fooBar', visit.good('fooBar')))],
    ['signUp', bare((await visit.signedUp()).reply)],
    ['login', bare((await visit.loggedIn()).reply)],
    ['validate', bare(await visit.call('validate', visit.good('validate')))],
    ['changePassword', bare((await visit.changed()).reply)],
    ['logout', bare((await visit.loggedOut()).reply)],
    ['me', bare(await visit.call('me', visit.good('me')))],
    ['listMySessions', bare(await visit.call('listMySessions', visit.good('listMySessions')))],
  ];
}

async function refusals(visit: Visit): Promise<Named> {
  const unknown = { ...visit.good('validate'), api_key: '', org_id: '00000000-0000-4000-8000-000000000000' };
  return [
    ['a missing parameter', bare(await visit.call('fooBar', {}))],
    ['a malformed nonce', bare(await visit.call('login', visit.good('login')))],
    ['a token of no mail', bare(await visit.call('verifyEmail', visit.good('verifyEmail')))],
    ['an unknown organization', bare(await visit.call('validate', unknown))],
  ];
}

function bare({ http }: Reply): HttpReply {
  if (http === null) {
    throw new Error('This entrance does not show its replies.');
  }
  return http;
}
