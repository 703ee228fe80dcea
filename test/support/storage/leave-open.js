// node leave-open.js DATABASE_URL [close]: writes in a thread, and leaves the store open or closes it.

import { acknowledge } from './acknowledge.js';
import { engineOfUrl } from './engine-of-url.js';

const [databaseUrl = '', end = ''] = process.argv.slice(2);
const storage = await (await engineOfUrl(databaseUrl)).open({ writesInThread: true });
await storage.ping();
acknowledge('written');
if (end === 'close') {
  await storage.close();
  acknowledge('closed');
}
