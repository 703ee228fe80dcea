import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { startFaultProxy } from '../support/postgres/fault-proxy.ts';
import { sharedPostgres } from '../support/postgres/shared.ts';
import { startTestServer } from '../support/running-server.ts';
import { postgresStoreAt } from '../support/stores.ts';
import { type CliPlace, jsonOf, runCli, startCli } from './spawned-cli.ts';

interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

async function emptyPlace(): Promise<CliPlace & { readonly password: string }> {
  const schema = (await sharedPostgres()).freshSchema();
  onTestFinished(schema.remove);
  const password = new URL(schema.url).password;
  return { folder: temporaryFolder(), env: postgresStoreAt(schema).environment, password };
}

async function migrated(): Promise<CliPlace & { readonly password: string }> {
  const place = await emptyPlace();
  await jsonOf(['migrate'], place);
  return place;
}

test('a store on PostgreSQL is made by migrate alone, and no command leaves a file', async () => {
  const place = await emptyPlace();
  for (const args of [
    ['org', 'list'],
    ['backup', 'copy.db'],
    ['signing-key', 'rotate'],
  ]) {
    const { code, stdout, stderr } = await runCli(args, place);
    expect({ args, code, stdout }).toEqual({ args, code: 3, stdout: '' });
    expect(stderr).toContain(new URL(place.env?.AUTHFLOW_DATABASE_URL ?? '').host);
    expect(stderr).not.toContain(place.password);
  }
  const planned = await jsonOf<{ version: number }[]>(['migrate', '--dry-run'], place);
  expect(await jsonOf(['migrate'], place)).toMatchObject(planned.map(({ version }) => ({ version, state: 'applied' })));
  expect(await jsonOf(['migrate'], place)).toEqual([]);
  expect(await jsonOf(['org', 'list'], place)).toEqual([]);
  expect(readdirSync(place.folder)).toEqual([]);
});

test('what PostgreSQL or the settings do instead of a command is said in one sentence, and nothing is changed', async () => {
  const place = await migrated();
  for (const [args, endsWith, sentence] of [
    [['backup', 'copy.db'], 2, `--exclude-table-data=${place.env?.AUTHFLOW_DATABASE_SCHEMA}.recent_writes`],
    [['restore', 'copy.db'], 2, 'pg_restore'],
    [['admin-token', 'rotate'], 3, 'AUTHFLOW_ADMIN_TOKEN'],
  ] as const) {
    const { code, stdout, stderr } = await runCli(args, place);
    expect({ args, code, stdout }).toEqual({ args, code: endsWith, stdout: '' });
    expect(stderr).toContain(sentence);
  }
  expect(readdirSync(place.folder)).toEqual([]);
});

test('config and doctor show where the store is, and neither the password nor the secret', async () => {
  const place = await migrated();
  const { host, username } = new URL(place.env?.AUTHFLOW_DATABASE_URL ?? '');
  const config = await runCli(['config'], place);
  expect(config.code).toBe(0);
  expect(config.stdout).toContain(`postgres://${username}:`);
  expect(config.stdout).toContain(host);
  const doctor = await runCli(['doctor', '--json'], place);
  const checks: Check[] = JSON.parse(doctor.stdout);
  // The tests' own server forgoes fsync, as doctor tells; another may not.
  const sick = checks.filter(({ ok }) => !ok).map(({ check }) => check);
  expect([[], ['commits']]).toContainEqual(sick);
  expect(doctor.code).toBe(sick.length);
  expect(checks.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['schema', 'secret', 'signing keys', 'writing']),
  );
  expect(doctor.stdout).toContain(host);
  for (const { stdout, stderr } of [config, doctor]) {
    expect(stdout + stderr).not.toContain(place.password);
    expect(stdout + stderr).not.toContain(place.env?.AUTHFLOW_SECRET);
    expect(stdout + stderr).not.toContain('afadm_');
  }
});

