import { existsSync } from 'node:fs';
import type { Settings } from '../config/settings.ts';
import { durationText } from '../config/values.ts';
import type { SealedBox } from '../crypto/sealed-box.ts';
import type { SecretState } from '../crypto/secret-state.ts';
import type { Storage } from '../domain/storage.ts';
import { dataPaths } from './data-directory.ts';
import type { Diagnosis } from './diagnosis.ts';
import { askKnowing } from './store-secret.ts';

const check = 'secret';

/**
 * Which secret is in force, how far its rotation is, and what the others that are given are good for. `box` seals under the first that
 * is given, and follows the store from here on. Throws SealedBoxError for another store's secret.
 */
export async function checkSecret(
  settings: Settings,
  storage: Pick<Storage, 'readStoreIdentity'>,
  box: SealedBox,
): Promise<Diagnosis> {
  const identity = await storage.readStoreIdentity();
  if (identity === null) {
    return { check, ok: false, detail: 'the store was not made to its end: "authflow serve" completes it' };
  }
  const [given, others] = [box.secretId, box.knownSecretIds.slice(1)];
  const state = askKnowing(settings, box, () => box.follow(identity));
  const inForce = box.secretId;
  const { secretFile, nextSecretFile } = dataPaths(settings.dataDir);
  if (state.resealingFrom !== null || (settings.secret === null && existsSync(nextSecretFile))) {
    const detail = `${inForce} is in force, and a rotation was not finished: "authflow secret rotate" goes on`;
    return { check, ok: false, detail };
  }
  const name = settings.secret === null ? secretFile : 'AUTHFLOW_SECRET';
  if (inForce === given) {
    return checkOthers(settings, state, { inForce, others });
  }
  if (state.compromised.includes(given)) {
    const detail = `${inForce} is in force, and ${given}, ${name}, was compromised before: give another`;
    return { check, ok: false, detail };
  }
  const remedy = '"authflow secret rotate" replaces it, with --compromised where somebody else has it';
  return { check, ok: true, detail: `${inForce} is in force, and ${given}, ${name}, not yet: ${remedy}` };
}

function checkOthers(
  { secret, nonceTtlSeconds }: Settings,
  { former, compromised }: SecretState,
  { inForce, others }: { readonly inForce: string; readonly others: readonly string[] },
): Diagnosis {
  const named = (ids: readonly string[], sentence: (list: string) => string) =>
    ids.length === 0 ? [] : [sentence(ids.join(', '))];
  const replaced = others.filter((secretId) => former.includes(secretId));
  const foreign = others.filter((secretId) => !former.includes(secretId));
  const swapped = secret === null ? '' : ': are AUTHFLOW_SECRET and AUTHFLOW_SECRET_PREVIOUS swapped?';
  const details = [
    `${inForce} is the one that the store is sealed under`,
    ...named(
      replaced.filter((secretId) => !compromised.includes(secretId)),
      (list) => `nonces of the last ${durationText(nonceTtlSeconds)} and backups may need ${list}`,
    ),
    ...named(
      replaced.filter((secretId) => compromised.includes(secretId)),
      (list) => `nothing but backups needs ${list} any more`,
    ),
    ...named(foreign, (list) => `${list} was never this store's${swapped}`),
  ];
  // Files cannot be swapped by settings; one of them may be what an older backup needed.
  return { check, ok: foreign.length === 0 || secret === null, detail: details.join('; ') };
}
