import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { DEBIAN_ENGINES, EMBEDDED_18 } from './test/support/postgres/engines.ts';
import { SkipReporter } from './test/support/skip-reporter.ts';
import { SlowFirst } from './test/support/slow-first.ts';

/** Each may take 300 MB. */
const MOST_WORKERS = 8;
const EVERY_TEST = 'test/**/*.test.ts';
const LONG = 'test/**/*.long.test.ts';
/** What is of no project that does not ask for it: packages that the suites of others bring, and what takes long. */
const APART = [...configDefaults.exclude, LONG];
const CLIENTS = 'test/clients/*.test.ts';
const SUITES = 'test/suites/*.test.ts';
const FAILOVER = 'test/failover/*.test.ts';
/** What is about PostgreSQL. Some start servers of their own, and freeze, cut or copy them. */
const POSTGRES = [
  'test/**/postgres.test.ts',
  'test/**/*.postgres.test.ts',
  'test/**/postgres/*.test.ts',
  'test/storage/copy/*.test.ts',
  'test/app/{move,moved-away}.test.ts',
  'test/cli/doctor-production.test.ts',
  'test/readme-move.test.ts',
];
/** Calls of all services, and connections that are lost: on each version, and through a pool in front of the oldest. */
const ON_EACH_POSTGRES = ['test/security/account-stories.test.ts', 'test/transport/outages.test.ts'];
/** What a version may change: what is made, and how it is looked through. */
const ON_EACH_VERSION = ['test/storage/postgres/{opening,user-queries}.test.ts'];
/** What a pool may change: every statement. */
const POOLED = ['test/storage/postgres.test.ts'];
/**
 * What takes every processor for a while or waits long, apart from `npm test`: floods, races of whole processes, what is done at each
 * moment of a call, every refusal at every entrance, and the one contract of stores through the thread that writes.
 */
const WIDE = [
  'test/security/{ended-credentials,faults,first-start,flood,guessing,in-flight,limits,mails,processes,rotation,secret-rotation,stop}.test.ts',
  'test/security/{factor-rotation,second-factors-guessing,second-factors-secrecy}.test.ts',
  'test/security/fuzz/fuzz.test.ts',
  'test/workers/{one-store,supervised}.test.ts',
  'test/storage/sqlite/{processes,remote-writes}.test.ts',
  'test/transport/{accounts-by-mail-matrix,accounts-by-session-matrix,http-refusals,limited,matrix,openapi}.test.ts',
  'test/transport/{organizations-matrix,second-factors-matrix,small-refusals}.test.ts',
  'test/conformance/own-server.test.ts',
  'test/crypto/hashes/foreign-hash.test.ts',
  'test/cli/administration.test.ts',
  'test/app/secret-rotation.test.ts',
  'test/deploy/secret-procedure.test.ts',
];
/** What holds on every engine: each takes its store from `test/support/stores.ts`. Beside SQLite they run on the newest PostgreSQL. */
const ON_EACH_ENGINE = [
  'test/security/{account-stories,audit,ended-credentials,guessing,hand-over,in-flight,mails,many-sessions,processes,renewed-sessions,rotation,secret-rotation,tenants}.test.ts',
  'test/security/{factor-rotation,second-factors,second-factors-guessing,second-factors-secrecy,second-factors-stolen-session}.test.ts',
  'test/domain/{administrator,api-key,change-password,guessing,login,logout,organization,overtaken-calls,own-account,renew-session,retired-key,session-administration,sign-up,user,validate}.test.ts',
  'test/domain/passwords/new-password.test.ts',
  'test/app/{newer-release,replaced-store,secret-rotation}.test.ts',
  'test/mail/sender.test.ts',
  'test/transport/{after-the-hash,auth-golden,outages}.test.ts',
  'test/workers/{audit,one-store}.test.ts',
];
/** The same, which meet little in an engine that those do not: with what takes hours. */
const ON_EACH_ENGINE_AT_LENGTH = [
  'test/security/{alarms,clock-jumps,limits,passwords,secrets,stop,tokens}.test.ts',
  'test/security/fuzz/fuzz.test.ts',
  'test/conformance/own-server.test.ts',
  'test/cli/{administration,user-import}.test.ts',
  'test/transport/{accounts-by-session-matrix,authorizations,http-refusals,limited,matrix,organizations-matrix,second-factors-matrix,strict-profile,unreadable}.test.ts',
];
/**
 * With what takes hours, too: what others of the same rows meet in less, and every wrong server that the wire kit must find, of which
 * there are a hundred.
 */
