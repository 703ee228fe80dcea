// A server process for tests: `authflow serve` with the cheapest hash. Settings come from the environment. Prints one
// line of JSON with its addresses, ends by SIGTERM. Needs dist (npm run build).
import { startServer } from '../../dist/app/server.js';
import { readSettings } from '../../dist/config/settings.js';
import { createLogger } from '../../dist/observability/logger.js';

const settings = { ...readSettings(process.env), bcryptCost: 4 };
const logger = createLogger({ level: settings.logLevel });
process.on('unhandledRejection', () => logger.error('unhandled_rejection'));
const server = await startServer(settings, { logger });
console.log(JSON.stringify({ httpAddress: server.httpAddress, grpcAddress: server.grpcAddress }));
process.on('SIGTERM', () => void server.stop());
