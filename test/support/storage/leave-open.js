// node leave-open.js DATABASE_URL [close]: writes in a thread, and leaves the store open or closes it.
import { engineOf } from '../../../src/storage/engine.ts';
import { acknowledge } from './acknowledge.js';

const [databaseUrl = '', end = ''] = process.argv.slice(2);
const storage = await engineOf(databaseUrl).open({ writesInThread: true });
await storage.ping();
acknowledge('written');
if (end === 'close') {
  await storage.close();
  acknowledge('closed');
}
