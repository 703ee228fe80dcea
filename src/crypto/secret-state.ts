/** What a store says of the secrets beside the one that it is sealed under. */
export interface SecretState {
  /** The id of the secret under which values may be left, while they are sealed anew; null when none are. */
  readonly resealingFrom: string | null;
  /** The ids of secrets under which nothing is believed any more. */
  readonly compromised: readonly string[];
}

const STATE = /^(?: resealing:([0-9a-f]{8}))?((?: compromised:[0-9a-f]{8})*)$/;

/** The text of a secret check: the store's id, as every release wrote it, then what there is to say besides. */
export function writeSecretState(storeId: string, { resealingFrom, compromised }: SecretState): string {
  const resealing = resealingFrom === null ? '' : ` resealing:${resealingFrom}`;
  return storeId + resealing + compromised.map((secretId) => ` compromised:${secretId}`).join('');
}

/** Null for a text that {@link writeSecretState} did not write for this store. */
export function readSecretState(storeId: string, text: string): SecretState | null {
  const [, resealingFrom, compromised] = (text.startsWith(storeId) && STATE.exec(text.slice(storeId.length))) || [];
  return compromised === undefined
    ? null
    : {
        resealingFrom: resealingFrom ?? null,
        compromised: compromised.split(' compromised:').slice(1),
      };
}
