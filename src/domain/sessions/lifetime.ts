/** How long sessions live. */
export interface SessionLifetime {
  /** From a login or renewal on. */
  readonly ttlSeconds: number;
  /** From the login on, however often it is renewed. */
  readonly maxAgeSeconds: number;
}

interface OrganizationTtl {
  /** Null: as long as the server says. */
  readonly sessionTtlSeconds: number | null;
}

/** That of an organization: its own time, where it has one, within the longest age that the server gives. */
export function lifetimeOf(
  { sessionTtlSeconds }: OrganizationTtl,
  { ttlSeconds, maxAgeSeconds }: SessionLifetime,
): SessionLifetime {
  return { ttlSeconds: Math.min(sessionTtlSeconds ?? ttlSeconds, maxAgeSeconds), maxAgeSeconds };
}

/** A session that begins, with its end by the settings of the server. */
interface BegunSession {
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly maxAgeSeconds: number;
  readonly actor: string | null;
}

/** When a session that begins in an organization expires: as the server says, unless its own user opens it and the organization says otherwise. */
export function firstEndOf(organization: OrganizationTtl | null, session: BegunSession): number {
  const { createdAt, expiresAt, maxAgeSeconds, actor } = session;
  const ttlSeconds = organization?.sessionTtlSeconds ?? null;
  return ttlSeconds === null || actor !== null ? expiresAt : endAfter(createdAt, Math.min(ttlSeconds, maxAgeSeconds));
}

/** So many seconds later: in milliseconds since 1970, in whole seconds. */
export function endAfter(at: number, seconds: number): number {
  return (Math.floor(at / 1000) + seconds) * 1000;
}

/** A new end at most once in this part of a lifetime: a caller that renews with every call writes no row each time. */
const MOVED_AFTER = 1 / 8;

/**
 * When a session expires that is renewed now; as before where it was renewed, or opened, less than an eighth of its lifetime ago. Never
 * sooner than before, and never more than the longest age after its login.
 */
export function renewedEnd(
  { createdAt, expiresAt }: { readonly createdAt: number; readonly expiresAt: number },
  lifetime: SessionLifetime,
  now: number,
): number {
  const end = endAfter(now, lifetime.ttlSeconds);
  if (end - expiresAt < lifetime.ttlSeconds * 1000 * MOVED_AFTER) {
    return expiresAt;
  }
  return Math.max(expiresAt, Math.min(end, endAfter(createdAt, lifetime.maxAgeSeconds)));
}
