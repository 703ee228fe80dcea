import { commonPasswords } from '../../src/app/common-passwords.ts';
import { profileRules } from '../../src/app/profile-rules.ts';
import { HARD_LOCK_AT } from '../../src/domain/auth/tries.ts';
import type { Rules } from '../../src/domain/ports.ts';

const SETTINGS = {
  nonceTtlSeconds: 300,
  sessionTtlSeconds: 604_800,
  sessionMaxAgeSeconds: 2_592_000,
  openSignup: false,
  protectedRoles: [],
  lock: { lockAfter: 5, lockMaxMs: 900_000, hardLockAt: HARD_LOCK_AT },
  commonWords: commonPasswords(),
};

/** The rules of a server that was told nothing. */
export const COMPAT: Rules = { ...SETTINGS, ...profileRules({ profile: 'compat', passwordPolicy: 'hosted' }) };

/** Those of the strict profile. */
export const STRICT: Rules = { ...SETTINGS, ...profileRules({ profile: 'strict', passwordPolicy: 'nist' }) };
