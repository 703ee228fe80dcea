import { setImmediate as nextTurn } from 'node:timers/promises';
import { AuthError } from '../../../src/domain/errors.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import { query, type Runner, stepsOf, storageOver } from '../../../src/storage/operations.ts';
import type { Answer, Rows } from '../../../src/storage/rows.ts';
import type { Steps } from '../../../src/storage/steps/steps.ts';
import { MemoryTables, memoryRows } from './memory-rows.ts';

/** A store in memory, for tests of rules: it keeps nothing, and answers late, as a database across a network does. */
export class MemoryStore {
  readonly #tables = new MemoryTables();
  readonly #rows = answeringLate(memoryRows(this.#tables));
  #last: Promise<unknown> = Promise.resolve();
  #writes = 0;

  /** A further handle, as another process would have one. */
  open(): Storage {
    const writes: Promise<unknown>[] = [];
    let closing: Promise<unknown> | null = null;
    const refuseWhenClosed = () => {
      if (closing !== null) {
        throw new AuthError('UNAVAILABLE');
      }
    };
    const runner: Runner = {
      read: async (name, args) => {
        refuseWhenClosed();
        return query(name, this.#rows, args);
      },
      write: async (name, args, origin) => {
        refuseWhenClosed();
        const writing = this.#arriving(() => stepsOf({ name, args, origin }, this.#rows));
        writes.push(writing);
        return writing;
      },
      close: async () => {
        closing ??= Promise.allSettled(writes);
        await closing;
      },
    };
    return storageOver(runner);
  }

  /** Every second write is on its way for longer, so that others overtake it. */
  async #arriving(begin: () => Steps<unknown>): Promise<unknown> {
    this.#writes += 1;
    if (this.#writes % 2 === 0) {
      await nextTurn();
    }
    return this.#inTurn(begin);
  }

  /** One write at a time; one that throws leaves nothing of itself. */
  #inTurn(begin: () => Steps<unknown>): Promise<unknown> {
    const writing = this.#last.then(async () => {
      const before = this.#tables.copy();
      try {
        return await runAwaiting(begin());
      } catch (error) {
        this.#tables.restore(before);
        throw error;
      }
    });
    this.#last = writing.catch(() => undefined);
    return writing;
  }
}

/** Runs steps over rows that answer late. */
async function runAwaiting<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    step = steps.next(await step.value);
  }
  return step.value;
}

type Primitive = (...args: unknown[]) => Answer<unknown>;

function answeringLate(rows: Rows): Rows {
  const late = (table: Rows[keyof Rows]) =>
    Object.fromEntries(
      Object.entries(table as Record<string, Primitive>).map(([name, primitive]) => [
        name,
        async (...args: unknown[]) => primitive(...args),
      ]),
    );
  return Object.fromEntries(Object.entries(rows).map(([name, table]) => [name, late(table)])) as unknown as Rows;
}
