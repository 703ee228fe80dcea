// Starts a PostgreSQL for a test, prints one line of JSON with its folder and port, and never ends it.
import { startPostgres } from './server.ts';

const { folder, port } = await startPostgres();
console.log(JSON.stringify({ folder, port }));
setInterval(() => undefined, 60_000);
