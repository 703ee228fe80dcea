/** Under which a project of Firebase hashes all passwords. The key is a secret. */
export interface FirebaseParameters {
  /** Base64. */
  readonly signerKey: string;
  /** Base64. */
  readonly saltSeparator: string;
  readonly rounds: string;
  readonly memCost: string;
}

const NAMES = ['base64_signer_key', 'base64_salt_separator', 'rounds', 'mem_cost'] as const;

/**
 * Reads the parameters as Firebase's console shows them ("Password hash parameters": `hash_config { … }`), or as JSON with the same
 * names. Null where one is missing.
 */
export function readFirebaseParameters(text: string): FirebaseParameters | null {
  const [signerKey, saltSeparator, rounds, memCost] = NAMES.map(
    (name) => new RegExp(`(?<![a-z0-9_])"?${name}"?\\s*:\\s*"?([A-Za-z0-9+/_=-]*)`).exec(text)?.[1],
  );
  return signerKey && saltSeparator !== undefined && rounds && memCost
    ? { signerKey, saltSeparator, rounds, memCost }
    : null;
}

/** A hash of `firebase auth:export` with its parameters, as Supabase Auth spells it; null where the object is none. */
export function firebaseHash(
  value: object,
  parameters: FirebaseParameters | null,
): string | null | 'without_parameters' {
  const { passwordHash, salt } = value as { readonly passwordHash?: unknown; readonly salt?: unknown };
  if (typeof passwordHash !== 'string' || typeof salt !== 'string') {
    return null;
  }
  if (parameters === null) {
    return 'without_parameters';
  }
  const { signerKey, saltSeparator, rounds, memCost } = parameters;
  return `$fbscrypt$v=1,n=${memCost},r=${rounds},p=1,ss=${saltSeparator},sk=${signerKey}$${salt}$${passwordHash}`;
}
