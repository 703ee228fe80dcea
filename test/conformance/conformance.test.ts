import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EntranceName } from '../../src/conformance/entrance.ts';
import type { Report } from '../../src/conformance/report.ts';
import { checkConformance } from '../../src/conformance/run.ts';
import { reportJson, reportLines } from '../../src/conformance/table.ts';
import { UnusableServerError } from '../../src/conformance/world.ts';
import { createApiKey } from '../support/asked.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { FAULTY_ACCOUNTS } from './account-faults.ts';
import { FAULTY_SERVERS } from './faults.ts';
import { type Fault, startFaultyProxy } from './faulty-proxy.ts';
import { FAULTY_MANAGED_LOGINS } from './managed-login-faults.ts';
import { FAULTY_FACTORS } from './second-factor-faults.ts';
import { bodyOf, json } from './spoil.ts';
import { FAULTY_USERS } from './user-faults.ts';

let server: TestServer;
let tenant: { readonly orgId: string; readonly apiKey: string };

beforeAll(async () => {
  server = await startTestServer();
  tenant = await server.createOrganization();
});

afterAll(() => server[Symbol.asyncDispose]());

describe('a server is found out that', () => {
  test.each(Object.entries({ ...FAULTY_SERVERS, ...FAULTY_ACCOUNTS, ...FAULTY_FACTORS }))(
    '%s',
    async (_, { fault, entrances, found, withOthers }) => {
      const report = await checkBehind(fault, entrances);
      const failed = new Set(failedChecks(report));
      expect([...failed]).toEqual(withOthers ? expect.arrayContaining([...found]) : found);
      expect(report.isConforming).toBe(false);
    },
  );
});

describe('with a management key a server is found out that', () => {
  let managementKey: string;

  beforeAll(async () => {
    const asked = { orgId: tenant.orgId, label: '', inTokens: false, kind: 'management', impersonate: true };
    managementKey = (await createApiKey(server.ports, asked)).apiKey;
  });

  test.each(Object.entries({ ...FAULTY_USERS, ...FAULTY_MANAGED_LOGINS }))(
    '%s',
    async (_, { fault, found, withOthers }) => {
      const report = await checkBehind(fault, ['auth-json'], managementKey);
      const failed = new Set(failedChecks(report));
      expect([...failed]).toEqual(withOthers ? expect.arrayContaining([...found]) : found);
      expect(report.isConforming).toBe(false);
      expect(JSON.stringify(reportJson(report))).not.toContain(managementKey);
    },
  );
});

test('no report holds a key, a token or a password, even when the server tells them back', async () => {
  const sent = new Set<string>();
  const report = await checkBehind(async (request, pass) => {
    const reply = await pass(request);
    if (!request.path.startsWith('/auth/') || request.method !== 'POST' || reply.status === 200) {
      return reply;
    }
    const told = ['api_key', 'foobar', 'sessionToken', 'password'].flatMap((name) => secretIn(request.body, name));
    for (const secret of told) {
      sent.add(secret);
    }
    const body = { statusCode: reply.status, error: told.join(' '), message: told.join(' '), [told.join(' ')]: 1 };
    return { ...reply, body: Buffer.from(JSON.stringify(body)) };
  });
  expect(report.isConforming).toBe(false);
  expect(sent.size).toBeGreaterThan(10);
  const text = [...reportLines(report), JSON.stringify(reportJson(report))].join('\n');
  expect(text).toContain('(secret)');
  expect([...sent].filter((secret) => text.includes(secret))).toEqual([]);
});

