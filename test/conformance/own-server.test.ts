import { expect, test } from 'vitest';
import { ENTRANCE_NAMES } from '../../src/conformance/entrance.ts';
import { checkConformance } from '../../src/conformance/run.ts';
import { freshPage } from '../support/fresh-page.ts';
import { startTestServer } from '../support/running-server.ts';

test('this server keeps the contract through every entrance, for the price of a hundred hashes', async () => {
  await using server = await startTestServer();
  const tenant = await server.createOrganization();
  const report = await checkConformance({
    ...tenant,
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
  const metrics = await freshPage(async () => (await fetch(`${server.httpAddress}/metrics`)).text());
  expect(Number(/^authflow_password_hashes_total (\d+)$/m.exec(metrics)?.[1])).toBeLessThan(120);
});
