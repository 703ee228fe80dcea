import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { type CliPlace, jsonOf, runCli, startCli } from './spawned-cli.ts';

interface CreatedOrganization {
  readonly org_id: string;
}

describe('a store', () => {
  test('is never made but by migrate: every other command says where it looked', async () => {
    const place = { folder: temporaryFolder() };
    for (const args of [
      ['org', 'create', 'Acme'],
      ['org', 'list'],
      ['key', 'list', 'Acme'],
      ['user', 'list', 'Acme'],
      ['session', 'list', 'Acme'],
      ['signing-key', 'rotate'],
      ['admin-token', 'rotate'],
      ['backup', 'copy.db'],
    ]) {
      const { code, stdout, stderr } = await runCli(args, place);
      expect({ args, code, stdout }).toEqual({ args, code: 3, stdout: '' });
      expect(stderr).toContain(join('data', 'authflow.db'));
    }
    expect(existsSync(join(place.folder, 'data'))).toBe(false);
  });

  test('is made by migrate once, and by --dry-run not at all', async () => {
    const place = { folder: temporaryFolder() };
    const planned = await jsonOf<{ version: number; name: string; state: string; sql: string }[]>(
      ['migrate', '--dry-run'],
      place,
    );
    expect(planned.map(({ state }) => state)).toEqual(planned.map(() => 'pending'));
    expect(existsSync(join(place.folder, 'data'))).toBe(false);

    const { stdout } = await runCli(['migrate', '--dry-run'], place);
    expect(stdout).toBe(planned.map(({ version, name, sql }) => `-- ${version}: ${name}\n${sql}\n`).join(''));
    expect(stdout).toMatch(/^-- 1: first schema\n(?:.*\n)+CREATE TABLE store \(\n/);
    expect(existsSync(join(place.folder, 'data'))).toBe(false);

    const applied = await jsonOf<{ version: number; state: string }[]>(['migrate'], place);
    expect(applied).toEqual(planned.map(({ sql, ...migration }) => ({ ...migration, state: 'applied' })));
    expect(statSync(join(place.folder, 'data')).mode & 0o777).toBe(0o700);
    expect(await jsonOf(['migrate'], place)).toEqual([]);
  });

  test('under another secret is refused', async () => {
    const { folder } = await migrated();
    const { code, stderr } = await runCli(['org', 'list'], { folder, env: { AUTHFLOW_SECRET: 'x'.repeat(32) } });
    expect(code).toBe(3);
    expect(stderr).toContain('secret');
  });
});

test('admin-token rotate: a new token in its file, never printed', async () => {
  const place = await migrated();
  const file = join(place.folder, 'data', 'admin-token');
  const before = readFileSync(file, 'utf8');
  const { code, stdout, stderr } = await runCli(['admin-token', 'rotate'], place);
  expect(code).toBe(0);
  expect(stdout).toContain(file);
  expect(stdout + stderr).not.toContain('afadm_');
  expect(readFileSync(file, 'utf8')).toMatch(/^afadm_[A-Za-z0-9_-]{43}\n$/);
  expect(readFileSync(file, 'utf8')).not.toBe(before);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('admin-token rotate: a token that cannot take its place is left nowhere', async () => {
  const place = await migrated();
  const data = join(place.folder, 'data');
  rmSync(join(data, 'admin-token'));
  mkdirSync(join(data, 'admin-token'));
  const before = readdirSync(data);
  const { code, stderr } = await runCli(['admin-token', 'rotate'], place);
  expect(code).toBe(3);
  expect(stderr).toContain('admin-token');
  expect(readdirSync(data)).toEqual(before);
});

test('backup: a copy that opens under the same secret; a file that is there stays', async () => {
  const place = await migrated();
  const { org_id } = await jsonOf<CreatedOrganization>(['org', 'create', 'Acme'], place);
  const copy = join(place.folder, 'copy.db');
  expect(await jsonOf(['backup', 'copy.db'], place)).toEqual({ file: copy });
  expect(await jsonOf(['org', 'list'], { ...place, env: { AUTHFLOW_DATABASE_URL: `sqlite:${copy}` } })).toMatchObject([
    { org_id },
  ]);
  const again = await runCli(['backup', 'copy.db'], place);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining(copy)]);
});

test('doctor: 0 with every check well, 1 otherwise', async () => {
  const place = await migrated();
  const checks = await jsonOf<{ check: string; ok: boolean; detail: string }[]>(['doctor'], place);
  expect(checks.length).toBeGreaterThan(0);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  const sick = await runCli(['doctor', '--json'], { ...place, env: { AUTHFLOW_SECRET: 'x'.repeat(32) } });
  expect(sick.code).toBe(1);
  expect(JSON.parse(sick.stdout).some(({ ok }: { ok: boolean }) => !ok)).toBe(true);
});

test('doctor and migrate --dry-run change nothing, and doctor names every mode that others could use', async () => {
  const place = await migrated();
  const data = join(place.folder, 'data');
  const modes = () =>
    ['', 'authflow.db', 'secret', 'admin-token'].map((name) => (statSync(join(data, name)).mode & 0o777).toString(8));
  for (const name of ['authflow.db', 'secret', 'admin-token']) {
    chmodSync(join(data, name), 0o644);
  }
  chmodSync(data, 0o755);

  expect(await jsonOf(['migrate', '--dry-run'], place)).toEqual([]);
  const { code, stdout } = await runCli(['doctor', '--json'], place);
  expect(code).toBe(1);
  const faults: { check: string; ok: boolean; detail: string }[] = JSON.parse(stdout);
  expect(faults.filter(({ ok }) => !ok)).toEqual([
    { check: 'data directory', ok: false, detail: expect.stringContaining(`chmod 700 '${data}'`) },
    { check: 'secret file', ok: false, detail: expect.stringContaining(`chmod 600 '${join(data, 'secret')}'`) },
    { check: 'admin token file', ok: false, detail: expect.stringContaining(`'${join(data, 'admin-token')}'`) },
    { check: 'store', ok: false, detail: expect.stringContaining(`chmod 600 '${join(data, 'authflow.db')}'`) },
  ]);
  expect(modes()).toEqual(['755', '644', '644', '644']);
});

test('a reader that goes away is no failure and makes no noise', async () => {
  const place = await migrated();
  const child = startCli(['config'], place);
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

async function migrated(): Promise<CliPlace> {
  const place = { folder: temporaryFolder() };
  await jsonOf(['migrate'], place);
  return place;
}
