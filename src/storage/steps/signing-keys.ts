import type { SigningKeyRecord } from '../../domain/signing-keys/storage.ts';
import type { Rows } from '../rows.ts';
import { ask, type Steps } from './steps.ts';

/** A signing key's end moves in these steps: one write an hour, and not one for every login. */
const END_STEP_MS = 3_600_000;

/** Keeps a key verifying until what it signs now has expired. */
export function* keepVerifying(rows: Rows, { kid, verifiesUntil }: SigningKeyRecord, expiresAt: number): Steps<void> {
  const end = Math.ceil(expiresAt / END_STEP_MS) * END_STEP_MS;
  if (verifiesUntil < end) {
    yield* ask(rows.signingKeys.setVerifiesUntil(kid, end));
  }
}

/** Whether it was neither retired, nor swept since. */
export function isLive(key: SigningKeyRecord | null): key is SigningKeyRecord {
  return key !== null && key.retiredAt === null;
}
