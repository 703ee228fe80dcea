// node never-waiting.js ADDRESS SECONDS FILE [UNCOUNTED]: 64 callers send the requests of FILE, one in each line of JSON, each the next as
// soon as it was answered, whatever it was told to wait; what was refused for want of room is sent again. A caller whose connection
// ends connects anew at once. Begins with a line on standard input; prints how the calls ended, and how long refusals took, in
// milliseconds; not of the first so many seconds.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { HttpCaller, postRequest } from './http-caller.js';
import { Answers } from './latencies.js';

const CALLERS = 64;

const [address = '', seconds = '', file = '', uncounted = '0'] = process.argv.slice(2);
const requests = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
  .map(({ path, parameters }) => postRequest(path, parameters));
const callers = await Promise.all(Array.from({ length: CALLERS }, () => HttpCaller.connect(address)));
console.log('ready');
await once(process.stdin, 'data');

const answers = new Answers();
const countedFrom = performance.now() + Number(uncounted) * 1_000;
const endsAt = performance.now() + Number(seconds) * 1_000;
await Promise.all(callers.map((caller) => callOnAndOn(caller)));
console.log(JSON.stringify({ elapsedMs: endsAt - countedFrom, ...answers.summary() }));
process.exit();

/** @param {HttpCaller} first */
async function callOnAndOn(first) {
  let caller = first;
  let request = requests.pop();
  while (request !== undefined && performance.now() < endsAt) {
    const sentAt = performance.now();
    const answer = await caller.ask(request).catch(() => null);
    if (sentAt >= countedFrom) {
      answers.add(answer, performance.now() - sentAt);
    }
    if (answer !== null && answer.status !== 429) {
      request = requests.pop();
    }
    caller = await caller.renewed(answer, address);
  }
}
