import { ACCOUNTS } from './accounts.ts';
import { AUDIT } from './audit.ts';
import { AUTH } from './auth.ts';
import { type AuthRules, authUnder } from './auth-rules.ts';
import type { Service } from './operation.ts';
import { ORGANIZATIONS } from './organizations.ts';
import { SECOND_FACTORS } from './second-factors.ts';
import { USERS } from './users.ts';

/** Everything that a server can be asked for, as the compat profile takes it. */
export const SERVICES: readonly Service[] = [AUTH, ACCOUNTS, SECOND_FACTORS, ORGANIZATIONS, USERS, AUDIT];

/** The services under `/auth`, which are asked as the rules have it. */
const UNDER_RULES: ReadonlySet<Service> = new Set([AUTH, ACCOUNTS, SECOND_FACTORS]);

/** The same, as a server with these rules takes and describes it. */
export function servicesUnder(rules: AuthRules): readonly Service[] {
  return SERVICES.map((service) => (UNDER_RULES.has(service) ? authUnder(service, rules) : service));
}
