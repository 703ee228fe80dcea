/** What the contract says and what the server did instead. Neither text may hold a secret. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** Throws a {@link Mismatch} unless it holds. */
export function demand(holds: boolean, expected: string, got: string): asserts holds {
  if (!holds) {
    throw new Mismatch(expected, got);
  }
}

/** Throws a {@link Mismatch} unless both are the same; `what` says of what. For values that may be shown. */
export function demandEqual(what: string, expected: string | number | boolean, got: unknown): void {
  demand(Object.is(expected, got), `${what}: ${shown(expected)}`, `${what}: ${shown(got)}`);
}

/** A value of the server in a few words. */
export function shown(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}

const MAX_SHOWN = 100;
