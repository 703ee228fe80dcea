import { Budgets } from '../../src/domain/limits/budgets.ts';
import type { RateLimits } from '../../src/domain/limits/rate-limit.ts';
import { Limiter } from '../../src/operations/limiter.ts';

/** Every limit switched off. */
export const NO_LIMITS: RateLimits = {
  foobar: null,
  foobar_keyless: null,
  foobar_keyless_total: null,
  signup: null,
  login: null,
  mail_request: null,
  person: null,
  organizations: null,
  organizations_total: null,
};

/** The same as settings: of a process whose tests ask as fast as they can. */
export const NO_LIMITS_ENVIRONMENT: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(NO_LIMITS).map((limit) => [`AUTHFLOW_LIMIT_${limit.toUpperCase()}`, 'off']),
);

/** Refuses nobody. */
export function unlimited(): Limiter {
  return new Limiter(new Budgets(NO_LIMITS, () => 0));
}
