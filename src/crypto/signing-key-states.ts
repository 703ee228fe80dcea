import type { SigningKeyRecord } from '../domain/storage.ts';

/** A signing key as an operator sees it. */
export interface SigningKeyState {
  readonly kid: string;
  readonly state: 'next' | 'current' | 'verifying' | 'retired';
  readonly createdAt: number;
  readonly activatesAt: number;
}

/** The state of every stored key at an instant, in the order of {@link SigningKeyRecord.activatesAt}. */
export function signingKeyStates(records: readonly SigningKeyRecord[], now: number): readonly SigningKeyState[] {
  const current = records.findLast((record) => record.retiredAt === null && record.activatesAt <= now);
  return records.map(({ kid, retiredAt, activatesAt, verifiesUntil, createdAt }) => {
    const isVerifying = retiredAt === null && verifiesUntil > now;
    const state =
      kid === current?.kid
        ? 'current'
        : retiredAt === null && activatesAt > now
          ? 'next'
          : isVerifying
            ? 'verifying'
            : 'retired';
    return { kid, state, createdAt, activatesAt };
  });
}
