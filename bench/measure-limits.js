// B15: what limits cost. Run alone, it prints its rows: node bench/measure-limits.js
import { pathToFileURL } from 'node:url';
import { cpuPerCall } from './bars.js';
import { makeFixture } from './fixture.js';
import { NO_LIMITS } from './limits.js';
import { postRequest } from './load/http-caller.js';
import { connectCallers, endless, httpRound, SESSIONS_IN_USE, summary } from './measure-calls.js';
import { fetchNonces } from './measure-logins.js';
import { Product } from './product.js';
import { inTurn } from './rounds.js';
import { printMachine, printTable } from './table.js';

/** @typedef {import('./table.js').Row} Row */
/** @typedef {import('./measure-calls.js').Throughput} Throughput */

/** More than Validate may cost for limits, in microseconds of CPU. */
const MOST_MICROS = 2;

/**
 * Validate, which no limit counts, FooBar and Login, which they count, by a server with limits and by one without, in turn.
 *
 * @param {import('./fixture.js').Fixture} fixture
 * @returns {Promise<readonly Row[]>}
 */
export async function measureLimits(fixture) {
  const { sessions, users, apiKey, password } = fixture;
  const validates = sessions
    .slice(0, SESSIONS_IN_USE)
    .map((session) => postRequest('/auth/validate', { ...session, api_key: apiKey }));
  const fooBars = users.map(({ email }) => postRequest('/auth/fooBar', { identity: email, api_key: apiKey }));
  const [limited, free] = await Promise.all([begin(fixture.env), begin({ ...fixture.env, ...NO_LIMITS })]);
  const logIn = async (/** @type {Awaited<ReturnType<typeof begin>>} */ { product, callers }) => {
    const nonces = await fetchNonces(callers, users, apiKey);
    const logins = nonces.map((nonce) => postRequest('/auth/login', { ...nonce, password, api_key: apiKey }));
    return httpRound(product.process, callers, logins.values());
  };
  const results = await inTurn({
    validateLimited: () => httpRound(limited.product.process, limited.callers, endless(validates)),
    validate: () => httpRound(free.product.process, free.callers, endless(validates)),
    fooBarLimited: () => httpRound(limited.product.process, limited.callers, endless(fooBars)),
    fooBar: () => httpRound(free.product.process, free.callers, endless(fooBars)),
    loginLimited: () => logIn(limited),
    login: () => logIn(free),
  });
  for (const { product, callers } of [limited, free]) {
    for (const caller of callers) {
      caller.close();
    }
    await product.stop();
  }
  return [
    extraMicros('B15 Validate with limits | without', summary(results.validateLimited), summary(results.validate)),
    extraMicros('    … FooBar, which they count | without', summary(results.fooBarLimited), summary(results.fooBar)),
    cpuPerCall('B15 Login with limits | without', summary(results.loginLimited), summary(results.login), 1.02),
  ];
}

/** @param {NodeJS.ProcessEnv} env */
async function begin(env) {
  const product = await Product.start(env);
  return { product, callers: await connectCallers(product.httpAddress) };
}

/**
 * @param {string} what
 * @param {Throughput} ours
 * @param {Throughput} reference
 * @returns {Row}
 */
function extraMicros(what, ours, reference) {
  const [more, less] = [ours.cpuMicrosPerCall, reference.cpuMicrosPerCall];
  const row = cpuPerCall(what, ours, reference, null);
  const extra = more === null || less === null ? null : more - less;
  return { ...row, bar: `≤ +${MOST_MICROS} µs`, met: extra === null ? null : extra <= MOST_MICROS };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const fixture = await makeFixture();
  try {
    printMachine();
    printTable(await measureLimits(fixture));
  } finally {
    fixture.remove();
  }
}
