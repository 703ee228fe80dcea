import type { RunningServer } from '../../src/app/running-server.ts';
import { startServer } from '../../src/app/server.ts';
import { readSettings, type Settings } from '../../src/config/settings.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { ADMIN_TOKEN } from './admin-token.ts';
import { createOrganization } from './asked.ts';
import { newStore, type TestStore } from './stores.ts';

/** A whole server in this process, on free ports and a store of its own, with the cheapest hash. */
export interface TestServer extends RunningServer, AsyncDisposable {
  readonly testStore: TestStore;
  readonly adminToken: string;
  /** What it logged so far. */
  readonly logLines: readonly string[];
  /** Makes an organization straight in the store. */
  createOrganization(name?: string): Promise<{ readonly orgId: string; readonly apiKey: string }>;
}

export interface TestServerOptions {
  /** Replaces settings as they are read from an environment. */
  readonly settings?: Partial<Settings>;
  /** One to use, and to keep; by default a new one, removed when the server is disposed of. */
  readonly testStore?: TestStore;
}

/** Starts the product as `authflow serve` does, but for the cost of a hash, 4 instead of 10, and what it refuses while its event loop is late. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const testStore = options.testStore ?? (await newStore());
  const logLines: string[] = [];
  const settings = {
    ...readSettings({
      ...testStore.environment,
      AUTHFLOW_HTTP_PORT: '0',
      AUTHFLOW_GRPC_PORT: '0',
      AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN,
      AUTHFLOW_LOG_LEVEL: 'debug',
    }),
    bcryptCost: 4,
    // Nobody is left at the end of a test, but for the connections that `fetch` keeps.
    drainTimeoutMs: 0,
    ...options.settings,
  };
  const logger = createLogger({ level: settings.logLevel, destination: { write: (line) => logLines.push(line) } });
  const server = await startServer(settings, { logger, watchLag: NO_LAG });
  let organizations = 0;
  return {
    ...server,
    testStore,
    adminToken: ADMIN_TOKEN,
    logLines,
    async createOrganization(name) {
      organizations += 1;
      const created = await createOrganization(server.ports, {
        name: name ?? `Organization ${organizations}`,
      });
      return { orgId: created.organization.orgId, apiKey: created.apiKey };
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      if (options.testStore === undefined) {
        await testStore.remove();
      }
    },
  };
}

/** The event loop is the test's, too: that it is late says nothing about the server. */
const NO_LAG = () => ({ close() {} });
