// What accounts cost: roles in Validate, and requests for mails with all that the server does for them afterwards. Run alone, it prints
// its rows: node bench/measure-accounts.js
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

/**
 * Validate of users with two roles and a proven e-mail beside that of users with neither; ForgotPassword, until the server has answered
 * every request and queued its mail, beside Logout. On a store of their own: they end many sessions.
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
async function measureOn({ env, sessions, users, apiKey }) {
  const store = new Database(join(String(env.AUTHFLOW_DATA_DIR), 'authflow.db'), { fileMustExist: true });
  const half = Math.ceil(SESSIONS_IN_USE / 2);
  const withRoles = sessions.slice(0, half);
  const without = sessions.slice(-half);
  const give = store.prepare("UPDATE users SET roles = 'editor owner', email_verified_at = created_at WHERE email = ?");
  for (const email of new Set(withRoles.map(({ email }) => email))) {
    give.run(email);
  }
  const waiting = store.prepare('SELECT count(*) FROM mail_requests').pluck();
  const product = await Product.start(env);
  const callers = await connectCallers(product.httpAddress);
  const requests = (/** @type {string} */ path, /** @type {readonly import('./fixture.js').Session[]} */ of) =>
    of.map((session) => postRequest(path, { ...session, api_key: apiKey }));
  const validate = (/** @type {readonly import('./fixture.js').Session[]} */ of) => () =>
    httpRound(product.process, callers, endless(requests('/auth/validate', of)));
  const logouts = sessions.slice(half, -half);
  const forgotten = endless(users.map(({ email }) => postRequest('/auth/forgot-password', { email, api_key: apiKey })));
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
      const before = product.process.cpuMicros();
      const asked = Array.from({ length: CALLS_PER_ROUND }, () => forgotten.next().value);
      const calls = await httpRound(product.process, callers, asked.values());
      while (waiting.get() !== 0) {
        await pause(LOOK_MS);
      }
      const after = product.process.cpuMicros();
      const cpuMicrosPerCall = before === null || after === null ? null : (after - before) / CALLS_PER_ROUND;
      return { calls, andMails: { ...calls, cpuMicrosPerCall } };
    },
  });
  for (const caller of callers) {
    caller.close();
  }
  store.close();
  await product.stop();
  const [logout, forgot] = [summary(results.logout), summary(results.forgotPassword.map(({ calls }) => calls))];
  const andMails = summary(results.forgotPassword.map((each) => each.andMails));
  return [
    cpuPerCall('B1  Validate with roles | without, /auth', summary(results.withRoles), summary(results.without), 1.05),
    cpuPerCall('B6  ForgotPassword, the call | Logout', forgot, logout, 1.2),
    cpuPerCall('    … with what answers it and queues its mail | Logout', andMails, logout, null),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  printMachine();
  printTable(await measureAccounts());
}
