import { expect, onTestFinished, test } from 'vitest';
import { SERVICES } from '../../src/operations/services.ts';
import { RulesStand } from '../domain/rules.ts';
import { sharedPostgres } from '../support/postgres/shared.ts';
import { newSqliteStore, postgresStoreAt } from '../support/stores.ts';
import { played } from './stories/played.ts';
import { STORIES_ENVIRONMENT } from './stories/story.ts';

const SEED = 20_270_101;
/** Fewer for a shorter run, which cannot meet every outcome. */
const STORIES = Number(process.env.TEST_STORIES ?? 100);
const STEPS = 1_000;

/** What stories do not bring about: too much at once, or too many wrong passwords. */
const OF_LOAD: ReadonlySet<string> = new Set(['RATE_LIMITED', 'OVERLOADED', 'ACCOUNT_LOCKED']);

test.each([
  ['SQLite', async () => newSqliteStore()],
  ['PostgreSQL', async () => postgresStoreAt((await sharedPostgres()).freshSchema())],
])(
  'K1, U1, M1: 10^5 calls of all services, with whatever credentials, open what the contract says, on %s',
  {
    timeout: 14_400_000,
  },
  async (_, makeStore) => {
    const store = await makeStore();
    onTestFinished(() => store.remove());
    const stand = new RulesStand();
    onTestFinished(() => stand.close());
    await stand.open({ ...store, environment: { ...store.environment, ...STORIES_ENVIRONMENT } });
    const outcomes = await played(stand, { stories: STORIES, steps: STEPS, seed: SEED });
    console.log(`${JSON.stringify(Object.fromEntries([...outcomes].sort()))}`);
    // Every call came to its end, and was refused for each of its reasons.
    const expected = SERVICES.flatMap(({ operations }) =>
      operations.flatMap(({ method: { name }, reasons }) => [
        `${name} OK`,
        ...reasons.filter((reason) => !OF_LOAD.has(reason)).map((reason) => `${name} ${reason}`),
      ]),
    );
    const missing = expected.filter((outcome) => !outcomes.has(outcome));
    expect(process.env.TEST_STORIES === undefined ? missing : []).toEqual([]);
  },
);
