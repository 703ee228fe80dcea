import { commonPasswords } from '../../src/app/common-passwords.ts';
import { profileRules } from '../../src/app/profile-rules.ts';
import type { Rules } from '../../src/domain/ports.ts';

const SETTINGS = {
  nonceTtlSeconds: 300,
  sessionTtlSeconds: 604_800,
  openSignup: false,
  commonWords: commonPasswords(),
};

/** The rules of a server that was told nothing. */
export const COMPAT: Rules = { ...SETTINGS, ...profileRules({ profile: 'compat', passwordPolicy: 'hosted' }) };

/** Those of the strict profile. */
export const STRICT: Rules = { ...SETTINGS, ...profileRules({ profile: 'strict', passwordPolicy: 'nist' }) };
