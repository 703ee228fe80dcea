// What writes do to reads: `npm run bench:writes`. Validate is called 200 times a second, alone, beside 500 logouts a
// second, and the same with every fsync slowed to 10 ms (needs strace). Tells how late the event loop is, how long Validate
// takes, and what a Logout costs. Takes about two minutes; wants a quiet machine with two cores or more.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeFixture } from './fixture.js';
import { Product } from './product.js';
import { printMachine } from './table.js';

const SECONDS = 10;
const VALIDATES_PER_SECOND = 200;
const LOGOUTS_PER_SECOND = 500;
const SLOW_FSYNC = ['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync'].concat([
  '-e',
  'inject=fsync,fdatasync:delay_exit=10000',
]);

/** @typedef {{ calls: number, p50: number, p90: number, p99: number, max: number }} Latency */

const rounds = Number(process.argv[2] ?? 1);
printMachine();
process.env.BENCH_SERVER_FLAGS = `--import ${new URL('./event-loop-delay.js', import.meta.url)}`;
const eventLoopFile = join(tmpdir(), `authflow-event-loop-${process.pid}`);
for (let round = 0; round < rounds; round += 1) {
  await measure('this disk', []);
  await measure('fsync of 10 ms', ['strace', ...SLOW_FSYNC]);
}

/**
 * @param {string} disk
 * @param {readonly string[]} under
 */
async function measure(disk, under) {
  const fixture = await makeFixture();
  const product = await Product.start({ ...fixture.env, BENCH_EVENT_LOOP_FILE: eventLoopFile }, under);
  try {
    const { apiKey: api_key, sessions } = fixture;
    const parametersOf = (/** @type {import('./fixture.js').Session} */ session) => ({ ...session, api_key });
    const ended = sessions.splice(-LOGOUTS_PER_SECOND * SECONDS).map(parametersOf);
    const inUse = sessions.slice(0, 200).map(parametersOf);
    const validates = Array.from({ length: VALIDATES_PER_SECOND * SECONDS }, (_, i) => inUse[i % inUse.length] ?? {});
    const load = { address: product.httpAddress, path: '/auth/validate', rate: VALIDATES_PER_SECOND };
    // Not counted: code is compiled in it.
    await openLoop({ ...load, parameters: validates.slice(0, 400) });
    await pause(500);

    const alone = await watched(product, () => openLoop({ ...load, parameters: validates }));
    print(`${disk}, Validate alone`, alone.eventLoop, alone.result);
    const logouts = { ...load, path: '/auth/logout', rate: LOGOUTS_PER_SECOND, parameters: ended };
    const both = await watched(product, () =>
      Promise.all([openLoop({ ...load, parameters: validates }), openLoop(logouts)]),
    );
    print(`${disk}, beside ${LOGOUTS_PER_SECOND} logouts a second`, both.eventLoop, both.result[0]);
    const perLogout = (both.cpuMicros - alone.cpuMicros) / ended.length;
    console.log(`    Logout: ${inMs(both.result[1])}; ${perLogout.toFixed(0)} µs CPU each`);
  } finally {
    await product.stop();
    fixture.remove();
    rmSync(eventLoopFile, { force: true });
  }
}

/**
 * Sends requests from a process of its own.
 *
 * @param {{ address: string, path: string, rate: number, parameters: readonly object[] }} load
 * @returns {Promise<Latency>}
 */
async function openLoop({ address, path, rate, parameters }) {
  const file = join(tmpdir(), `authflow-load-${process.pid}-${path.split('/').at(-1)}`);
  writeFileSync(file, parameters.map((each) => `${JSON.stringify({ path, parameters: each })}\n`).join(''));
  const script = fileURLToPath(new URL('./load/open-loop.js', import.meta.url));
  const child = spawn(process.execPath, [script, address, String(rate), file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  rmSync(file);
  child.stdin.write('go\n');
  const { value } = await lines.next();
  await once(child, 'exit');
  return JSON.parse(value);
}

/**
 * @template Result
 * @param {Product} product
 * @param {() => Promise<Result>} work
 */
async function watched({ process: server }, work) {
  await eventLoopOf(server);
  const before = server.cpuMicros() ?? Number.NaN;
  const result = await work();
  const cpuMicros = (server.cpuMicros() ?? Number.NaN) - before;
  return { result, cpuMicros, eventLoop: await eventLoopOf(server) };
}

/**
 * How late the event loop was since this was asked last.
 *
 * @param {import('./processes.js').NodeProcess} server
 * @returns {Promise<Latency>}
 */
async function eventLoopOf(server) {
  const lines = () => {
    try {
      return readFileSync(eventLoopFile, 'utf8').trimEnd().split('\n');
    } catch {
      return [];
    }
  };
  const before = lines().length;
  server.signal('SIGUSR2');
  while (lines().length === before) {
    await pause(10);
  }
  return JSON.parse(lines().at(-1) ?? '');
}

/**
 * @param {string} what
 * @param {Latency} eventLoop
 * @param {Latency} validate
 */
function print(what, eventLoop, validate) {
  console.log(`${what}\n    event loop: ${inMs(eventLoop)}\n    Validate: ${inMs(validate)}`);
}

/** @param {Latency} latency */
function inMs({ p50, p90, p99, max }) {
  return `p50 ${p50.toFixed(1)}, p90 ${p90.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${max.toFixed(1)} ms`;
}
