// node open-store.js DATABASE_URL: opens the store when a line arrives on standard input, migrating it if need be.
import { once } from 'node:events';
import { openStorage } from '../../../src/storage/open-storage.ts';
import { acknowledge } from './acknowledge.js';

const [databaseUrl = ''] = process.argv.slice(2);
acknowledge('ready');
await once(process.stdin, 'data');
const storage = await openStorage({ databaseUrl, migrate: true });
acknowledge({ identity: await storage.readStoreIdentity() });
await storage.close();
process.stdin.destroy();
