import type { SigningKeyRecord } from '../domain/signing-keys/storage.ts';
import { signingKeyAt } from './signing-order.ts';

/** A signing key as an operator sees it. */
export interface SigningKeyState {
  readonly kid: string;
  /** `damaged`: it does not open, and neither signs nor verifies. */
  readonly state: 'next' | 'current' | 'verifying' | 'retired' | 'damaged';
  readonly createdAt: number;
  readonly activatesAt: number;
}

/** The state of every stored key at an instant. `records` are in the order in which they were made, and so is the answer. */
export function signingKeyStates(
  records: readonly SigningKeyRecord[],
  { damagedKeyIds, now }: { readonly damagedKeyIds: readonly string[]; readonly now: number },
): readonly SigningKeyState[] {
  const isUsable = ({ kid, retiredAt }: SigningKeyRecord) => retiredAt === null && !damagedKeyIds.includes(kid);
  const current = signingKeyAt(records.filter(isUsable), now);
  const currentIndex = current === undefined ? -1 : records.indexOf(current);
  const stateOf = (record: SigningKeyRecord, index: number): SigningKeyState['state'] => {
    if (record.retiredAt !== null) {
      return 'retired';
    }
    if (!isUsable(record)) {
      return 'damaged';
    }
    if (record === current) {
      return 'current';
    }
    if (index > currentIndex) {
      return 'next';
    }
    return record.verifiesUntil > now ? 'verifying' : 'retired';
  };
  return records.map((record, index) => {
    const { kid, createdAt, activatesAt } = record;
    return { kid, state: stateOf(record, index), createdAt, activatesAt };
  });
}
