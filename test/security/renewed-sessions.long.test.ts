import { describe, onTestFinished, test } from 'vitest';
import { sharedPostgres } from '../support/postgres/shared.ts';
import { newSqliteStore, postgresStoreAt } from '../support/stores.ts';
import { expectEndedAfterRenewal, RENEWED_ENDINGS } from './renewed-sessions.ts';

const RACES = 10_000;
const LONGEST_MS = 1_800_000;

const STORES = [
  { engine: 'SQLite', newStore: async () => newSqliteStore() },
  { engine: 'PostgreSQL', newStore: async () => postgresStoreAt((await sharedPostgres()).freshSchema()) },
];

describe.each(STORES)('on $engine', ({ newStore }) => {
  test.each(RENEWED_ENDINGS)(
    `S5: ${RACES} sessions that are renewed while $name ends them`,
    async (ending) => {
      const store = await newStore();
      onTestFinished(() => store.remove());
      await expectEndedAfterRenewal(ending, RACES, store);
    },
    LONGEST_MS,
  );
});
