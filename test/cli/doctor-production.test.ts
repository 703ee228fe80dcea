import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { diagnoseProduction } from '../../src/app/doctor-production.ts';
import { opening, openingSentence } from '../../src/app/open-files.ts';
import { readSettings } from '../../src/config/settings.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { sharedPostgres } from '../support/postgres/shared.ts';
import { postgresStoreAt } from '../support/stores.ts';
import { type CliPlace, jsonOf, runCli } from './spawned-cli.ts';

const SERVICE_USER = 65534;

interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** A store of a user that is not root, with one organization. */
async function servedStore(): Promise<CliPlace & { readonly orgId: string }> {
  const place = { folder: temporaryFolder() };
  await jsonOf(['migrate'], place);
  const { org_id: orgId } = await jsonOf<{ org_id: string }>(['org', 'create', 'Acme'], place);
  return { ...place, orgId };
}

/** Run by root, as in a container, files are root's. */
function giveToService({ folder }: CliPlace): void {
  if (process.getuid?.() !== 0) {
    return;
  }
  const data = join(folder, 'data');
  for (const path of [data, ...readdirSync(data).map((name) => join(data, name))]) {
    chownSync(path, SERVICE_USER, SERVICE_USER);
  }
}

async function doctor(place: CliPlace, args: readonly string[] = ['--production']): Promise<readonly Check[]> {
  const { stdout, stderr, code } = await runCli(['doctor', '--json', ...args], place);
  expect(stderr).toBe('');
  const checks: Check[] = JSON.parse(stdout);
  expect(code).toBe(checks.every(({ ok }) => ok) ? 0 : 1);
  return checks;
}

function failed(checks: readonly Check[]): readonly Check[] {
  return checks.filter(({ ok }) => !ok);
}

test('doctor --production: every check of a good set-up is well, and the command ends with 0', async () => {
  const place = await servedStore();
  await jsonOf(['key', 'add', place.orgId, '--label', 'backend'], place);
  giveToService(place);
  const checks = await doctor(place);
  expect(failed(checks)).toEqual([]);
  expect(checks.map(({ check }) => check)).toEqual(
    expect.arrayContaining([
      'ports',
      'server user',
      'private keys',
      'organization sign-up',
      'allowed origins',
      'sessions',
    ]),
  );
});

test('doctor without --production leaves production alone', async () => {
  const place = await servedStore();
  const checks = await doctor(place, []);
  expect(checks.map(({ check }) => check)).not.toContain('private keys');
});

test('doctor --production: a bad set-up is told check by check, and the command ends with 1', async () => {
  const place = await servedStore();
  const checks = await doctor({
    ...place,
    env: {
      AUTHFLOW_HOST: '0.0.0.0',
      AUTHFLOW_INSECURE: 'true',
      AUTHFLOW_OPEN_SIGNUP: 'true',
      AUTHFLOW_SESSION_TTL: '90d',
      AUTHFLOW_LIMIT_LOGIN: 'off',
      AUTHFLOW_LIMIT_FOOBAR_KEYLESS: 'off',
      AUTHFLOW_ALLOWED_ORIGINS: 'http://app.example.com,https://ops.example.com',
    },
  });
  expect(failed(checks)).toEqual([
    { check: 'private keys', ok: false, detail: expect.stringContaining(`authflow key add ${place.orgId}`) },
    { check: 'ports', ok: false, detail: expect.stringContaining('AUTHFLOW_TLS_CERT') },
    ...(process.getuid?.() === 0 ? [{ check: 'server user', ok: false, detail: expect.stringContaining('root') }] : []),
    { check: 'organization sign-up', ok: false, detail: expect.stringContaining('AUTHFLOW_OPEN_SIGNUP') },
    {
      check: 'limits',
      ok: false,
      detail: expect.stringContaining('off: AUTHFLOW_LIMIT_FOOBAR_KEYLESS, AUTHFLOW_LIMIT_LOGIN;'),
    },
    { check: 'allowed origins', ok: false, detail: 'without TLS: http://app.example.com' },
    { check: 'sessions', ok: false, detail: expect.stringContaining('30d') },
  ]);
});

