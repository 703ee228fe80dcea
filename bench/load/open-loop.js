// node open-loop.js ADDRESS RATE FILE [any]: sends the requests of FILE, one in each line of JSON, so many a second whether or not
// the ones before were answered. Begins with a line on standard input; prints how long the answers took, from the instant at
// which each was due, in milliseconds. Ends with the first error, unless `any` answer will do.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { HttpCaller, postRequest } from './http-caller.js';

/** More than are ever on their way at once, unless the server stands still. */
const CONNECTIONS = 64;

const [address = '', rate = '', file = '', expected = ''] = process.argv.slice(2);
const requests = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
  .map(({ path, parameters }) => postRequest(path, parameters));
// In turn: the server ends connections that ask for nothing.
const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => HttpCaller.connect(address)));
/** @type {((caller: HttpCaller) => void)[]} */
const waiting = [];
console.log('ready');
await once(process.stdin, 'data');

const begunAt = performance.now();
const answers = [];
for (const [index, request] of requests.entries()) {
  const dueAt = begunAt + (index * 1_000) / Number(rate);
  if (dueAt > performance.now()) {
    await pause(Math.max(0, dueAt - performance.now()));
  }
  answers.push(send(request, dueAt));
}
const tookMs = (await Promise.all(answers)).sort((a, b) => a - b);
const at = (/** @type {number} */ share) => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))];
console.log(JSON.stringify({ calls: tookMs.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }));
process.exit();

/**
 * @param {Buffer} request
 * @param {number} dueAt
 */
async function send(request, dueAt) {
  const caller = idle.shift() ?? (await new Promise((resolve) => waiting.push(resolve)));
  await caller.call(request).catch((error) => {
    if (expected !== 'any') {
      throw error;
    }
  });
  const next = waiting.shift();
  if (next === undefined) {
    idle.push(caller);
  } else {
    next(caller);
  }
  return performance.now() - dueAt;
}
