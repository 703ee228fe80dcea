import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { createApiKey } from '../support/asked.ts';
import { CERTIFICATES } from '../support/certificates.js';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { runHere } from './captured-terminal.ts';
import { runCli } from './spawned-cli.ts';

interface JsonReport {
  readonly conforming: boolean;
  readonly checks: readonly { readonly section: string; readonly entrance: string; readonly ok: boolean }[];
  readonly not_checked: readonly { readonly rule: string }[];
}

let server: TestServer;
let apiKey: string;
let orgId: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ apiKey, orgId } = await server.createOrganization());
});

afterAll(() => server[Symbol.asyncDispose]());

test('the built command finds this server conforming: 0, and one object', async () => {
  const target = ['--base-url', server.httpAddress, '--grpc', server.grpcAddress, '--api-key', apiKey];
  const args = ['conformance', ...target, '--entrance', 'auth-json', 'grpc-web', 'grpc', '--json'];
  const { code, stdout, stderr } = await runCli(args, { folder: temporaryFolder() });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const report: JsonReport = JSON.parse(stdout);
  expect(report.conforming).toBe(true);
  expect(report.checks.every(({ ok }) => ok)).toBe(true);
  expect(report.not_checked.map(({ rule }) => rule)).not.toContain('the entrance grpc, with health and reflection');
  expect(stdout).not.toContain(apiKey);
});

test('for people it prints a table, what failed, and what was left out', async () => {
  const org = ['--org-id', '00000000-0000-4000-8000-000000000000'];
  const { code, stdout } = await runHere([...command('auth-json'), ...org]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^1 The six calls +auth-json +http-port$/m);
  expect(stdout).toMatch(/^ {2}fooBar answers token and expires_at, for any e-mail +ok +-$/m);
  expect(stdout).toMatch(/^ {2}signUp answers user_id, email, fullname and org_id +FAILED +-$/m);
  expect(stdout).toContain('FAILED  1 The six calls: signUp answers user_id, email, fullname and org_id  [auth-json]');
  expect(stdout).toContain('not checked  the entrance grpc, with health and reflection: was not asked for');
  expect(stdout).toMatch(/^\d+ checks in \d+\.\d s: \d+ ok, \d+ FAILED\.\n$/m);
});

test('a key that is refused, and a server that is not there, end with 1 and say so', async () => {
  const wrongKey = `af_${'B'.repeat(43)}`;
  const refused = await runHere(['conformance', '--base-url', server.httpAddress, '--api-key', wrongKey]);
  expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('401 API_KEY_INVALID') });
  expect(refused.stderr).not.toContain(wrongKey);
  const target = ['--base-url', 'http://127.0.0.1:1', '--grpc', '127.0.0.1:1'];
  const absent = await runHere(['conformance', ...target, '--api-key', apiKey]);
  expect(absent).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('no reply (ECONNREFUSED)') });
});

test('the key comes from the environment, or from a file', async () => {
  const target = ['conformance', '--base-url', server.httpAddress, '--entrance', 'auth-json', '--json'];
  const file = join(temporaryFolder(), 'api-key');
  writeFileSync(file, `${apiKey}\n`);
  expect(await runHere(target, { AUTHFLOW_API_KEY: apiKey })).toMatchObject({ code: 0, stderr: '' });
  const env = { AUTHFLOW_API_KEY: `af_${'B'.repeat(43)}` };
  expect(await runHere([...target, '--api-key-file', file], env)).toMatchObject({ code: 0, stderr: '' });
});

test('a management key from the environment, or the admin token from a file, opens UserService', async () => {
  const target = ['conformance', '--base-url', server.httpAddress, '--entrance', 'auth-json', '--json'];
  const file = join(temporaryFolder(), 'admin-token');
  writeFileSync(file, `${server.adminToken}\n`);
  const asked = { orgId, label: '', inTokens: false, kind: 'management', impersonate: true };
  const { apiKey: managementKey } = await createApiKey(server.ports, asked);
  const env = { AUTHFLOW_API_KEY: apiKey };
  for (const [args, variables, secret] of [
    [target, { ...env, AUTHFLOW_MANAGEMENT_KEY: managementKey }, managementKey],
    [[...target, '--management-key-file', file], env, server.adminToken],
  ] as const) {
    const { code, stdout, stderr } = await runHere(args, variables);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report: JsonReport = JSON.parse(stdout);
    expect(report.checks.some(({ section }) => section === '4 Users')).toBe(true);
    expect(report.not_checked.map(({ rule }) => rule)).not.toContain('USER_DISABLED');
    expect(stdout).not.toContain(secret);
  }
});

