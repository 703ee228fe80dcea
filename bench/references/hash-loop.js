// The reference of Login: the same check of a password in a bare loop on every core. As
// `node hash-loop.js <native|bcryptjs> <milliseconds> <hash> <password>` it prints how many a second it did.
import { once } from 'node:events';
import os from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** The priority of the server's hash threads: on a busy machine both must yield to the neighbours alike. */
const PRIORITY = 10;

if (isMainThread) {
  const [implementation, roundMs, hash, password] = process.argv.slice(2);
  const threads = Array.from({ length: os.availableParallelism() }, () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { implementation, roundMs, hash, password } });
    return once(worker, 'message');
  });
  const rates = await Promise.all(threads);
  console.log(String(rates.reduce((sum, [rate]) => sum + Number(rate), 0)));
} else {
  if (os.platform() === 'linux') {
    os.setPriority(PRIORITY);
  }
  const { implementation, roundMs, hash, password } = workerData;
  const verify =
    implementation === 'native' ? (await import('bcrypt')).default.compareSync : (await import('bcryptjs')).compareSync;
  let checks = 0;
  const startedAt = performance.now();
  while (performance.now() - startedAt < Number(roundMs)) {
    if (!verify(password, hash)) {
      throw new Error('The password is not the one hashed.');
    }
    checks += 1;
  }
  parentPort?.postMessage((checks / (performance.now() - startedAt)) * 1000);
}
