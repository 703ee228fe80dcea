import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SkipReporter } from './test/support/skip-reporter.ts';
import { SlowFirst } from './test/support/slow-first.ts';

/** Each may take 300 MB. */
const MOST_WORKERS = 8;
const EVERY_TEST = 'test/**/*.test.ts';
const LONG = 'test/**/*.long.test.ts';
const CLIENTS = 'test/clients/*.test.ts';
const SUITES = 'test/suites/*.test.ts';
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
    // Each file is of one of these, by its name: `npm test`, `npm run test:clients`, `npm run test:suites`, `npm run test:long`.
    projects: [
      {
        extends: true,
        test: { name: 'server', include: [EVERY_TEST], exclude: [LONG, CLIENTS, SUITES] },
      },
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
        test: { name: 'long', include: [LONG] },
      },
    ],
  },
});
