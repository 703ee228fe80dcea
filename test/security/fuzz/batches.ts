import fc from 'fast-check';
import { expect } from 'vitest';
import type { WatchedServer } from '../frames/watched-server.ts';

/** So that what was found is told, as small as it is by then, before the test's own time is over. */
const LONGEST_MS = 200_000;

/** Inputs that are under way at once, and that fast-check sees as one. */
const BATCH = 256;

export interface Fuzzing {
  /** How many inputs, nearly. */
  readonly inputs: number;
  /** `TEST_SEED` in the environment takes its place. */
  readonly seed: number;
  /** In milliseconds: then it ends early, without a failure. */
  readonly forMs?: number;
}

/** What a fuzzer does with one input. */
export interface Fuzzer<Input> {
  readonly inputs: fc.Arbitrary<Input>;
  /** Before each batch, counted from 1. */
  prepare?(batch: number): Promise<void>;
  /** Null, or what is wrong with what came of it, in words. */
  faultOf(input: Input): Promise<string | null>;
}

/**
 * Tries so many inputs on a live server. Fails where one of them has a fault, the process ends, or its log has a line of level
 * error; then it shows the smallest batch that does, and the seed. With that as `TEST_SEED` the same inputs come again.
 */
export async function fuzz<Input>(server: WatchedServer, fuzzer: Fuzzer<Input>, fuzzing: Fuzzing): Promise<void> {
  const { inputs, forMs } = fuzzing;
  let batch = 0;
  const attempt = async (tried: readonly Input[]): Promise<void> => {
    batch += 1;
    await fuzzer.prepare?.(batch);
    const faults = await Promise.all(tried.map((input) => fuzzer.faultOf(input)));
    const { child, complaints } = server;
    expect(child.exitCode ?? child.signalCode, complaints.join('\n')).toBe(null);
    expect(faults.filter((fault) => fault !== null)).toEqual([]);
    expect(complaints.filter((line) => !line.includes('"level":"warn"'))).toEqual([]);
  };
  let lastAttempt = Promise.resolve();
  const batches = fc.array(fuzzer.inputs, { minLength: 1, maxLength: BATCH, size: 'max' });
  const property = fc.asyncProperty(batches, (tried) => {
    lastAttempt = attempt(tried);
    return lastAttempt;
  });
  await fc.assert(property, {
    seed: Number(process.env.TEST_SEED ?? fuzzing.seed),
    // Batches are half full on average.
    numRuns: Math.ceil((inputs * 2) / BATCH),
    interruptAfterTimeLimit: forMs ?? LONGEST_MS,
    markInterruptAsFailure: forMs === undefined,
  });
  // Where the time is over fast-check leaves it under way.
  await lastAttempt;
}
