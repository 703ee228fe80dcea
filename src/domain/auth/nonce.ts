import { AuthError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { SpentNonce } from './storage.ts';

/** How long a spent id outlives its nonce, so that clocks that differ cannot revive one. */
const KEEP_SPENT_MS = 60 * 60 * 1000;

/**
 * The nonce of a `foobar` token, ready to be spent. Nothing is spent here.
 *
 * Throws NONCE_INVALID when it is malformed, forged or for another e-mail or organization; NONCE_EXPIRED.
 */
export function readNonce(
  { nonces, clock }: Pick<Ports, 'nonces' | 'clock'>,
  foobar: string,
  binding: { readonly email: string; readonly orgId: string },
): SpentNonce {
  const nonce = nonces.verify(foobar, binding);
  if (nonce === null) {
    throw new AuthError('NONCE_INVALID');
  }
  if (nonce.expiresAt <= clock.now()) {
    throw new AuthError('NONCE_EXPIRED');
  }
  return { nonceId: nonce.nonceId, keepUntil: nonce.expiresAt + KEEP_SPENT_MS, epoch: nonce.epoch };
}

/**
 * Runs what follows a spent nonce. UNAVAILABLE promises a caller that nothing was done and the same request may be
 * repeated: from here on that is not so, and it becomes a fault of the server, which is answered INTERNAL.
 */
export async function afterSpentNonce<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AuthError && error.reason === 'UNAVAILABLE') {
      throw new Error('What the call needed went away after its nonce was spent.', { cause: error });
    }
    throw error;
  }
}
