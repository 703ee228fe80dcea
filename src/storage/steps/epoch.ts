import type { SpentNonce } from '../../domain/auth/storage.ts';
import type { StoreIdentity } from '../../domain/storage.ts';

/** A nonce, a challenge or a token of a mail that was verified under an older epoch may have been spent in rows that are gone since. */
export function isOfOtherEpoch(identity: StoreIdentity | null, { epoch }: Pick<SpentNonce, 'epoch'>): boolean {
  return identity !== null && identity.epoch !== epoch;
}
