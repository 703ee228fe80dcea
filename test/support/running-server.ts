import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningServer } from '../../src/app/running-server.ts';
import { startServer } from '../../src/app/server.ts';
import { readSettings, type Settings } from '../../src/config/settings.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { createOrganization } from './asked.ts';

/** A whole server in this process, on free ports and a folder of its own, with the cheapest hash. */
export interface TestServer extends RunningServer, AsyncDisposable {
  readonly dataDir: string;
  readonly adminToken: string;
  /** What it logged so far. */
  readonly logLines: readonly string[];
  /** Makes an organization straight in the store. */
  createOrganization(name?: string): Promise<{ readonly orgId: string; readonly apiKey: string }>;
}

export interface TestServerOptions {
  /** Replaces settings as they are read from an environment. */
  readonly settings?: Partial<Settings>;
  /** A folder to use, and to keep; by default a new one, removed when the server is disposed of. */
  readonly dataDir?: string;
}

/** Starts the product as `authflow serve` does, but for the cost of a hash: 4 instead of 10. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'authflow-'));
  const adminToken = `afadm_${'A'.repeat(43)}`;
  const logLines: string[] = [];
  const settings = {
    ...readSettings({
      AUTHFLOW_DATA_DIR: dataDir,
      AUTHFLOW_HTTP_PORT: '0',
      AUTHFLOW_GRPC_PORT: '0',
      AUTHFLOW_ADMIN_TOKEN: adminToken,
      AUTHFLOW_LOG_LEVEL: 'debug',
    }),
    bcryptCost: 4,
    // Nobody is left at the end of a test, but for the connections that `fetch` keeps.
    drainTimeoutMs: 0,
    ...options.settings,
  };
  const logger = createLogger({ level: settings.logLevel, destination: { write: (line) => logLines.push(line) } });
  const server = await startServer(settings, { logger });
  let organizations = 0;
  return {
    ...server,
    dataDir,
    adminToken,
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
      if (options.dataDir === undefined) {
        rmSync(dataDir, { recursive: true });
      }
    },
  };
}
