import { defineConfig } from 'vitest/config';
import { SkipReporter } from './test/support/skip-reporter.ts';

const EVERY_TEST = 'test/**/*.test.ts';
const LONG = 'test/**/*.long.test.ts';
const CLIENTS = 'test/clients/*.test.ts';
/** The one client whose toolchain is Node's own. */
const OWN_CLIENT = 'test/clients/typescript.test.ts';

export default defineConfig({
  test: {
    reporters: ['default', new SkipReporter()],
    // Tests drive real servers, files and processes: generous against a busy machine, never a judge of speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 50_000, interval: 10 } },
    // Each file is of one of these, by its name: `npm test`, `npm run test:clients`, `npm run test:long`.
    projects: [
      {
        extends: true,
        test: { name: 'server', include: [EVERY_TEST], exclude: [LONG, CLIENTS] },
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
        test: { name: 'long', include: [LONG] },
      },
    ],
  },
});
