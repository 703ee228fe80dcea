import { AuthFlowError } from './errors.ts';

/** Longer ones are no tokens of the server's (docs/clients.md, "Middleware"). */
const MAX_LENGTH = 8_192;
const JWT = /^[\w-]+\.([\w-]+)\.[\w-]+$/;

/**
 * The `email` that a session token claims, unverified: only Validate proves it. Null where it is no text, or no JWT of at
 * most 8,192 characters with such a claim.
 */
export function claimedEmail(sessionToken: unknown): string | null {
  const isShort = typeof sessionToken === 'string' && sessionToken.length <= MAX_LENGTH;
  const payload = isShort ? JWT.exec(sessionToken)?.[1] : undefined;
  if (payload === undefined) {
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

/** Whether a request can carry a token, of whatever form. */
export function isSendable(sessionToken: unknown): sessionToken is string {
  return (
    typeof sessionToken === 'string' &&
    sessionToken !== '' &&
    sessionToken.length <= MAX_LENGTH &&
    // Half a pair of surrogates is no text.
    !/\p{Surrogate}/u.test(sessionToken)
  );
}

/** The arguments with the e-mail that was given or that the token claims. Throws SESSION_INVALID where it claims none. */
export function withEmail<Arguments extends { readonly sessionToken: string; readonly email?: string | undefined }>(
  args: Arguments,
): Arguments & { readonly email: string } {
  const email = args.email ?? claimedEmail(args.sessionToken);
  if (email === null) {
    throw new AuthFlowError({
      code: 'UNAUTHENTICATED',
      reason: 'SESSION_INVALID',
      message: 'The session token is not valid.',
    });
  }
  return { ...args, email };
}

/** Throws for what is not UTF-8. By the web's means alone: a runtime of `fetch` need not have Buffer. */
function utf8(base64url: string): string {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}
