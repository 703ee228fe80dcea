import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SESSIONS_PER_USER } from './fixture.js';
import { postRequest } from './load/http-caller.js';
import { connectCallers, endless, httpRound, SESSIONS_IN_USE } from './measure-calls.js';
import { fetchNonces, loginRound } from './measure-logins.js';
import { keepMainThreadOn, separateProcessors, stayOnProcessors } from './processors.js';
import { Product } from './product.js';
import { inTurn, median } from './rounds.js';

const SECONDS = 3;
const ROUNDS = 3;
/** Before what is counted: code is compiled in it, and connections open. */
const WARM_UP_SECONDS = 1;
/** Logins that are offered for each one that can be hashed. */
const FLOOD = 10;
/** Nonces for callers that never wait: they spend one for each login that is hashed. */
const NEVER_WAITING_SHARE = 2;

/** Calls a second. @typedef {{ validates: number, logins: number }} Peak */
/** @typedef {{ rounds?: number, seconds?: number }} Length */
/** @typedef {{ path: string, parameters: object }} Request */
/** @typedef {import('./load/latencies.js').Latencies} Latencies */
/** @typedef {{ others: number, ended: number, withoutWait: number, refused: Latencies, elapsedMs: number }} Flood */
/** @typedef {Latencies & { late: Latencies, sinceSent: Latencies }} Validates */
/**
 * What was measured in one round, in milliseconds; `logins` a second where as many come as there are places.
 * @typedef {{ validates: Validates, floods: readonly Flood[], logins: number }} Round
 */
/**
 * Medians of the rounds: p99 of Validate and how late this load itself was, without and beside the flood, p99 of refusals, and logins
 * that were hashed a second; milliseconds.
 * @typedef {object} FloodFigures
 * @property {number} rate Validates a second
 * @property {number} alone
 * @property {number} aloneLate
 * @property {number} aloneSinceSent from when each was really sent
 * @property {number} beside
 * @property {number} besideLate
 * @property {number} besideSinceSent
 * @property {number} refusedP99
 * @property {number} refusals a second
 * @property {number} withoutWait refusals that named no wait, in all rounds
 * @property {number} hashed logins a second
 * @property {number} served logins a second beside the same Validates without a flood, where as many come as there are places
 * @property {number} besideServed p99 of Validate beside these
 * @property {number} ended connections that ended a second
 */

/**
 * What floods of logins do to a server whose event loop and hashing have their processors, where there are two or more: all but the
 * last one, on which the callers are.
 *
 * @param {import('./fixture.js').Fixture} fixture
 * @param {readonly number[]} shares of the peak of Validate
 * @param {Length} [length]
 * @returns {Promise<{ peak: Peak, figures: FloodFigures[] }>} the figures of each share
 */
export async function measureFloods(fixture, shares, length = {}) {
  const processors = separateProcessors();
  const everywhere = `0-${os.availableParallelism() - 1}`;
  const product = await Product.start(fixture.env);
  try {
    if (processors !== null) {
      // Threads that hash are started with the first hash.
      keepMainThreadOn(product.process.pid, processors.server);
      stayOnProcessors(processors.callers);
    }
    const peak = await measurePeak(fixture, product);
    const figures = [];
    for (const share of shares) {
      figures.push(await measureFlood(fixture, product, peak, share, length));
    }
    return { peak, figures };
  } finally {
    stayOnProcessors(everywhere);
    await product.stop();
  }
}

/**
 * @param {import('./fixture.js').Fixture} fixture
 * @param {Product} product
 * @returns {Promise<Peak>}
 */
async function measurePeak(fixture, product) {
  const { sessions, apiKey: api_key } = fixture;
  const callers = await connectCallers(product.httpAddress);
  const inUse = sessions.slice(0, SESSIONS_IN_USE);
  const validates = endless(inUse.map((session) => postRequest('/auth/validate', { ...session, api_key })));
  await httpRound(product.process, callers, validates);
  const { perSecond } = await httpRound(product.process, callers, validates);
  const logins = await loginRound(fixture, callers);
  callers.forEach((caller) => void caller.close());
  return { validates: perSecond, logins };
}

/**
 * The p99 of Validate with the key, asked for at a share of its peak whether or not answers come, alone, beside logins of as many callers
 * as there are places, and beside two floods of logins: ten times what can be hashed, whether or not answers come, and 64 callers that
 * never wait; in turn.
 *
 * @param {import('./fixture.js').Fixture} fixture
 * @param {Product} product
 * @param {Peak} peak
 * @param {number} share of the peak of Validate
 * @param {Length} length
 * @returns {Promise<FloodFigures>}
 */
