import { ADMIN_CALLS, type AdminCallName, CALLS } from './entrance.ts';
import { type AdminWorld, goodAdminRequest } from './organizations-world.ts';
import { goodParams } from './refusals.ts';
import type { RefusalScenario } from './scenario.ts';

/** By what a browser's request is known (docs/contract.md, section 5). */
const SIGNS: readonly Readonly<Record<string, string>>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-dest': 'empty' },
  { cookie: 'a=b' },
];

/** What a browser asks of the six calls: each would succeed but for the sign. */
export const BROWSER_REFUSALS: readonly RefusalScenario[] = CALLS.flatMap((call) =>
  SIGNS.map((sign) => ({
    title: `a browser, by ${titleOfSign(sign)}`,
    call,
    reason: 'ORIGIN_REFUSED' as const,
    only: 'http port' as const,
    request: async (world) => ({ params: await goodParams(call, world), headers: sign }),
  })),
);

/** What a browser asks of OrganizationService, with the admin token. */
export const BROWSER_ADMIN_REFUSALS: readonly RefusalScenario<AdminCallName, AdminWorld>[] = ADMIN_CALLS.flatMap(
  (call) =>
    SIGNS.map((sign) => ({
      title: `a browser, by ${titleOfSign(sign)}`,
      call,
      reason: 'ORIGIN_REFUSED' as const,
      only: 'http port' as const,
      request(world) {
        const { params, headers } = goodAdminRequest(call, world);
        return { params, headers: { ...headers, ...sign } };
      },
    })),
);

function titleOfSign(sign: Readonly<Record<string, string>>): string {
  return Object.entries(sign)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}