test('without a management key UserService is told as not checked', async () => {
  const { code, stdout } = await runHere([...command('auth-json'), '--json']);
  expect(code).toBe(0);
  const report: JsonReport = JSON.parse(stdout);
  expect(report.checks.some(({ section }) => section === '4 Users')).toBe(false);
  expect(report.not_checked.map(({ rule }) => rule)).toContain(
    'what UserService does, and roles and metadata of users',
  );
});

test('a file that holds no key is refused before anything is sent', async () => {
  const target = ['conformance', '--base-url', 'http://127.0.0.1:1', '--grpc', '127.0.0.1:1'];
  const file = join(temporaryFolder(), 'api-key');
  for (const [content, told] of [
    ['hunter2-'.repeat(8), 'holds no API key'],
    [`${apiKey}\nhunter2`, 'holds no API key'],
    ['hunter2-'.repeat(1_000), 'has 8000 bytes'],
  ] as const) {
    writeFileSync(file, content);
    const { code, stdout, stderr } = await runHere([...target, '--api-key-file', file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`${file} ${told}`);
    expect(stderr).not.toContain('hunter2');
    const other = await runHere([...target, '--api-key', apiKey, '--management-key-file', file]);
    expect(other).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(file) });
    expect(other.stderr).not.toContain('hunter2');
  }
});

describe('wrong usage ends with 2', () => {
  const plain = ['--base-url', 'http://127.0.0.1:1', '--api-key', 'k'];
  test.each([
    [['--base-url', 'http://127.0.0.1:1/path', '--api-key', 'k'], '--base-url'],
    [['--base-url', 'ftp://127.0.0.1', '--api-key', 'k'], '--base-url'],
    [['--base-url', 'http://127.0.0.1:1'], 'AUTHFLOW_API_KEY'],
    [['--base-url', 'http://127.0.0.1:1', '--api-key-file', 'missing'], 'missing'],
    [[...plain, '--api-key-file', fileURLToPath(import.meta.url)], '--api-key-file'],
    [[...plain, '--grpc', 'http://127.0.0.1:1'], '--grpc'],
    [[...plain, '--entrance', 'soap'], '--entrance'],
    [[...plain, '--ca', 'missing.pem'], 'missing.pem'],
    [[...plain, '--ca', fileURLToPath(import.meta.url)], 'PEM'],
    [[...plain, '--cert', 'alone.pem'], '--cert'],
  ])('%j', async (args, told) => {
    const { code, stdout, stderr } = await runHere(['conformance', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(told);
  });
});

test('a server that demands client certificates is asked by TLS on both ports', async () => {
  const { ca, server: pair, client } = CERTIFICATES;
  const file = (pem: string) => ({ path: '', pem });
  const tls = { cert: file(pair.cert), key: file(pair.key), clientCa: file(ca) };
  await using secured = await startTestServer({ settings: { tls } });
  const organization = await secured.createOrganization();
  const folder = temporaryFolder();
  const flags = Object.entries({ ca, cert: client.cert, key: client.key }).flatMap(([name, pem]) => {
    const path = join(folder, `${name}.pem`);
    writeFileSync(path, pem);
    return [`--${name}`, path];
  });
  // By name: grpc-js sends an address as the name of the server too, which Node refuses from 26 on.
  const grpcAddress = secured.grpcAddress.replace('127.0.0.1', 'localhost');
  const target = ['--base-url', secured.httpAddress, '--grpc', grpcAddress, '--api-key', organization.apiKey];
  const entrances = ['--entrance', 'auth-json', 'connect', 'grpc-on-http', 'grpc'];
  const { code, stdout, stderr } = await runHere(['conformance', ...target, ...flags, ...entrances]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).not.toContain('FAILED\n');
});

function command(entrance: string): string[] {
  return ['conformance', '--base-url', server.httpAddress, '--api-key', apiKey, '--entrance', entrance];
}
