// node open-store.js DATABASE_URL: opens the store when a line arrives on standard input, migrating it if need be.
import { once } from 'node:events';
import { acknowledge } from './acknowledge.js';
import { importDist } from './dist.js';

const [databaseUrl] = process.argv.slice(2);
const { openStorage } = await importDist('storage/open-storage.js');
acknowledge('ready');
await once(process.stdin, 'data');
const storage = await openStorage({ databaseUrl, migrate: true });
acknowledge({ identity: await storage.readStoreIdentity() });
await storage.close();
process.stdin.destroy();
