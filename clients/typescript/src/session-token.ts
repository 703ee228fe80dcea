/**
 * The `email` that a session token claims, unverified: only Validate proves it. Null where the text is no JWT with such a
 * claim.
 */
export function claimedEmail(sessionToken: string): string | null {
  const [, payload, signature, ...more] = sessionToken.split('.');
  if (payload === undefined || signature === undefined || more.length > 0) {
    return null;
  }
  try {
    const claims: unknown = JSON.parse(utf8(payload));
    const email = typeof claims === 'object' && claims !== null && 'email' in claims ? claims.email : null;
    return typeof email === 'string' && email !== '' ? email : null;
  } catch {
    return null;
  }
}

/** Throws for what is not UTF-8. */
function utf8(base64url: string): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64url, 'base64url'));
}
