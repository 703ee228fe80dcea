import type { ErrorReason } from '../../../src/domain/errors.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import type { TestServer } from '../../support/running-server.ts';
import { ON_POSTGRES } from '../../support/stores.ts';

/** A fault of ours that every call meets, whatever is asked. */
export interface Outage {
  readonly title: string;
  readonly reason: ErrorReason;
  /** Whether calls are sent with a short deadline, where their entrance has a word for one. */
  readonly hurried: boolean;
  /** Begins it; the function that comes back ends it. */
  begin(server: TestServer): Promise<() => Promise<void>>;
}

/** One of each kind. No call gets further than the store, and nothing of it may be told. */
export const OUTAGES: readonly Outage[] = [
  {
    title: 'tables are missing',
    // On PostgreSQL they are where the store was moved away under a server.
    reason: ON_POSTGRES ? 'UNAVAILABLE' : 'INTERNAL',
    hurried: false,
    begin: hideTables,
  },
  {
    title: 'the store answers too late',
    reason: 'DEADLINE_EXCEEDED',
    hurried: true,
    begin: async ({ ports }) => holdStorage(ports.storage),
  },
  {
    title: 'the store is closed',
    reason: 'UNAVAILABLE',
    hurried: false,
    async begin({ ports }) {
      await ports.storage.close();
      return async () => {};
    },
  },
];

const TABLES = ['organizations', 'api_keys', 'users', 'sessions', 'audit_events'];

/** Renames the tables of the rules under the running server's feet. */
async function hideTables({ testStore }: TestServer): Promise<() => Promise<void>> {
  const rename = async (from: string, to: string): Promise<void> => {
    for (const table of TABLES) {
      await testStore.query(`ALTER TABLE ${from}${table} RENAME TO ${to}${table}`);
    }
  };
  await rename('', 'hidden_');
  return () => rename('hidden_', '');
}

type Method = (...args: unknown[]) => unknown;

/** Lets no operation of the store begin before the end. */
function holdStorage(storage: Storage): () => Promise<void> {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { close, causedBy, ...operations } = { ...storage };
  for (const [name, operation] of Object.entries(operations)) {
    const late: Method = async (...args) => {
      await released;
      return (operation as Method)(...args);
    };
    Object.assign(storage, { [name]: late });
  }
  return async () => {
    Object.assign(storage, operations);
    release();
  };
}
