// A server process for tests: `authflow serve` with the cheapest hash. Settings come from the environment. Prints one
// line of JSON with its addresses, ends by SIGTERM.
import { startServer } from '../../src/app/server.ts';
import { readSettings } from '../../src/config/settings.ts';
import { createLogger } from '../../src/observability/logger.ts';

const settings = { ...readSettings(process.env), bcryptCost: 4 };
const logger = createLogger({ level: settings.logLevel });
process.on('unhandledRejection', () => logger.error('unhandled_rejection'));
const server = await startServer(settings, { logger });
console.log(JSON.stringify({ httpAddress: server.httpAddress, grpcAddress: server.grpcAddress }));
process.on('SIGTERM', () => void server.stop());
