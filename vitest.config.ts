import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { DEBIAN_ENGINES, EMBEDDED_18, EMBEDDED_18_APART } from './test/support/postgres/engines.ts';
import { SkipReporter } from './test/support/skip-reporter.ts';
import { SlowFirst } from './test/support/slow-first.ts';

/** Each may take 300 MB. */
const MOST_WORKERS = 8;
const EVERY_TEST = 'test/**/*.test.ts';
const LONG = 'test/**/*.long.test.ts';
const CLIENTS = 'test/clients/*.test.ts';
const SUITES = 'test/suites/*.test.ts';
const FAILOVER = 'test/failover/*.test.ts';
const POSTGRES = [
  'test/**/postgres.test.ts',
  'test/**/*.postgres.test.ts',
  'test/**/postgres/*.test.ts',
  'test/storage/copy/*.test.ts',
  'test/app/move.test.ts',
  'test/readme-move.test.ts',
];
/** They start each of the servers by themselves, to show what the tests' own support does. */
const SERVERS = 'test/support/postgres/servers.test.ts';
/** What stops, freezes or copies whole servers, or cuts every write at every statement: apart from `npm test`. */
const OWN_SERVERS = [
  'test/storage/postgres/{deadlocks,former-primary,loss,lost-commits,nth-statement,restarts,synchronous}.test.ts',
  'test/security/postgres/*.test.ts',
];
/**
 * What holds on every engine: each takes its store from `test/support/stores.ts`. `npm test` runs these on SQLite and on one
 * PostgreSQL, and `npm run test:postgres` on the others.
 */
const ON_EACH_ENGINE = [
  'test/security/{account-stories,audit,guessing,many-sessions,processes,renewed-sessions,tenants}.test.ts',
  'test/domain/{organization,overtaken-calls,retired-key}.test.ts',
  'test/conformance/own-server.test.ts',
  'test/app/{newer-release,replaced-store}.test.ts',
  'test/workers/{audit,one-store}.test.ts',
];
/** The same, which take long: on SQLite in `npm test`, on every PostgreSQL apart from it. */
const ON_EACH_ENGINE_APART = [
  'test/security/{ended-credentials,hand-over,in-flight,mails,rotation,secret-rotation}.test.ts',
  'test/app/secret-rotation.test.ts',
  'test/mail/sender.test.ts',
  'test/domain/{login,session-administration}.test.ts',
  'test/transport/{auth-golden,outages}.test.ts',
];
/** The same, which meet little in an engine that those do not: on SQLite in `npm test`, on one version of PostgreSQL apart from it. */
const ON_EACH_ENGINE_AT_LENGTH = [
  'test/security/{alarms,clock-jumps,limits,passwords,secrets,stop,tokens}.test.ts',
  'test/security/fuzz/fuzz.test.ts',
  'test/domain/passwords/new-password.test.ts',
  'test/domain/{administrator,api-key,change-password,guessing,logout,own-account,renew-session,sign-up,user,validate}.test.ts',
  'test/cli/{administration,user-import}.test.ts',
  'test/transport/{accounts-by-session-matrix,after-the-hash,authorizations,http-refusals,limited,matrix,organizations-matrix,strict-profile,unreadable}.test.ts',
];
/** Of those, what a pool in front of PostgreSQL answers otherwise: connections that are lost. */
const POOLED_APART = ['test/transport/outages.test.ts'];
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
    // PostgreSQL, most of which `npm test` runs on one version, run again on each other: `npm run test:postgres`.
    projects: [
      {
        extends: true,
        test: {
          name: 'server',
          include: [EVERY_TEST],
          exclude: [LONG, CLIENTS, SUITES, FAILOVER, SERVERS, ...OWN_SERVERS],
          globalSetup: SHARED_POSTGRES,
        },
      },
      {
        extends: true,
        test: {
          name: EMBEDDED_18.name,
          include: ON_EACH_ENGINE,
          exclude: [LONG],
          globalSetup: SHARED_POSTGRES,
          provide: { storesOn: 'PostgreSQL' },
        },
      },
      {
        extends: true,
        test: {
          name: EMBEDDED_18_APART.name,
          include: [SERVERS, ...OWN_SERVERS, ...ON_EACH_ENGINE_APART],
          exclude: [LONG],
          globalSetup: SHARED_POSTGRES,
          provide: { storesOn: 'PostgreSQL' },
        },
      },
      ...DEBIAN_ENGINES.map(({ name, isPooled }) => ({
        extends: true as const,
        test: {
          name,
          include: [
            ...POSTGRES,
            ...ON_EACH_ENGINE,
            ...(isPooled ? POOLED_APART : [...ON_EACH_ENGINE_APART, ...ON_EACH_ENGINE_AT_LENGTH]),
          ],
          exclude: [LONG, SERVERS],
          globalSetup: SHARED_POSTGRES,
          provide: { storesOn: 'PostgreSQL' as const },
        },
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
        test: { name: 'long', include: [LONG], globalSetup: SHARED_POSTGRES },
      },
    ],
  },
});
