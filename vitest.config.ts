import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { DEBIAN_ENGINES } from './test/support/postgres/engines.ts';
import { SkipReporter } from './test/support/skip-reporter.ts';
import { SlowFirst } from './test/support/slow-first.ts';

/** Each may take 300 MB. */
const MOST_WORKERS = 8;
const EVERY_TEST = 'test/**/*.test.ts';
const LONG = 'test/**/*.long.test.ts';
const CLIENTS = 'test/clients/*.test.ts';
const SUITES = 'test/suites/*.test.ts';
const FAILOVER = 'test/failover/*.test.ts';
const POSTGRES = ['test/**/postgres.test.ts', 'test/**/*.postgres.test.ts', 'test/**/postgres/*.test.ts'];
/** They start each of the servers by themselves. */
const SERVERS = 'test/support/postgres/servers.test.ts';
/** Tells tests where the PostgreSQL is that they share, and starts it when one asks. */
const SHARED_POSTGRES = 'test/support/postgres/global-setup.ts';
/** The one client whose toolchain is Node's own. */
const OWN_CLIENT = 'test/clients/typescript.test.ts';

export default defineConfig({
  test: {
    reporters: ['default', new SkipReporter()],
    sequence: { sequencer: SlowFirst },
    // Tests drive real servers, files and processes: generous against a busy machine, never a judge of speed.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 120_000, interval: 10 } },
    // A third of their time they wait for others' timers.
    maxWorkers: Math.min(availableParallelism() + 1, MOST_WORKERS),
    // Each file is of one of these, by its name: `npm test`, `npm run test:clients`, `npm run test:suites`, `npm run test:failover`, `npm run test:long`. Those on
    // PostgreSQL, which `npm test` runs on one version, run again on each other: `npm run test:postgres`.
    projects: [
      {
        extends: true,
        test: {
          name: 'server',
          include: [EVERY_TEST],
          exclude: [LONG, CLIENTS, SUITES, FAILOVER],
          globalSetup: SHARED_POSTGRES,
        },
      },
      ...DEBIAN_ENGINES.map(({ name }) => ({
        extends: true as const,
        test: { name, include: POSTGRES, exclude: [SERVERS], globalSetup: SHARED_POSTGRES },
      })),
      {
        extends: true,
        test: { name: 'client', include: [OWN_CLIENT] },
      },
      {
        extends: true,
        test: { name: 'clients', include: [CLIENTS], exclude: [OWN_CLIENT] },
      },
      {
        extends: true,
        test: { name: 'suites', include: [SUITES] },
      },
      {
        extends: true,
        test: { name: 'failover', include: [FAILOVER] },
      },
      {
        extends: true,
        test: { name: 'long', include: [LONG] },
      },
    ],
  },
});
