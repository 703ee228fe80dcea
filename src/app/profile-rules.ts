import type { Settings } from '../config/settings.ts';
import { HOSTED, NIST } from '../domain/passwords/password-policy.ts';
import type { Rules } from '../domain/ports.ts';

/** The rules that follow from AUTHFLOW_PROFILE, and what new passwords must be. */
export function profileRules({
  profile,
  passwordPolicy,
}: Pick<Settings, 'profile' | 'passwordPolicy'>): Pick<
  Rules,
  'takesGet' | 'hidesUsers' | 'requiresApiKey' | 'requiresCurrentPassword' | 'passwordPolicy'
> {
  const isStrict = profile === 'strict';
  return {
    takesGet: !isStrict,
    hidesUsers: isStrict,
    requiresApiKey: isStrict,
    requiresCurrentPassword: isStrict,
    passwordPolicy: passwordPolicy === 'nist' ? NIST : HOSTED,
  };
}
