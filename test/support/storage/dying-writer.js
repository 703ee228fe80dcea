// The thread that writes, which ends where it should write for a ping.
import { parentPort, workerData } from 'node:worker_threads';
import { serveWrites } from '../../../src/storage/sqlite/writer.ts';

parentPort?.on('message', (message) => {
  if (Array.isArray(message) && message.some(({ name }) => name === 'ping')) {
    process.exit(1);
  }
});
if (parentPort !== null) {
  await serveWrites(parentPort, workerData);
}
