import type { SigningKeyRecord } from '../domain/storage.ts';

/** A signing key as an operator sees it. */
export interface SigningKeyState {
  readonly kid: string;
  /** `damaged`: it does not open, and neither signs nor verifies. */
  readonly state: 'next' | 'current' | 'verifying' | 'retired' | 'damaged';
  readonly createdAt: number;
  readonly activatesAt: number;
}

/** The state of every stored key at an instant, in the order of {@link SigningKeyRecord.activatesAt}. */
export function signingKeyStates(
  records: readonly SigningKeyRecord[],
  { damagedKeyIds, now }: { readonly damagedKeyIds: readonly string[]; readonly now: number },
): readonly SigningKeyState[] {
  const isUsable = ({ kid, retiredAt }: SigningKeyRecord) => retiredAt === null && !damagedKeyIds.includes(kid);
  const current = records.findLast((record) => isUsable(record) && record.activatesAt <= now);
  const stateOf = (record: SigningKeyRecord): SigningKeyState['state'] => {
    if (record.retiredAt !== null) {
      return 'retired';
    }
    if (!isUsable(record)) {
      return 'damaged';
    }
    if (record === current) {
      return 'current';
    }
    if (record.activatesAt > now) {
      return 'next';
    }
    return record.verifiesUntil > now ? 'verifying' : 'retired';
  };
  return records.map((record) => {
    const { kid, createdAt, activatesAt } = record;
    return { kid, state: stateOf(record), createdAt, activatesAt };
  });
}
