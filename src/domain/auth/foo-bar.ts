import type { FieldViolation } from '../errors.ts';
import { readEmail, refuseFaults } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { identifyTenant } from '../tenant.ts';

/** Parameters of FooBar; '' where one is missing. */
export interface FooBarInput {
  readonly identity: string;
  readonly apiKey: string;
  /** What the entrance found wrong. */
  readonly faults: readonly FieldViolation[];
}

/** A fresh nonce. */
export interface FooBarResult {
  readonly token: string;
  /** Milliseconds since 1970, in whole seconds. */
  readonly expiresAt: number;
}

/**
 * Issues a nonce for an e-mail, bound to the organization too when a key is given. Writes nothing and never tells
 * whether a user exists.
 *
 * Throws INVALID_ARGUMENT, API_KEY_INVALID.
 */
export async function fooBar(ports: Ports, input: FooBarInput): Promise<FooBarResult> {
  const faults = [...input.faults];
  const email = readEmail('identity', input.identity, faults);
  refuseFaults(faults);

  const tenant = await identifyTenant(ports, { apiKey: input.apiKey, orgId: '' });

  const now = ports.clock.now();
  const expiresAt = (Math.floor(now / 1000) + ports.rules.nonceTtlSeconds) * 1000;
  const nonce = { nonceId: ports.ids.uuidV7(now), expiresAt };
  return { token: ports.nonces.sign(nonce, { email, orgId: tenant?.orgId ?? null }), expiresAt };
}
