import { AUTH } from './auth.ts';
import type { Service } from './operation.ts';
import { ORGANIZATIONS } from './organizations.ts';

/** Everything that the server can be asked for. */
export const SERVICES: readonly Service[] = [AUTH, ORGANIZATIONS];