test('doctor --production: a file of a secret that a setting names is closed to others, by its mode or by a folder', async () => {
  const folder = temporaryFolder();
  const open = join(folder, 'open');
  mkdirSync(open);
  const secret = join(open, 'the secret');
  writeFileSync(secret, 's'.repeat(32));
  const settings = readSettings({ AUTHFLOW_DATA_DIR: folder, AUTHFLOW_SECRET_FILE: secret });
  writeFileSync(settings.database.engine === 'sqlite' ? settings.database.file : '', '');
  const check = (modes: { readonly file: number; readonly folder: number; readonly above: number }) => {
    chmodSync(secret, modes.file);
    chmodSync(open, modes.folder);
    chmodSync(folder, modes.above);
    return diagnoseProduction(settings, null).find(({ check }) => check === 'secret files');
  };
  const closed = { check: 'secret files', ok: true, detail: 'closed to others: AUTHFLOW_SECRET_FILE' };
  expect(check({ file: 0o644, folder: 0o755, above: 0o755 })).toEqual({
    check: 'secret files',
    ok: false,
    detail: `AUTHFLOW_SECRET_FILE, ${secret}, has mode 644, others can open it: chmod 600 '${secret}'`,
  });
  expect(check({ file: 0o640, folder: 0o755, above: 0o755 })).toEqual(closed);
  expect(check({ file: 0o444, folder: 0o750, above: 0o755 })).toEqual(closed);
  expect(check({ file: 0o444, folder: 0o755, above: 0o700 })).toEqual(closed);
  expect(check({ file: 0o600, folder: 0o777, above: 0o755 })).toMatchObject({
    ok: false,
    detail: expect.stringContaining(`can be replaced by others: chmod 700 '${open}'`),
  });
  expect(check({ file: 0o600, folder: 0o1777, above: 0o755 })).toEqual(closed);
  expect(diagnoseProduction(readSettings({ AUTHFLOW_DATA_DIR: folder }), null)).not.toContainEqual(
    expect.objectContaining({ check: 'secret files' }),
  );
});

test('what a setting named and lies in no folder, as a pipe that was read, is nobody else’s', () => {
  expect(openingSentence({ name: 'AUTHFLOW_SECRET_FILE', path: join(temporaryFolder(), 'pipe:[1]') })).toBeNull();
});

test('a file that is mounted by itself, as a container’s secrets are, is nobody else’s whatever its mode', () => {
  const root = { mode: 0o755, dev: 1 };
  expect(opening({ mode: 0o444, dev: 2 }, [root, root])).toBeNull();
  expect(opening({ mode: 0o444, dev: 1 }, [root, root])).toBe('read');
  expect(opening({ mode: 0o444, dev: 2 }, [{ mode: 0o755, dev: 2 }, root])).toBe('read');
});

test('doctor --production: an organization whose tokens held ids from the first needs no further key', async () => {
  const place = { folder: temporaryFolder(), env: { AUTHFLOW_API_KEY_CLAIM: 'id' } };
  await jsonOf(['migrate'], place);
  await jsonOf(['org', 'create', 'Acme'], place);
  giveToService(place);
  expect(failed(await doctor(place))).toEqual([]);
});

test('doctor --production over PostgreSQL: a commit that waits for no standby is told', async () => {
  const schema = (await sharedPostgres()).freshSchema();
  onTestFinished(schema.remove);
  const place = { folder: temporaryFolder(), env: postgresStoreAt(schema).environment };
  await jsonOf(['migrate'], place);
  expect(failed(await doctor(place))).toContainEqual({
    check: 'synchronous standby',
    ok: false,
    detail: expect.stringContaining('synchronous_standby_names'),
  });
});

test('over PostgreSQL a standby that only receives is none, and a network between asks for TLS', () => {
  const facts = { place: '', serverVersion: 180004, fsync: 'on', bytes: 0, synchronousStandbyNames: 'ANY 1 (b, c)' };
  const settings = (url: string) =>
    readSettings({
      AUTHFLOW_DATABASE_URL: url,
      AUTHFLOW_DATABASE_TLS: 'disable',
      AUTHFLOW_SECRET: 'x'.repeat(32),
      AUTHFLOW_ADMIN_TOKEN: `afadm_${'x'.repeat(43)}`,
    });
  const standbyWith = (synchronousCommit: string) =>
    diagnoseProduction(settings('postgres://a:b@127.0.0.1/c'), { ...facts, synchronousCommit }).find(
      ({ check }) => check === 'synchronous standby',
    );
  expect(standbyWith('on')).toEqual({ check: 'synchronous standby', ok: true, detail: 'ANY 1 (b, c)' });
  expect(standbyWith('remote_apply')).toMatchObject({ ok: true });
  expect(standbyWith('remote_write')).toMatchObject({ ok: false });
  expect(standbyWith('local')).toMatchObject({ ok: false });
  const connection = (url: string) =>
    diagnoseProduction(settings(url), null).find(({ check }) => check === 'database connection');
  expect(connection('postgres://a:b@127.0.0.1/c')).toMatchObject({ ok: true });
  expect(connection('postgres://a:b@db.example.com/c')).toMatchObject({ ok: false });
});
