import type { ResealedApiKey, ResealedSigningKey, SecretReplacement } from '../../domain/secret/storage.ts';
import type { Rows, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { ask, type Steps } from './steps.ts';
import { addSigningKey } from './store.ts';

/** Of several rotations at once, the one that replaces what both have read wins. */
export function* replaceSecretCheck(
  rows: WriteRows,
  { from, to, compromised, rotated }: SecretReplacement,
): Steps<boolean> {
  if (!(yield* ask(rows.identity.replaceSecretCheck(from, to)))) {
    return false;
  }
  if (rotated !== null) {
    const { secretId: targetId, previousSecretId } = rotated;
    const previous = previousSecretId === null ? {} : { previous_secret_id: previousSecretId };
    const details = { ...previous, compromised: compromised !== null };
    yield* record(rows, { type: 'secret.rotated', orgId: null, targetId, details });
  }
  if (compromised !== null) {
    yield* ask(rows.identity.setEpoch(compromised.epoch));
    yield* addSigningKey(rows, compromised.signingKey, compromised.at);
  }
  return true;
}

/** A key that was revoked or taken out of tokens meanwhile has no sealed form, and gets none. */
export function* resealApiKeys(rows: Rows, keys: readonly ResealedApiKey[]): Steps<number> {
  let replaced = 0;
  for (const { orgId, keyId, from, to } of keys) {
    replaced += Number(yield* ask(rows.apiKeys.replaceSealed({ orgId, keyId, from, to })));
  }
  return replaced;
}

export function* resealSigningKeys(rows: Rows, keys: readonly ResealedSigningKey[]): Steps<number> {
  let replaced = 0;
  for (const { kid, from, to } of keys) {
    replaced += Number(yield* ask(rows.signingKeys.replaceSealed({ kid, from, to })));
  }
  return replaced;
}
