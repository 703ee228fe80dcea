import type { LoginAttempt } from '../../../src/domain/auth/storage.ts';
import type { LockRules } from '../../../src/domain/auth/tries.ts';

const NEVER = Number.MAX_SAFE_INTEGER;

/** Rules under which nothing locks and nobody waits for others: for tests of what comes of a login otherwise. */
export const NEVER_LOCKED: LockRules = {
  lockAfter: NEVER,
  lockMaxMs: 1_000,
  hardLockAt: { private_key: NEVER, token_key: NEVER, no_key: NEVER, known_device: NEVER },
};

/** What {@link LoginAttempt} says of guessing, for a caller who is never locked out. */
export const UNCOUNTED = {
  callerClass: 'private_key',
  device: null,
  lock: NEVER_LOCKED,
  hidesUsers: false,
  part: 0,
  at: Date.UTC(2026, 0, 1),
} as const satisfies Partial<LoginAttempt>;
