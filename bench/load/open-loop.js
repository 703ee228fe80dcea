// node open-loop.js ADDRESS RATE FILE [any]: sends the requests of FILE, one in each line of JSON, so many a second whether or not
// the ones before were answered. Begins with a line on standard input; prints how long the answers took, from the instant at
// which each was due, in milliseconds, how late they were sent, which is this program's own, and how long from then on. Ends with the first error, unless
// `any` answer will do: then those that were refused are told apart.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { HttpCaller, postRequest } from './http-caller.js';
import { Answers, latencies } from './latencies.js';

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

const answers = new Answers();
/** @type {number[]} */
const lateMs = [];
/** @type {number[]} */
const sinceSentMs = [];
const begunAt = performance.now();
/** @type {Promise<number>[]} */
const sent = [];
for (const [index, request] of requests.entries()) {
  const dueAt = begunAt + (index * 1_000) / Number(rate);
  if (dueAt > performance.now()) {
    await pause(Math.max(0, dueAt - performance.now()));
  }
  sent.push(send(request, dueAt));
}
const tookMs = await Promise.all(sent);
const elapsedMs = performance.now() - begunAt;
console.log(
  JSON.stringify({
    ...latencies(tookMs),
    late: latencies(lateMs),
    sinceSent: latencies(sinceSentMs),
    elapsedMs,
    ...answers.summary(),
  }),
);
process.exit();

/**
 * @param {Buffer} request
 * @param {number} dueAt
 * @returns {Promise<number>} how long the answer took
 */
async function send(request, dueAt) {
  let caller = idle.shift() ?? (await new Promise((resolve) => waiting.push(resolve)));
  const sentAt = performance.now();
  lateMs.push(sentAt - dueAt);
  if (expected === 'any') {
    const answer = await caller.ask(request).catch(() => null);
    answers.add(answer, performance.now() - dueAt);
    if (answer === null || /\r\nconnection: *close/i.test(answer.head)) {
      caller.close();
      caller = await HttpCaller.connect(address);
    }
  } else {
    await caller.call(request);
  }
  sinceSentMs.push(performance.now() - sentAt);
  const tookMs = performance.now() - dueAt;
  const next = waiting.shift();
  if (next === undefined) {
    idle.push(caller);
  } else {
    next(caller);
  }
  return tookMs;
}
