import { CALLERS, closedLoop } from './load/closed-loop.js';
import { postRequest } from './load/http-caller.js';
import { connectCallers } from './measure-calls.js';
import { NodeProcess } from './processes.js';
import { inTurn, median } from './rounds.js';

/** Longer than other rounds: there are some thirty hashes a second, and a round should not hang on three of them. */
const LOGIN_ROUND_MS = 4_000;
/** More than a round can use: a login spends a nonce. */
const NONCES_PER_ROUND = 1_200;

/**
 * Logins of as many callers as a server has places for, and the bare hash on every core, in turn; each per second.
 *
 * @param {import('./fixture.js').Fixture} fixture
 * @param {import('./product.js').Product} product
 */
export async function measureLogins(fixture, product) {
  const callers = await connectCallers(product.httpAddress);
  const loop = (/** @type {string} */ implementation) => hashLoop(implementation, fixture);
  const results = await inTurn({
    login: () => loginRound(fixture, callers),
    native: () => loop('native'),
    bcryptjs: () => loop('bcryptjs'),
  });
  for (const caller of callers) {
    caller.close();
  }
  return { login: median(results.login), native: median(results.native), bcryptjs: median(results.bcryptjs) };
}

/**
 * Logins a second in one round.
 *
 * @param {{ apiKey: string, users: readonly { email: string }[], password: string }} who
 * @param {Awaited<ReturnType<typeof connectCallers>>} callers
 * @param {number} [roundMs]
 */
export async function loginRound({ apiKey, users, password }, callers, roundMs = LOGIN_ROUND_MS) {
  const nonces = await fetchNonces(callers, users, apiKey);
  const { perSecond } = await closedLoop(
    callers.map((caller) => async () => {
      const nonce = nonces.pop();
      if (nonce === undefined) {
        return false;
      }
      await caller.call(postRequest('/auth/login', { ...nonce, password, api_key: apiKey }));
      return true;
    }),
    roundMs,
  );
  return perSecond;
}

/**
 * Fresh nonces, as many as a round of logins can use.
 *
 * @param {Awaited<ReturnType<typeof connectCallers>>} callers
 * @param {readonly { email: string }[]} users
 * @param {string} apiKey
 */
export async function fetchNonces(callers, users, apiKey) {
  const asked = Array.from({ length: NONCES_PER_ROUND }, (_, index) => users[index % users.length]?.email ?? '');
  /** @type {{ foobar: string, email: string }[]} */
  const nonces = [];
  await closedLoop(
    callers.slice(0, CALLERS).map((caller) => async () => {
      const email = asked.pop();
      if (email === undefined) {
        return false;
      }
      const body = JSON.parse(await caller.call(postRequest('/auth/fooBar', { identity: email, api_key: apiKey })));
      nonces.push({ foobar: body.token, email });
      return true;
    }),
  );
  return nonces;
}

/**
 * @param {string} implementation
 * @param {import('./fixture.js').Fixture} fixture
 */
async function hashLoop(implementation, { passwordHash, password }) {
  const args = [implementation, String(LOGIN_ROUND_MS), passwordHash, password];
  return Number(await new NodeProcess('references/hash-loop.js', args).prints(/^(.+)\n/));
}