async function measureFlood(fixture, product, peak, share, { rounds = ROUNDS, seconds = SECONDS }) {
  const { sessions, apiKey: api_key, users, password } = fixture;
  // The older half of a user's sessions may have ended: each login before this ended the oldest.
  const live = sessions.slice(0, 1_000).filter((_, index) => index % SESSIONS_PER_USER >= SESSIONS_PER_USER / 2);
  const folder = mkdtempSync(join(tmpdir(), 'authflow-flood-'));
  const rate = Math.floor(peak.validates * share);
  const playedSeconds = WARM_UP_SECONDS + seconds;
  const validates = Array.from({ length: rate * playedSeconds }, (_, index) => ({
    path: '/auth/validate',
    parameters: { ...live[index % live.length], api_key },
  }));
  const offered = Math.ceil(peak.logins * FLOOD);
  const needed = Math.ceil((offered + peak.logins * NEVER_WAITING_SHARE) * playedSeconds);
  let files = 0;
  /**
   * @param {string} script
   * @param {readonly Request[]} requests
   * @param {[rate: string, ...others: string[]]} args
   */
  const begin = async (script, requests, ...args) => {
    files += 1;
    const file = join(folder, `requests-${files}`);
    writeFileSync(file, requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
    const [rateOrSeconds, ...others] = args;
    return loadOf(script, [product.httpAddress, rateOrSeconds, file, ...others]);
  };
  /** @returns {Promise<Round>} */
  const alone = async () => {
    const load = await begin('open-loop.js', validates, String(rate), String(rate * WARM_UP_SECONDS));
    return { validates: await load.run(), floods: [], logins: 0 };
  };
  /** @returns {Promise<Round>} */
  const served = async () => {
    const load = await begin('open-loop.js', validates, String(rate), String(rate * WARM_UP_SECONDS));
    const callers = await connectCallers(product.httpAddress);
    const logins = loginRound(fixture, callers, playedSeconds * 1_000);
    const result = { validates: await load.run(), floods: [], logins: await logins };
    callers.forEach((caller) => void caller.close());
    return result;
  };
  /** @returns {Promise<Round>} */
  const beside = async () => {
    /** @type {{ foobar: string, email: string }[]} */
    const nonces = [];
    const callers = await connectCallers(product.httpAddress);
    while (nonces.length < needed) {
      nonces.push(...(await fetchNonces(callers, users, api_key)));
    }
    callers.forEach((caller) => void caller.close());
    const logins = nonces.map((nonce) => ({
      path: '/auth/login',
      parameters: { ...nonce, password, api_key },
    }));
    const loads = [
      await begin('open-loop.js', validates, String(rate), String(rate * WARM_UP_SECONDS)),
      await begin(
        'open-loop.js',
        logins.splice(0, offered * playedSeconds),
        String(offered),
        String(offered * WARM_UP_SECONDS),
        'any',
      ),
      await begin('never-waiting.js', logins, String(playedSeconds), String(WARM_UP_SECONDS)),
    ];
    const [result, ...floods] = await Promise.all(loads.map((load) => load.run()));
    return { validates: result, floods, logins: 0 };
  };
  try {
    const results = await inTurn({ alone, served, beside }, rounds);
    return figures(rate, results);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {number} rate
 * @param {Record<'alone' | 'served' | 'beside', Round[]>} rounds
 * @returns {FloodFigures}
 */
function figures(rate, { alone, served, beside }) {
  const ofFloods = (/** @type {(flood: Flood) => number} */ read) =>
    median(beside.map(({ floods }) => floods.map(read).reduce((sum, value) => sum + value, 0)));
  const perSecond = (/** @type {number} */ count, /** @type {Flood} */ { elapsedMs }) => (count * 1_000) / elapsedMs;
  return {
    rate,
    alone: median(alone.map(({ validates }) => validates.p99)),
    aloneLate: median(alone.map(({ validates }) => validates.late.p99)),
    aloneSinceSent: median(alone.map(({ validates }) => validates.sinceSent.p99)),
    beside: median(beside.map(({ validates }) => validates.p99)),
    besideLate: median(beside.map(({ validates }) => validates.late.p99)),
    besideSinceSent: median(beside.map(({ validates }) => validates.sinceSent.p99)),
    refusedP99: median(beside.map(({ floods }) => Math.max(...floods.map(({ refused }) => refused.p99)))),
    refusals: ofFloods((flood) => perSecond(flood.refused.calls, flood)),
    withoutWait: beside.flatMap(({ floods }) => floods).reduce((sum, { withoutWait }) => sum + withoutWait, 0),
    hashed: ofFloods((flood) => perSecond(flood.others, flood)),
    served: median(served.map(({ logins }) => logins)),
    besideServed: median(served.map(({ validates }) => validates.p99)),
    ended: ofFloods((flood) => perSecond(flood.ended, flood)),
  };
}

/**
 * A load in a process of its own, ready to begin.
 *
 * @param {string} script
 * @param {readonly string[]} args
 */
async function loadOf(script, args) {
  const file = fileURLToPath(new URL(`load/${script}`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    async run() {
      child.stdin.end('go\n');
      const { value } = await lines.next();
      await once(child, 'exit');
      return JSON.parse(value);
    },
  };
}
