import type { Answer } from '../rows.ts';

/**
 * The steps of an atomic operation, written once for every engine: run within one write transaction, which is committed
 * when they return and undone when they throw. They may run twice, so they have no effect but on the rows. An answer that
 * comes later is yielded, to be awaited and sent back.
 */
export type Steps<T> = Generator<Promise<unknown>, T, unknown>;

/** `const row = yield* ask(rows.users.find(…))`: the answer of a primitive, now or when it is there. */
export function* ask<T>(answer: Answer<T>): Steps<T> {
  return answer instanceof Promise ? ((yield answer) as T) : answer;
}

/** The answers of several primitives, which do not wait for each other: across a network they share one round trip. */
export function* askAll<const T extends readonly Answer<unknown>[]>(...answers: T): Steps<Answers<T>> {
  const together = answers.some((answer) => answer instanceof Promise) ? yield Promise.all(answers) : answers;
  return together as Answers<T>;
}

type Answers<T extends readonly Answer<unknown>[]> = { readonly [Index in keyof T]: Awaited<T[Index]> };

/** Runs steps over rows that answer at once, straight through. */
export function runNow<T>(steps: Steps<T>): T {
  const { done, value } = steps.next();
  if (!done) {
    throw new Error('An answer was not there at once.');
  }
  return value;
}
