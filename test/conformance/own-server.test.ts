import { describe, expect, test } from 'vitest';
import { ENTRANCE_NAMES } from '../../src/conformance/entrance.ts';
import { checkConformance } from '../../src/conformance/run.ts';
import { createApiKey } from '../support/asked.ts';
import { freshPage } from '../support/fresh-page.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { ON_POSTGRES } from '../support/stores.ts';

type ManagementKeyOf = (server: TestServer, orgId: string) => Promise<string | null>;

const MANAGEMENT_KEY: ManagementKeyOf = async ({ ports }, orgId) => {
  const asked = { orgId, label: '', inTokens: false, kind: 'management', impersonate: true };
  return (await createApiKey(ports, asked)).apiKey;
};

type Row = [name: string, managementKeyOf: ManagementKeyOf, most: { readonly hashes: number; readonly desks: number }];

/** Which of the two opens UserService is no matter of the engine. */
const WITH_THE_ADMIN_TOKEN: readonly Row[] = ON_POSTGRES
  ? []
  : [['and UserService with the admin token', async ({ adminToken }) => adminToken, { hashes: 500, desks: 6 }]];

describe('this server keeps the contract through every entrance', () => {
  test.each<Row>([
    ['for the price of 170 hashes', async () => null, { hashes: 180, desks: 0 }],
    ['and UserService with a management key, for 300 more', MANAGEMENT_KEY, { hashes: 500, desks: 6 }],
    ...WITH_THE_ADMIN_TOKEN,
  ])('%s', async (_, managementKeyOf, most) => {
    await using server = await startTestServer();
    const tenant = await server.createOrganization();
    const managementKey = await managementKeyOf(server, tenant.orgId);
    const report = await checkConformance({
      ...tenant,
      managementKey,
      baseUrl: new URL(server.httpAddress),
      grpcAddress: server.grpcAddress,
      entrances: null,
      tls: {},
    });
    expect(report.results.filter(({ failure }) => failure !== null)).toEqual([]);
    expect(report.isConforming).toBe(true);
    expect(new Set(report.results.map(({ entrance }) => entrance))).toEqual(
      new Set([...ENTRANCE_NAMES, 'http-port', 'grpc-port']),
    );
    const ofLogins = report.results.filter(({ section }) => section === '8 Second factors');
    expect(new Set(ofLogins.map(({ entrance }) => entrance))).toEqual(new Set(ENTRANCE_NAMES));
    expect(ofLogins.some(({ check }) => check.includes('second_factor required'))).toBe(managementKey !== null);
    const ofUsers = report.results.filter(({ section }) => section === '4 Users');
    expect(new Set(ofUsers.map(({ entrance }) => entrance)).size).toBe(most.desks);
    const rules = report.notChecked.map(({ rule }) => rule);
    expect(rules.some((rule) => rule.includes('UserService does'))).toBe(managementKey === null);
    const metrics = await freshPage(async () => (await fetch(`${server.httpAddress}/metrics`)).text());
    expect(Number(/^authflow_password_hashes_total (\d+)$/m.exec(metrics)?.[1])).toBeLessThan(most.hashes);
  });
});