const AT_LENGTH = [
  'test/security/fair-hashing.test.ts',
  'test/workers/hashing.test.ts',
  'test/conformance/conformance.test.ts',
  'test/storage/sqlite/restored.test.ts',
];
/**
 * What puts other modules in the place of ours: what another test has loaded already would be kept. And what counts the timers of its
 * process, where those of another test may begin some.
 */
const MOCKED = [
  'test/app/{audit-trail,entrances,readiness}.test.ts',
  'test/domain/try-ends.test.ts',
  'test/observability/fair-lines.test.ts',
  'test/operations/call.test.ts',
  'test/security/{alarms,clock-jumps,hand-over}.test.ts',
];
/** What is not of the project whose files share the modules that a worker has loaded. */
export const NOT_SHARED = [...APART, CLIENTS, SUITES, FAILOVER, ...POSTGRES, ...WIDE, ...AT_LENGTH, ...MOCKED];
/** Tells tests where the PostgreSQL is that they share, and starts it when one asks. */
const SHARED_POSTGRES = 'test/support/postgres/global-setup.ts';

// Of the workers and whatever they start: servers and their threads start with half the processor time where the types of what they load
// were stripped, and it was compiled, once for all tests.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/tests', import.meta.url));

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
    // Each file is of one of these, by its name: `npm test`, `npm run test:wide`, `npm run test:postgres`, `npm run test:clients`,
    // `npm run test:suites`, `npm run test:failover`, `npm run test:long`.
    projects: [
      {
        extends: true,
        test: {
          name: 'server',
          include: [EVERY_TEST],
          exclude: NOT_SHARED,
          // Most are short: to load the product for each file would take a third of their time.
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'server with mocked modules', include: MOCKED },
      },
      {
        extends: true,
        test: { name: 'wide', include: WIDE, exclude: APART },
      },
      {
        extends: true,
        test: {
          name: EMBEDDED_18.name,
          include: [...POSTGRES, ...ON_EACH_ENGINE],
          exclude: APART,
          globalSetup: SHARED_POSTGRES,
          provide: { storesOn: 'PostgreSQL' },
        },
      },
      {
        extends: true,
        test: {
          name: 'at length',
          include: [...AT_LENGTH, ...WIDE, ...ON_EACH_ENGINE, 'test/security/{frames,fuzz}/*.test.ts'],
          exclude: APART,
          provide: { atLength: true },
        },
      },
      {
        extends: true,
        test: {
          name: 'at length on PostgreSQL',
          include: [...ON_EACH_ENGINE, ...ON_EACH_ENGINE_AT_LENGTH],
          exclude: APART,
          globalSetup: SHARED_POSTGRES,
          provide: { storesOn: 'PostgreSQL', atLength: true },
        },
      },
      ...DEBIAN_ENGINES.map(({ name, isPooled }) => ({
        extends: true as const,
        test: {
          name,
          include: [...ON_EACH_POSTGRES, ...(isPooled ? POOLED : ON_EACH_VERSION)],
          globalSetup: SHARED_POSTGRES,
          provide: { storesOn: 'PostgreSQL' as const },
        },
      })),
      {
        extends: true,
        test: { name: 'clients', include: [CLIENTS], exclude: APART },
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
