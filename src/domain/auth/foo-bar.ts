import type { FieldViolation } from '../errors.ts';
import { type Checked, checked, readEmail, requireApiKey } from '../parameters.ts';
import type { Ports, Rules } from '../ports.ts';
import type { IdentifiedTenant, TenantClaim } from '../tenant.ts';

/** Parameters of FooBar; '' where one is missing. */
export interface FooBarInput {
  readonly identity: string;
  readonly apiKey: string;
}

/** The same parameters, checked. */
export interface FooBarParameters extends TenantClaim {
  readonly email: string;
}

/** A fresh nonce. */
export interface FooBarResult {
  readonly token: string;
  /** Milliseconds since 1970, in whole seconds. */
  readonly expiresAt: number;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readFooBar(input: FooBarInput, rules: Rules, faults: FieldViolation[] = []): Checked<FooBarParameters> {
  const email = readEmail('identity', input.identity, faults);
  if (rules.requiresApiKey) {
    requireApiKey(input.apiKey, faults);
  }
  return checked({ email, apiKey: input.apiKey, orgId: '' }, faults);
}

/**
 * Issues a nonce for an e-mail, bound to the organization too where a key was given. Writes nothing and never tells
 * whether a user exists.
 */
export function fooBar(
  ports: Ports,
  { email }: Checked<FooBarParameters>,
  tenant: IdentifiedTenant | null,
): FooBarResult {
  const now = ports.clock.now();
  const expiresAt = (Math.floor(now / 1000) + ports.rules.nonceTtlSeconds) * 1000;
  const nonce = { nonceId: ports.ids.uuidV7(now), expiresAt };
  return { token: ports.nonces.sign(nonce, { email, orgId: tenant?.orgId ?? null }), expiresAt };
}
