import { BROWSER_ADMIN_REFUSALS, BROWSER_REFUSALS } from './browsers.ts';
import { CHALLENGE_REFUSALS } from './challenges.ts';
import type { AdminCallName } from './entrance.ts';
import { FAULTS } from './faults.ts';
import { CHANGE_PASSWORD_PROOFS, LOGIN_STEPS } from './login-steps.ts';
import { ORDER } from './order.ts';
import { ORGANIZATION_REFUSALS } from './organizations.ts';
import type { AdminWorld } from './organizations-world.ts';
import { REFUSALS } from './refusals.ts';
import type { RefusalScenario } from './scenario.ts';
import type { FactorScenario } from './second-factors.ts';
import { FACTOR_REFUSALS } from './second-factors-refusals.ts';

/** Every refusal of the six calls, played at every entrance. */
export const SIX_CALL_REFUSALS: readonly RefusalScenario[] = [
  ...FAULTS,
  ...REFUSALS,
  ...ORDER,
  ...LOGIN_STEPS,
  ...CHANGE_PASSWORD_PROOFS,
  ...BROWSER_REFUSALS,
];

/** Every refusal of SecondFactorService, played at every entrance. */
export const SECOND_FACTOR_REFUSALS: readonly FactorScenario[] = [...FACTOR_REFUSALS, ...CHALLENGE_REFUSALS];

/** Every refusal of OrganizationService, played at every entrance. */
export const ADMIN_REFUSALS: readonly RefusalScenario<AdminCallName, AdminWorld>[] = [
  ...ORGANIZATION_REFUSALS,
  ...BROWSER_ADMIN_REFUSALS,
];
