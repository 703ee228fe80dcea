// node open-store.js DATABASE_URL: opens the store when a line arrives on standard input, migrating it if need be.
import { once } from 'node:events';
import { acknowledge } from './acknowledge.js';
import { engineOfUrl } from './engine-of-url.js';

const [databaseUrl = ''] = process.argv.slice(2);
acknowledge('ready');
await once(process.stdin, 'data');
const engine = await engineOfUrl(databaseUrl);
await engine.migrate();
const storage = await engine.open();
acknowledge({ identity: await storage.readStoreIdentity() });
await storage.close();
process.stdin.destroy();
