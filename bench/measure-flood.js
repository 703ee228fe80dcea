import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SESSIONS_PER_USER } from './fixture.js';
import { connectCallers } from './measure-calls.js';
import { fetchNonces } from './measure-logins.js';
import { inTurn, median } from './rounds.js';

const SECONDS = 3;
const ROUNDS = 3;
/** Logins that are offered for each one that can be hashed. */
const FLOOD = 10;

/** @typedef {{ path: string, parameters: object }} Request */

/**
 * The p99 of Validate with the key, asked for at half of its peak whether or not answers come, alone and while logins offer
 * ten times what can be hashed, in turn; in milliseconds.
 *
 * @param {import('./fixture.js').Fixture} fixture
 * @param {import('./product.js').Product} product
 * @param {{ validates: number, logins: number }} peak per second
 */
export async function measureFlood(fixture, product, peak) {
  const { sessions, apiKey: api_key, users } = fixture;
  // The older half of a user's sessions may have ended: each login before this ended the oldest.
  const live = sessions.slice(0, 1_000).filter((_, index) => index % SESSIONS_PER_USER >= SESSIONS_PER_USER / 2);
  const folder = mkdtempSync(join(tmpdir(), 'authflow-flood-'));
  const rate = Math.floor(peak.validates / 2);
  const validates = Array.from({ length: rate * SECONDS }, (_, index) => ({
    path: '/auth/validate',
    parameters: { ...live[index % live.length], api_key },
  }));
  const flood = Math.ceil(peak.logins * FLOOD);
  const callers = await connectCallers(product.httpAddress);
  const alone = () => openLoop(folder, product, '', { rate, requests: validates });
  const beside = async () => {
    /** @type {{ foobar: string, email: string }[]} */
    const nonces = [];
    while (nonces.length < flood * SECONDS) {
      nonces.push(...(await fetchNonces(callers, users, api_key)));
    }
    const logins = nonces.slice(0, flood * SECONDS).map((nonce) => ({
      path: '/auth/login',
      parameters: { ...nonce, password: 'wrong, and hashed all the same', api_key },
    }));
    const [p99] = await Promise.all([alone(), openLoop(folder, product, 'any', { rate: flood, requests: logins })]);
    return p99;
  };
  try {
    const results = await inTurn({ alone, beside }, ROUNDS);
    return { alone: median(results.alone), beside: median(results.beside), rate, flood };
  } finally {
    for (const caller of callers) {
      caller.close();
    }
    rmSync(folder, { recursive: true });
  }
}

/**
 * The p99 of what a process of its own sends.
 *
 * @param {string} folder
 * @param {import('./product.js').Product} product
 * @param {'' | 'any'} expected which answers will do; by default successes alone
 * @param {{ rate: number, requests: readonly Request[] }} load
 * @returns {Promise<number>}
 */
async function openLoop(folder, product, expected, { rate, requests }) {
  const file = join(folder, `requests-${expected}`);
  writeFileSync(file, requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  const script = fileURLToPath(new URL('load/open-loop.js', import.meta.url));
  const child = spawn(process.execPath, [script, product.httpAddress, String(rate), file, expected], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  child.stdin.end('go\n');
  const { value } = await lines.next();
  await once(child, 'exit');
  return JSON.parse(value).p99;
}
