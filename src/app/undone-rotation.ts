import type { Settings } from '../config/settings.ts';
import { type CheckedStore, SealedBoxError, secretIdOf } from '../crypto/sealed-box.ts';
import type { StoreChange } from '../domain/restore/changes.ts';
import { findSecrets, openBox } from './store-secret.ts';

/**
 * What a restore undoes of rotations of the secret: the one that was replaced is in force again, and those are believed again that the
 * replaced store called compromised. These are left out where that store's secret is not given. Throws SealedBoxError for a check that
 * is no box of this release.
 */
export function undoneRotation(
  settings: Settings,
  { restored, replaced }: { readonly restored: CheckedStore; readonly replaced: CheckedStore },
): readonly StoreChange[] {
  const inForce = secretIdOf(restored.secretCheck);
  const known = compromisedBy(settings, restored);
  const compromised = compromisedBy(settings, replaced).filter((secretId) => !known.includes(secretId));
  const isReplaced = inForce !== secretIdOf(replaced.secretCheck);
  return [
    ...(isReplaced ? [changeOf(inForce, 'replaced_since')] : []),
    ...compromised.map((secretId) => changeOf(secretId, 'compromised_since')),
  ];
}

function changeOf(secretId: string, change: StoreChange['change']): StoreChange {
  return { kind: 'secret', orgId: null, id: secretId, name: secretId, change };
}

function compromisedBy(settings: Settings, store: CheckedStore): readonly string[] {
  try {
    return openBox(findSecrets(settings)).checkSecret(store).compromised;
  } catch (error) {
    if (error instanceof SealedBoxError) {
      return [];
    }
    throw error;
  }
}
