// node leave-open.js DATABASE_URL [close | stay]: writes in a thread, then closes the store; ends and leaves that to the end; or stays
// until it is killed.

import { acknowledge } from './acknowledge.js';
import { engineOfUrl } from './engine-of-url.js';

const [databaseUrl = '', end = ''] = process.argv.slice(2);
const storage = await (await engineOfUrl(databaseUrl)).open({ writesInThread: true });
await storage.ping();
acknowledge('written');
if (end === 'close') {
  await storage.close();
  acknowledge('closed');
} else if (end === 'stay') {
  setInterval(() => {}, 1_000);
}
