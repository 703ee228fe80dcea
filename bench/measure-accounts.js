// What accounts cost: roles in Validate, and requests for mails with all that the server does for them afterwards. Run alone, it prints
// its rows: node bench/measure-accounts.js
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { cpuPerCall } from './bars.js';
import { makeFixture } from './fixture.js';
import { postRequest } from './load/http-caller.js';
import { connectCallers, endless, httpRound, SESSIONS_IN_USE, summary } from './measure-calls.js';
import { Product } from './product.js';
import { inTurn } from './rounds.js';
import { printMachine, printTable } from './table.js';

/** @typedef {import('./table.js').Row} Row */
/** @typedef {import('./measure-calls.js').Throughput} Throughput */

/** Of a round of either: as many sessions end. */
const CALLS_PER_ROUND = 1_000;
const LOOK_MS = 50;
const NOTHING_ASKED = { perSecond: 0, cpuMicrosPerCall: null, databaseMicrosPerCall: null, peakBytes: null };

/**
 * Validate of users with two roles and a proven e-mail beside that of users with neither; ForgotPassword beside Logout. The server begins
 * to answer requests while calls go on, so the call alone is what both take together, less what as many requests take that wait when no
 * call comes; it queues no mail, whose sender would go on beside the next round. On a store of their own: they end many sessions.
 *
 * @returns {Promise<readonly Row[]>}
 */
export async function measureAccounts() {
  const fixture = await makeFixture();
  try {
    return await measureOn(fixture);
  } finally {
    fixture.remove();
  }
}

/**
 * @param {import('./fixture.js').Fixture} fixture
 * @returns {Promise<readonly Row[]>}
 */
async function measureOn({ env, sessions, apiKey }) {
  const store = new Database(join(String(env.AUTHFLOW_DATA_DIR), 'authflow.db'), { fileMustExist: true });
  const half = Math.ceil(SESSIONS_IN_USE / 2);
  const withRoles = sessions.slice(0, half);
  const without = sessions.slice(-half);
  const give = store.prepare("UPDATE users SET roles = 'editor owner', email_verified_at = created_at WHERE email = ?");
  for (const email of new Set(withRoles.map(({ email }) => email))) {
    give.run(email);
  }
  store.pragma('busy_timeout = 10000');
  store.exec(`UPDATE organizations SET settings = '{"mail_delivery":"backend"}'`);
  const forgetful = addUsers(store, CALLS_PER_ROUND);
  const waiting = store.prepare('SELECT count(*) FROM mail_requests').pluck();
  // What the calls of the first round leave behind, to be answered once more by themselves.
  store.exec(`CREATE TABLE asked AS SELECT * FROM mail_requests WHERE false;
    CREATE TRIGGER keep_asked AFTER INSERT ON mail_requests
      BEGIN INSERT INTO asked VALUES (new.org_id, new.request_key, new.caller_class, new.sealed_request, new.requested_at); END`);
  const product = await Product.start(env);
  const callers = await connectCallers(product.httpAddress);
  const requests = (/** @type {string} */ path, /** @type {readonly import('./fixture.js').Session[]} */ of) =>
    of.map((session) => postRequest(path, { ...session, api_key: apiKey }));
  /**
   * What a round costs with all that the server does for it until no request waits.
   *
   * @param {() => Promise<Throughput>} play
   * @returns {Promise<Throughput>}
   */
  const untilAnswered = async (play) => {
    const before = product.process.cpuMicros();
    const played = await play();
    while (waiting.get() !== 0) {
      await pause(LOOK_MS);
    }
    const after = product.process.cpuMicros();
    const cpuMicrosPerCall = before === null || after === null ? null : (after - before) / CALLS_PER_ROUND;
    return { ...played, cpuMicrosPerCall };
  };
  const validate = (/** @type {readonly import('./fixture.js').Session[]} */ of) => () =>
    httpRound(product.process, callers, endless(requests('/auth/validate', of)));
  const logouts = sessions.slice(half, -half);
  const forgotten = endless(forgetful.map((email) => postRequest('/auth/forgot-password', { email, api_key: apiKey })));
  const results = await inTurn({
    withRoles: validate(withRoles),
    without: validate(without),
    logout: async () => {
      const ended = logouts.splice(-CALLS_PER_ROUND);
      // As Validate's: a token that logs out was shown before, so its signature is known.
      await httpRound(product.process, callers, requests('/auth/validate', ended).values());
      return httpRound(product.process, callers, requests('/auth/logout', ended).values());
    },
    forgotPassword: async () => {
      const asked = Array.from({ length: CALLS_PER_ROUND }, () => forgotten.next().value);
      return untilAnswered(() => httpRound(product.process, callers, asked.values()));
    },
    answers: () =>
      untilAnswered(async () => {
        store.exec('DROP TRIGGER IF EXISTS keep_asked; INSERT INTO mail_requests SELECT * FROM asked');
        return NOTHING_ASKED;
      }),
  });
  for (const caller of callers) {
    caller.close();
  }
  store.close();
  await product.stop();
  const logout = summary(results.logout);
  const [both, answers] = [summary(results.forgotPassword), summary(results.answers)];
  const isMeasured = both.cpuMicrosPerCall !== null && answers.cpuMicrosPerCall !== null;
  const alone = isMeasured ? Number(both.cpuMicrosPerCall) - Number(answers.cpuMicrosPerCall) : null;
  const forgot = { ...both, cpuMicrosPerCall: alone };
  return [
    cpuPerCall('B1  Validate with roles | without, /auth', summary(results.withRoles), summary(results.without), 1.05),
    cpuPerCall('B6  ForgotPassword, the call | Logout', forgot, logout, 1.2),
    cpuPerCall('    … with what looks for its user afterwards | Logout', both, logout, null),
  ];
}

/**
 * As many users like those that are there, each with an e-mail of its own: a request for one of them takes the place of none.
 *
 * @param {import('better-sqlite3').Database} store
 * @param {number} count
 * @returns {readonly string[]}
 */
function addUsers(store, count) {
  store.exec('CREATE TEMP TABLE model AS SELECT * FROM users LIMIT 1');
  const change = store.prepare('UPDATE model SET user_id = ?, email = ?');
  const add = store.prepare('INSERT INTO users SELECT * FROM model');
  return store.transaction(() =>
    Array.from({ length: count }, (_, index) => {
      const email = `forgetful-${index}@example.com`;
      change.run(randomUUID(), email);
      add.run();
      return email;
    }),
  )();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  printMachine();
  printTable(await measureAccounts());
}
