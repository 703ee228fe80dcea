// Loaded into the server before it starts: on each SIGUSR2 tells how late its event loop was since the one before, as a
// line of JSON in the file BENCH_EVENT_LOOP_FILE. Milliseconds, the millisecond of the timer itself included.
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const file = process.env.BENCH_EVENT_LOOP_FILE;
if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('SIGUSR2', () => {
    const [p50, p90, p99] = [50, 90, 99].map((percentile) => delay.percentile(percentile) / 1e6);
    appendFileSync(file, `${JSON.stringify({ p50, p90, p99, max: delay.max / 1e6 })}\n`);
    delay.reset();
  });
}
