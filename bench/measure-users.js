import { HttpCaller } from './load/http-caller.js';
import { Product } from './product.js';
import { unquiet } from './quiet.js';
import { inTurn, median } from './rounds.js';
import { makeStore } from './store/make-store.js';
import { ONE_LARGE } from './store/rows.js';

/** @typedef {import('./table.js').Row} Row */

/** Calls of a round, one after the other. */
const CALLS = 100;
const ROUNDS = 3;
const BAR_MS = 20;
const DAY_MS = 86_400_000;
/** Prime, so that the users who are searched for are all over. */
const USER_STEP = 7_919;

/**
 * B14: pages and searches in an organization of a million users among others.
 *
 * @param {string} engine
 * @param {string} [url] of PostgreSQL
 * @param {typeof ONE_LARGE} [shape]
 * @returns {Promise<readonly Row[]>}
 */
export async function usersOf(engine, url, shape = ONE_LARGE) {
  const startedAt = performance.now();
  const store = await makeStore(shape, { ...(url === undefined ? {} : { url }), schema: 'users', sampled: 1 });
  console.log(`${engine}: ${shape.users} users were made in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  const product = await Product.start(store.env);
  const warnings = [await unquiet(`before the users of ${engine}`)];
  const caller = await HttpCaller.connect(product.httpAddress);
  const { orgId } = store.rows.organization(0);
  const ask = async (/** @type {Query} */ query) => {
    const request = listRequest(orgId, query, String(store.env.AUTHFLOW_ADMIN_TOKEN));
    const sentAt = performance.now();
    const answer = await caller.call(request);
    return { answer, ms: performance.now() - sentAt };
  };
  const kinds = Object.entries(kindsOf(store.rows, shape.users));
  const results = await inTurn(Object.fromEntries(kinds.map(([what, next]) => [what, () => round(next, ask)])), ROUNDS);
  warnings.push(await unquiet(`after the users of ${engine}`));
  for (const warning of warnings.filter((each) => each !== null)) {
    console.log(warning);
  }
  caller.close();
  await product.stop();
  store.remove();
  const figures = Object.entries(results).map(([what, rounds]) => ({
    what,
    p50: median(rounds.map(({ p50 }) => p50)),
    p99: median(rounds.map(({ p99 }) => p99)),
  }));
  const worst = Math.max(...figures.map(({ p99 }) => p99));
  return [
    {
      what: `B14 pages and searches of ${shape.usersOfFirst} users, ${engine}, the slowest kind, p99`,
      ours: `${worst.toFixed(1)} ms`,
      bar: `≤ ${BAR_MS} ms`,
      met: worst <= BAR_MS,
    },
    ...figures.map(({ what, p50, p99 }) => ({
      what: `    … ${what}, median; p99`,
      ours: `${p50.toFixed(1)}; ${p99.toFixed(1)} ms`,
    })),
  ];
}

/** Parameters of ListUsers. @typedef {Record<string, string>} Query */

/** The next call of a kind, by the answer to the one before. @typedef {(answer: string | null) => Query} NextQuery */

/**
 * What back offices ask for: pages one after the other, and searches for others each time.
 *
 * @param {import('./store/rows.js').SeededRows} rows
 * @param {number} users
 * @returns {Record<string, NextQuery>}
 */
function kindsOf(rows, users) {
  const pages = (/** @type {Query} */ filter) => (/** @type {string | null} */ answer) => {
    const token = answer === null ? '' : JSON.parse(answer).next_page_token;
    return token === '' ? filter : { ...filter, page_token: token };
  };
  const searches = (/** @type {(user: import('./store/rows.js').User) => Query} */ query) => {
    let asked = 0;
    return () => {
      asked += 1;
      return query(rows.user((asked * USER_STEP) % users));
    };
  };
  const family = (/** @type {{ fullname: string }} */ { fullname }) => String(fullname.split(' ')[1]);
  return {
    'pages of 50': pages({}),
    'pages of 200': pages({ page_size: '200' }),
    'pages of 50 by e-mail': pages({ order_by: 'email' }),
    'pages of 200 by e-mail': pages({ order_by: 'email', page_size: '200' }),
    'a role that few have': pages({ role: 'owner' }),
    'a role that few have, by e-mail': pages({ role: 'owner', order_by: 'email' }),
    'an e-mail that is not proven': pages({ email_verified: 'false' }),
    'disabled, as nobody is': pages({ disabled: 'true' }),
    'created in a day': searches(({ createdAt }) => ({
      created_from: new Date(createdAt).toISOString(),
      created_until: new Date(createdAt + DAY_MS).toISOString(),
    })),
    'created in a day, by e-mail': searches(({ createdAt }) => ({
      created_from: new Date(createdAt).toISOString(),
      created_until: new Date(createdAt + DAY_MS).toISOString(),
      order_by: 'email',
    })),
    'an e-mail': searches(({ email }) => ({ search: email })),
    'how some 100 e-mails begin': searches(({ email }) => ({ search: email.slice(0, 9) })),
    'how all e-mails begin': pages({ search: 'user-' }),
    'how all e-mails begin, by e-mail': pages({ search: 'user-', order_by: 'email' }),
    'a name': searches(({ fullname }) => ({ search: fullname })),
    'a family name': searches((user) => ({ search: family(user) })),
    'how names begin, four letters': searches((user) => ({ search: family(user).slice(0, 4) })),
    'how names begin, four letters, by e-mail': searches((user) => ({
      search: family(user).slice(0, 4),
      order_by: 'email',
    })),
    'how names begin, two letters': searches((user) => ({ search: family(user).slice(0, 2) })),
    'how names begin, two letters, by e-mail': searches((user) => ({
      search: family(user).slice(0, 2),
      order_by: 'email',
    })),
    'how names begin, two letters, and a role that few have': pages({ search: 'el', role: 'owner' }),
    'what nobody is called': searches(({ email }) => ({ search: `no-${email}` })),
  };
}

/**
 * @param {NextQuery} next
 * @param {(query: Query) => Promise<{ answer: string, ms: number }>} ask
 */
async function round(next, ask) {
  /** @type {string | null} */
  let last = null;
  const times = [];
  for (let call = 0; call < CALLS; call += 1) {
    const { answer, ms } = await ask(next(last));
    last = answer;
    times.push(ms);
  }
  times.sort((a, b) => a - b);
  return { p50: median(times), p99: Number(times[Math.ceil(0.99 * CALLS) - 1]) };
}

/**
 * @param {string} orgId
 * @param {Query} query
 * @param {string} adminToken
 */
function listRequest(orgId, query, adminToken) {
  const head = [
    `GET /organizations/${orgId}/users?${new URLSearchParams(query)} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${adminToken}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n`);
}
