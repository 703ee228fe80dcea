/** What a store says of the secrets beside the one that it is sealed under. */
export interface SecretState {
  /** The id of the secret under which values may be left, while they are sealed anew; null when none are. */
  readonly resealingFrom: string | null;
  /** The ids of secrets under which nothing is believed any more. */
  readonly compromised: readonly string[];
  /** The ids of the secrets that were in force before, the oldest first. */
  readonly former: readonly string[];
}

const STATE = /^(?: resealing:([0-9a-f]{8}))?((?: compromised:[0-9a-f]{8})*)((?: former:[0-9a-f]{8})*)$/;

/** The text of a secret check: the store's id, as every release wrote it, then what there is to say besides. */
export function writeSecretState(storeId: string, { resealingFrom, compromised, former }: SecretState): string {
  const resealing = resealingFrom === null ? '' : ` resealing:${resealingFrom}`;
  const others = { compromised, former };
  const listed = Object.entries(others).flatMap(([name, ids]) => ids.map((secretId) => ` ${name}:${secretId}`));
  return storeId + resealing + listed.join('');
}

/** Null for a text that {@link writeSecretState} did not write for this store. */
export function readSecretState(storeId: string, text: string): SecretState | null {
  const [, resealingFrom, compromised, former] =
    (text.startsWith(storeId) && STATE.exec(text.slice(storeId.length))) || [];
  return compromised === undefined || former === undefined
    ? null
    : {
        resealingFrom: resealingFrom ?? null,
        compromised: compromised.split(' compromised:').slice(1),
        former: former.split(' former:').slice(1),
      };
}
