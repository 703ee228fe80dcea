// The thread that writes, started by `write-thread.ts`. In JavaScript: what it loads is taken from the code that the main
// thread has kept compiled, where it keeps any. To strip the types anew would take a tenth of a second and 35 MB.
import module from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

if (workerData.compiledCode !== null) {
  module.enableCompileCache(workerData.compiledCode);
}
const { serveWrites } = await import('./writer.ts');
if (parentPort !== null) {
  await serveWrites(parentPort, workerData);
}
