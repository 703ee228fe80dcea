import type { Check } from './check.ts';
import { Mismatch } from './mismatch.ts';
import type { Column, Failure, Result } from './report.ts';
import type { Secrets } from './secrets.ts';
import { noReply } from './world.ts';

/** The checks of an entrance or a port, in turn. */
export interface ColumnOfChecks {
  readonly name: Column;
  readonly checks: readonly BoundCheck[];
}

/** A check that knows where it is asked. */
export interface BoundCheck extends Pick<Check<never>, 'section' | 'title'> {
  run(): Promise<void>;
}

/** Checks that are asked at this place. */
export function bound<Place>(checks: readonly Check<Place>[], place: Place): readonly BoundCheck[] {
  return checks.map((check) => ({ section: check.section, title: check.title, run: () => check.run(place) }));
}

/** Runs the checks of a column, one after the other. */
export async function checkColumn({ name, checks }: ColumnOfChecks, secrets: Secrets): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const { section, title, run } of checks) {
    results.push({ section, check: title, entrance: name, failure: await failureOf(run, secrets) });
  }
  return results;
}

async function failureOf(run: () => Promise<void>, secrets: Secrets): Promise<Failure | null> {
  try {
    await run();
    return null;
  } catch (error) {
    const { expected, got } =
      error instanceof Mismatch ? error : { expected: 'a reply that can be read', got: noReply(error) };
    return { expected: secrets.mask(expected), got: secrets.mask(got) };
  }
}
