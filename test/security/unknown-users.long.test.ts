import { describe, expect, onTestFinished, test } from 'vitest';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { postgresUnderTest, sharedPostgres } from '../support/postgres/shared.ts';
import { newSqliteStore, postgresStoreAt, type TestStore } from '../support/stores.ts';
import { inParallel, send } from './backend.ts';
import { Caller } from './load.ts';
import { Random } from './random.ts';
import { startServerProcess } from './server-process.ts';

/** docs/security.md, A2. */
const SAMPLES = 2_000;
const MOST_APART = 0.05;
/** A machine that does other things tells the same only of more samples: they are taken again so often, and judged together. */
const MOST_ROUNDS = 4;

const PASSWORD = 'a fine day for engines';
const PEOPLE = 500;
/** Half of the longest wait: one that is longer is taken for that of a wrong clock. */
const LOCKED_MS = 450_000;

/** Who is asked for: a user with a wrong password, a disabled one with the right one, nobody. */
const KINDS = ['known', 'disabled', 'unknown'] as const;
type Kind = (typeof KINDS)[number];

const PASSWORDS: Readonly<Record<Kind, string>> = {
  known: `${PASSWORD}s`,
  disabled: PASSWORD,
  unknown: PASSWORD,
};

/** What a login meets: what every counter is made to hold before each pass over all people, and how it is refused. */
const MEETINGS = [
  { title: 'a first failure', counters: () => 'DELETE FROM login_tries', refusedWith: 'CREDENTIALS_INVALID' },
  {
    title: 'the failure that locks',
    counters: () => 'UPDATE login_tries SET failures = 4, locked_until = 0',
    refusedWith: 'CREDENTIALS_INVALID',
  },
  {
    title: 'a lock',
    counters: () => `UPDATE login_tries SET failures = 5, locked_until = ${Date.now() + LOCKED_MS}`,
    refusedWith: 'ACCOUNT_LOCKED',
  },
] as const;

const STORES: readonly [string, () => Promise<TestStore>][] = [
  ['SQLite', async () => newSqliteStore()],
  [postgresUnderTest().name, async () => postgresStoreAt((await sharedPostgres()).freshSchema())],
];
const PLACES = STORES.flatMap(([engine, newStore]) =>
  [1, 2].map((workers) => ({ name: `${engine}, processes: ${workers}`, newStore, workers })),
);

const emailOf = (kind: Kind, person: number): string => `${kind}${person}@example.com`;

/** A strict server with users, and a login by one of several connections at random: how long it took, in milliseconds. */
async function newPlace(store: TestStore, workers: number, random: Random) {
  const environment = { ...store.environment, AUTHFLOW_PROFILE: 'strict', AUTHFLOW_LIMIT_LOGIN: 'off' };
  const server = await startServerProcess(
    { ...store, environment: { ...environment, AUTHFLOW_LIMIT_FOOBAR: 'off' } },
    { workers },
  );
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const created = await send(server.httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  const apiKey = created.field('api_key');
  const callers = Array.from({ length: 2 * workers }, () => new Caller(server, apiKey));
  onTestFinished(() => {
    for (const caller of callers) {
      caller.close();
    }
  });
  const nonce = async (caller: Caller, email: string) =>
    (await caller.call('http', 'fooBar', { identity: email })).token;

  for (const kind of ['known', 'disabled'] as const) {
    await inParallel(PEOPLE, 4, async (person) => {
      const email = emailOf(kind, person);
      const foobar = await nonce(random.pick(callers), email);
      const body = { foobar, email, password: PASSWORD, fullname: 'Ada', disclaimed: true, api_key: apiKey };
      expect((await send(server.httpAddress, '/auth/signUp', { body })).outcome).toBe('OK');
    });
  }
  await store.query(`UPDATE users SET disabled_at = created_at WHERE email LIKE 'disabled%'`);

  return async (kind: Kind, person: number, refusedWith: string): Promise<number> => {
    const caller = random.pick(callers);
    const email = emailOf(kind, person);
    const foobar = await nonce(caller, email);
    const sentAt = performance.now();
    const { outcome } = await caller.call('http', 'login', { foobar, email, password: PASSWORDS[kind] });
    const ms = performance.now() - sentAt;
    expect(outcome).toBe(refusedWith);
    return ms;
  };
}

/** Calls with each kind once, in an order that is another each time: what makes the machine slow meets all alike. */
async function withEach(random: Random, call: (kind: Kind) => Promise<void>): Promise<void> {
  const left = [...KINDS];
  while (left.length > 0) {
    for (const kind of left.splice(random.below(left.length), 1)) {
      await call(kind);
    }
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

/** By how much the longest median is longer than the shortest. */
function apartOf(samples: Readonly<Record<Kind, readonly number[]>>): number {
  const medians = Object.values(samples).map(median);
  return Math.max(...medians) / Math.min(...medians) - 1;
}

describe('A2: in the strict profile, with a hash that is too cheap to hide anything', () => {
  test.each(PLACES)(
    'known, disabled and unknown users take the same time, before, at and after what locks them: $name',
    async ({ name, newStore, workers }) => {
      const random = new Random(1);
      const store = await newStore();
      onTestFinished(() => store.remove());
      const logIn = await newPlace(store, workers, random);
      for (const { title, counters, refusedWith } of MEETINGS) {
        const samples: Record<Kind, number[]> = { known: [], disabled: [], unknown: [] };
        for (let round = 0; round < MOST_ROUNDS; round += 1) {
          for (let sample = 0; sample < SAMPLES; sample += 1) {
            const person = sample % PEOPLE;
            if (person === 0) {
              await store.query(counters());
            }
            await withEach(random, async (kind) => {
              samples[kind].push(await logIn(kind, person, refusedWith));
            });
          }
          if (apartOf(samples) <= MOST_APART) {
            break;
          }
        }
        const each = KINDS.map((kind) => `${kind} ${median(samples[kind]).toFixed(3)} ms`).join(', ');
        const apart = apartOf(samples);
        const told = `${name}, ${title}: ${each}, ${(100 * apart).toFixed(1)} % apart in ${samples.known.length} each`;
        console.log(told);
        expect(apart, told).toBeLessThanOrEqual(MOST_APART);
      }
    },
    1_800_000,
  );
});
