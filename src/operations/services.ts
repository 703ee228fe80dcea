import { AUDIT } from './audit.ts';
import { AUTH } from './auth.ts';
import { type AuthRules, authUnder } from './auth-rules.ts';
import type { Service } from './operation.ts';
import { ORGANIZATIONS } from './organizations.ts';

/** Everything that a server can be asked for, as the compat profile takes it. */
export const SERVICES: readonly Service[] = [AUTH, ORGANIZATIONS, AUDIT];

/** The same, as a server with these rules takes and describes it. */
export function servicesUnder(rules: AuthRules): readonly Service[] {
  return SERVICES.map((service) => (service === AUTH ? authUnder(service, rules) : service));
}
