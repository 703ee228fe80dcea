// node open-loop.js ADDRESS RATE FILE [UNCOUNTED] [any]: sends the requests of FILE, one in each line of JSON, so many a second whether
// or not the ones before were answered. Begins with a line on standard input; prints how long the answers took, from the instant at
// which each was due, in milliseconds, how late they were sent, which is this program's own, and how long from then on; not of the
// first so many. Ends with the first error, unless `any` answer will do: then those that were refused are told apart. Where it may it
// has priority over all that runs beside it, as callers have on a machine of their own; not with `any`.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { HttpCaller, postRequest } from './http-caller.js';
import { Answers, Times } from './latencies.js';

/** More than are ever on their way at once, unless the server stands still. */
const CONNECTIONS = 64;
/** The least that a timer waits. */
const TICK_MS = 1;

const [address = '', rate = '', file = '', uncounted = '0', expected = ''] = process.argv.slice(2);
const isAnyExpected = expected === 'any';
const requests = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
  .map(({ path, parameters }) => postRequest(path, parameters));
// In turn: the server ends connections that ask for nothing.
const idle = await Promise.all(Array.from({ length: CONNECTIONS }, () => HttpCaller.connect(address)));
if (!isAnyExpected) {
  comeFirst();
}
console.log('ready');
await once(process.stdin, 'data');

const answers = new Answers();
const [took, late, sinceSent] = [new Times(requests.length), new Times(requests.length), new Times(requests.length)];
/** Those that are due and have no connection yet. @type {number[]} */
const waiting = [];
let next = 0;
let answered = 0;
const begunAt = performance.now();
const ticking = setInterval(sendDue, TICK_MS);

function sendDue() {
  const now = performance.now();
  for (; next < requests.length && dueAt(next) <= now; next += 1) {
    waiting.push(next);
  }
  while (waiting.length > 0 && idle.length > 0) {
    send(/** @type {HttpCaller} */ (idle.shift()), /** @type {number} */ (waiting.shift()));
  }
  if (answered === requests.length) {
    clearInterval(ticking);
    const elapsedMs = now - dueAt(Number(uncounted));
    const times = { late: late.summary(), sinceSent: sinceSent.summary() };
    console.log(JSON.stringify({ ...took.summary(), ...times, elapsedMs, ...answers.summary() }));
    process.exit();
  }
}

/**
 * @param {HttpCaller} caller
 * @param {number} index
 */
async function send(caller, index) {
  const request = /** @type {Buffer} */ (requests[index]);
  const sentAt = performance.now();
  const answer = isAnyExpected ? await caller.ask(request).catch(() => null) : await caller.expect(request);
  const answeredAt = performance.now();
  if (index >= Number(uncounted)) {
    late.add(sentAt - dueAt(index));
    sinceSent.add(answeredAt - sentAt);
    took.add(answeredAt - dueAt(index));
    if (isAnyExpected) {
      answers.add(answer, answeredAt - dueAt(index));
    }
  }
  answered += 1;
  idle.push(isAnyExpected ? await caller.renewed(answer, address) : caller);
}

/** @param {number} index */
function dueAt(index) {
  return begunAt + (index * 1_000) / Number(rate);
}

function comeFirst() {
  try {
    os.setPriority(os.constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Not everyone may: then it shares the processors with what it measures.
  }
}