test('nor one of a second factor: neither its secret, its recovery codes nor the challenges of logins', async () => {
  const told = new Set<string>();
  const report = await checkBehind(async (request, pass) => {
    const reply = await pass(request);
    const { secret, recovery_codes = [], challenge, ...others } = bodyOf(reply);
    for (const value of [secret, challenge, ...(recovery_codes as unknown[])]) {
      if (typeof value === 'string') {
        told.add(value);
      }
    }
    const isRefusal = request.path.startsWith('/auth/2fa/') && reply.status !== 200;
    return isRefusal ? json(reply, { ...others, error: [...told].join(' '), [[...told].join(' ')]: 1 }) : reply;
  });
  expect(report.isConforming).toBe(false);
  expect(told.size).toBeGreaterThan(10);
  const text = [...reportLines(report), JSON.stringify(reportJson(report))].join('\n');
  expect(text).toContain('(secret)');
  expect([...told].filter((secret) => text.includes(secret))).toEqual([]);
});

test('a fault of one entrance is not told of the others', async () => {
  const { fault } = FAULTY_SERVERS['lets replies be cached'] ?? {};
  const report = await checkBehind(fault ?? expect.fail(), ['auth-get', 'connect-json']);
  const failed = report.results.filter(({ failure }) => failure !== null);
  expect(failed.map(({ entrance }) => entrance)).toEqual(['auth-get']);
});

test('a busy server is waited for, as long as it says', async () => {
  let refused = 0;
  const report = await checkBehind(async (request, pass) => {
    if (refused < 3 && /^\/auth\/(login|signUp)$/.test(request.path)) {
      refused += 1;
      const body = { statusCode: 429, error: 'OVERLOADED', message: 'Too many passwords wait.' };
      return { status: 429, headers: { 'retry-after': '0' }, body: Buffer.from(JSON.stringify(body)) };
    }
    return pass(request);
  });
  expect([refused, failedChecks(report)]).toEqual([3, []]);
});

test('a server that has no time for a login is asked again, with a new nonce', async () => {
  const nonces = new Map([
    ['by key', new Set<string>()],
    ['by org_id alone', new Set<string>()],
  ]);
  const report = await checkBehind(async (request, pass) => {
    const isLogin = request.path === '/auth/login' && /"foobar":"AQ/.test(request.body.toString());
    const { api_key, foobar = '' } = isLogin ? JSON.parse(request.body.toString()) : {};
    const late = nonces.get(api_key === undefined ? 'by org_id alone' : 'by key');
    if (foobar === '' || late === undefined || late.size === 2) {
      return pass(request);
    }
    late.add(foobar);
    const body = { statusCode: 504, error: 'DEADLINE_EXCEEDED', message: 'It took too long.' };
    return { status: 504, headers: {}, body: Buffer.from(JSON.stringify(body)) };
  });
  expect([...nonces.values()].map(({ size }) => size)).toEqual([2, 2]);
  expect(failedChecks(report)).toEqual([]);
});

test('a server that cannot be used is told with what each entrance said', async () => {
  const unusable = checkBehind(async (_, pass) => ({ ...(await pass(TEAPOT)), status: 503, headers: {} }));
  await expect(unusable).rejects.toThrow(UnusableServerError);
  await expect(unusable).rejects.toThrow('auth-json: expected fooBar: a success, got fooBar: 503');
});

const TEAPOT = { method: 'GET', path: '/healthz', headers: {}, body: Buffer.alloc(0) };

async function checkBehind(
  fault: Fault,
  entrances: readonly EntranceName[] = ['auth-json'],
  managementKey: string | null = null,
): Promise<Report> {
  await using proxy = await startFaultyProxy(server.httpAddress, fault);
  const grpcAddress = server.grpcAddress;
  return await checkConformance({ ...tenant, managementKey, baseUrl: proxy.address, grpcAddress, entrances, tls: {} });
}

function failedChecks({ results }: Report): string[] {
  return results.filter(({ failure }) => failure !== null).map(({ check }) => check);
}

/** What a body holds under a name, if it is long enough to be a secret and was not made up by a check. */
function secretIn(body: Buffer, name: string): string[] {
  const value = new RegExp(`"${name}":"([^"]{20,})"`).exec(body.toString())?.[1];
  return value === undefined || /(.)\1{9}/.test(value) ? [] : [value];
}