test("doctor: another store's secret, and a store that lacks migrations, are told and end with 1", async () => {
  const place = await migrated();
  const sick = await runCli(['doctor', '--json'], {
    ...place,
    env: { ...place.env, AUTHFLOW_SECRET: 'x'.repeat(32) },
  });
  expect(sick.code).toBe(1);
  const faults = (JSON.parse(sick.stdout) as Check[]).filter(({ ok, check }) => !ok && check !== 'commits');
  expect(faults).toMatchObject([{ check: 'secret' }]);
  const absent = await runCli(['doctor', '--json'], await emptyPlace());
  expect(absent.code).toBe(1);
  expect((JSON.parse(absent.stdout) as Check[]).filter(({ ok }) => !ok)).toMatchObject([
    { check: 'store', detail: expect.stringContaining('"authflow serve" or "authflow migrate" makes one') },
  ]);
});

test('A3: a start or a command with the secret of another store, a short one or none is refused, and makes nothing', async () => {
  const place = await migrated();
  const { AUTHFLOW_SECRET: _, ...withoutSecret } = place.env ?? {};
  const starts = ['1', '2'].map((workers) => ({
    command: ['serve'],
    env: { AUTHFLOW_WORKERS: workers, AUTHFLOW_HTTP_PORT: '0', AUTHFLOW_GRPC_PORT: '0' },
  }));
  for (const [secret, code] of [
    [{ AUTHFLOW_SECRET: 'x'.repeat(32) }, 3],
    [{ AUTHFLOW_SECRET: 's'.repeat(31) }, 2],
    [{}, 2],
  ] as const) {
    for (const { command, env } of [...starts, { command: ['org', 'list'], env: {} }]) {
      const refused = await runCli(command, { ...place, env: { ...withoutSecret, ...env, ...secret } });
      const stderr = expect.stringMatching(/secret/i);
      expect({ command, secret, ...refused }).toMatchObject({ code, stdout: '', stderr });
    }
  }
  expect(readdirSync(place.folder)).toEqual([]);
  expect(await jsonOf(['org', 'list'], place)).toEqual([]);
});

test('restore without a file ends no session while a server runs: it sees it, changes nothing and ends with 3', async () => {
  const schema = (await sharedPostgres()).freshSchema();
  onTestFinished(schema.remove);
  const testStore = postgresStoreAt(schema);
  const place = { folder: temporaryFolder(), env: testStore.environment };
  const server = await startTestServer({ testStore });
  const before = await server.ports.storage.readStoreIdentity();
  expect(await runCli(['restore'], place)).toMatchObject({ code: 3, stderr: expect.stringContaining('is in use') });
  expect(await server.ports.storage.readStoreIdentity()).toEqual(before);
  await server.stop();
  expect(await runCli(['restore'], place)).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/is restored.*PostgreSQL: restore a dump/s),
  });
});

test('audit --follow goes on where its connections were cut and none was made for a while', async () => {
  const schema = (await sharedPostgres()).freshSchema();
  onTestFinished(schema.remove);
  const url = new URL(schema.url);
  const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  url.host = `${proxy.host}:${proxy.port}`;
  const env = postgresStoreAt(schema).environment;
  const place = { folder: temporaryFolder(), env };
  await jsonOf(['migrate'], place);
  const proxied = { ...place, env: { ...env, AUTHFLOW_DATABASE_URL: url.href } };
  const following = startCli(['audit', '--follow', '--json', '--since', '1h'], proxied);
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    following[name].on('data', (chunk) => {
      printed[name] += String(chunk);
    });
  }
  await runCli(['org', 'create', 'Before'], place);
  await expect.poll(() => printed.stdout).toContain('organization.created');
  proxy.refusals = Number.POSITIVE_INFINITY;
  proxy.cutAll();
  await expect.poll(() => printed.stderr).toContain('The store cannot be read (UNAVAILABLE).');
  const { org_id } = await jsonOf<{ org_id: string }>(['org', 'create', 'Meanwhile'], place);
  proxy.refusals = 0;
  await expect.poll(() => printed.stdout).toContain(org_id);
  await runCli(['org', 'create', 'After'], place);
  const told = () => [...printed.stdout.matchAll(/"type":"([^"]+)"/g)].map(([, type]) => type);
  await expect.poll(told).toEqual(['store.created', ...Array.from({ length: 3 }, () => 'organization.created')]);
  following.kill('SIGINT');
  expect(await once(following, 'exit')).toEqual([0, null]);
});
