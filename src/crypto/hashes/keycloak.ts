/** The JSON object that a text holds, or that is there; null for anything else. */
type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The PHC string of a credential of Keycloak: the JSON of an object with `credentialData` and `secretData`, each an object or the JSON of
 * one, as a realm's export has it. Of PBKDF2 and argon2, its two providers of passwords; '' for anything else.
 */
export function keycloakHash(credential: string): string {
  const parts = objectOf(credential);
  const credentialData = objectOf(parts?.credentialData);
  const secretData = objectOf(parts?.secretData);
  if (credentialData === null || secretData === null) {
    return '';
  }
  const { algorithm, hashIterations } = credentialData;
  const { value, salt } = secretData;
  const pbkdf2 = /^pbkdf2(?:-(sha256|sha512))?$/.exec(String(algorithm));
  if (pbkdf2 !== null) {
    return `$pbkdf2-${pbkdf2[1] ?? 'sha1'}$i=${hashIterations}$${salt}$${value}`;
  }
  const additional = objectOf(credentialData.additionalParameters);
  const one = (name: string) => String([additional?.[name]].flat()[0]);
  // 1.3 is version 19 of argon2 (RFC 9106, 3.1).
  return algorithm === 'argon2' && one('version') === '1.3'
    ? `$argon2${one('type')}$v=19$m=${one('memory')},t=${hashIterations},p=${one('parallelism')}$${salt}$${value}`
    : '';
}

function objectOf(value: unknown): JsonObject | null {
  const parsed = typeof value === 'string' ? parsedJson(value) : value;
  return typeof parsed === 'object' && parsed !== null ? (parsed as JsonObject) : null;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
