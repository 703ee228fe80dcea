import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../src/config/settings.ts';
import { connect } from '../../src/storage/sqlite/driver.ts';
import { runHere } from '../cli/captured-terminal.ts';
import { jsonOf, runCli, startCli } from '../cli/spawned-cli.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { Backend, PASSWORD } from '../security/backend.ts';
import { fill, sqliteStore } from '../storage/copy/stores.ts';
import { startFaultProxy } from '../support/postgres/fault-proxy.ts';
import { postgresUnderTest, sharedPostgres } from '../support/postgres/shared.ts';
import { startTestServer } from '../support/running-server.ts';
import { sqliteStoreIn } from '../support/stores.ts';

const ADA = 'ada@example.com';
/** More than a copy takes until it is seen to copy. */
const MANY_ROWS = 6_000;

/** The settings of a data folder, and a schema that nobody uses. */
async function surroundings() {
  const dataDir = temporaryFolder();
  const { url, schema, remove } = (await sharedPostgres()).freshSchema();
  onTestFinished(remove);
  const env = {
    AUTHFLOW_DATA_DIR: dataDir,
    AUTHFLOW_DATABASE_SCHEMA: schema,
    AUTHFLOW_DATABASE_NAMED_STATEMENTS: String(postgresUnderTest().namedStatements),
  };
  return { dataDir, url, env, file: join(dataDir, 'authflow.db') };
}

describe('a store that moves to PostgreSQL', () => {
  test('keeps every session, nonce, key and password, and is served at one place alone', async () => {
    const { dataDir, url, env, file } = await surroundings();
    const before = await startTestServer({ testStore: sqliteStoreIn(dataDir) });
    const { apiKey } = await before.createOrganization('Acme');
    const backend = new Backend(before.httpAddress, apiKey);
    await backend.signUp(ADA);
    const token = (await backend.login(ADA)).field('token');
    const ended = (await backend.login(ADA)).field('token');
    await backend.logout(ADA, ended);
    const [unspent, spent] = [await backend.nonce(ADA), await backend.nonce(ADA)];
    await backend.call('login', { foobar: spent, email: ADA, password: PASSWORD });
    const copy = () => runHere(['copy', '--to', url, '--json'], env);
    expect(await copy()).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('in use') });
    expect((await backend.validate(ADA, token)).outcome).toBe('OK');
    await before.stop();

    const { code, stdout, stderr } = await copy();
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const counts = (JSON.parse(stdout) as { table: string; rows: number }[]).map(({ table, rows }) => [table, rows]);
    expect(counts).toContainEqual(['users', 1]);
    expect(counts).toContainEqual(['sessions', 3]);
    expect(stderr).toContain(`set to the new place, and AUTHFLOW_DATABASE_SCHEMA=${env.AUTHFLOW_DATABASE_SCHEMA}.`);
    expect(stderr).toContain(`export AUTHFLOW_SECRET_FILE=${join(dataDir, 'secret')}`);
    expect(stderr).toContain(`export AUTHFLOW_ADMIN_TOKEN_FILE=${join(dataDir, 'admin-token')}`);
    expect(stderr + stdout).not.toContain(new URL(url).password);

    const secretFile = join(dataDir, 'secret');
    const moved = { ...env, AUTHFLOW_DATABASE_URL: url, AUTHFLOW_SECRET_FILE: secretFile };
    const { database, secret } = readSettings({ ...moved, AUTHFLOW_ADMIN_TOKEN: before.adminToken });
    const after = await startTestServer({ settings: { database, secret } });
    const there = new Backend(after.httpAddress, apiKey);
    const every = { orgId: null, userId: null, from: null, to: null, after: null, limit: 100 };
    const { events } = await after.ports.storage.listAuditEvents({ ...every, type: null });
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['user.signed_up', 'login.succeeded']));
    expect(events.filter(({ type }) => type === 'store.moved')).toMatchObject([
      { actor: 'cli', details: { from: file } },
    ]);
    expect((await there.validate(ADA, token)).outcome).toBe('OK');
    expect((await there.validate(ADA, ended)).outcome).toBe('SESSION_REVOKED');
    const login = (foobar: string) => there.call('login', { foobar, email: ADA, password: PASSWORD });
    expect((await login(spent)).outcome).toBe('NONCE_USED');
    expect((await login(unspent)).outcome).toBe('OK');
    await there.logout(ADA, token);
    const early = await runHere(['copy', '--from', url, '--to', `sqlite:${file}.early`], env);
    expect(early).toMatchObject({ code: 3, stderr: expect.stringContaining('is in use') });
    expect((await there.validate(ADA, token)).outcome).toBe('SESSION_REVOKED');
    await after[Symbol.asyncDispose]();

    for (const args of [
      ['serve'],
      ['migrate'],
      ['migrate', '--dry-run'],
      ['org', 'list'],
      ['backup', join(dataDir, 'b.db')],
    ]) {
      const refused = await runHere(args, { AUTHFLOW_DATA_DIR: dataDir });
      expect({ args, code: refused.code }).toEqual({ args, code: 3 });
      expect(refused.stderr).toContain('was moved to postgres://');
    }
    const doctor = await runHere(['doctor', '--json'], { AUTHFLOW_DATA_DIR: dataDir });
    expect(JSON.parse(doctor.stdout)).toContainEqual(
      expect.objectContaining({ check: 'move', ok: false, detail: expect.stringContaining('was moved to') }),
    );

    // And back, to a file of its own.
    const back = `${file}.back`;
    const returned = await runHere(['copy', '--from', url, '--to', `sqlite:${back}`], env);
    expect({ code: returned.code, stderr: returned.stderr }).toMatchObject({ code: 0 });
    const home = await startTestServer({
      testStore: sqliteStoreIn(dataDir),
      settings: { database: { engine: 'sqlite', file: back } },
    });
    const athome = new Backend(home.httpAddress, apiKey);
    expect((await athome.validate(ADA, token)).outcome).toBe('SESSION_REVOKED');
    expect((await athome.login(ADA)).outcome).toBe('OK');
    await home[Symbol.asyncDispose]();
    const refused = await runHere(['org', 'list'], { ...moved, AUTHFLOW_ADMIN_TOKEN: before.adminToken });
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining(`was moved to ${back}`) });
    const sick = await runHere(['doctor', '--json'], { ...moved, AUTHFLOW_ADMIN_TOKEN: before.adminToken });
    const faults = (JSON.parse(sick.stdout) as { check: string; ok: boolean }[]).filter(({ ok }) => !ok);
    // The tests' own server forgoes fsync.
    expect(faults.map(({ check }) => check).filter((check) => check !== 'commits')).toEqual(['move']);
  });

  test('whose copy is killed can be opened on neither side, and is gone on with to its end', async () => {
    const source = await sqliteStore();
    await fill(source, MANY_ROWS);
    const from = source.database.engine === 'sqlite' ? source.database.file : '';
    const { dataDir, url, env } = await surroundings();
    const place = { folder: dataDir, env };
    const args = ['copy', '--from', `sqlite:${from}`, '--to', url];
    const child = startCli(args, place);
    for await (const text of child.stderr.setEncoding('utf8')) {
      if (String(text).includes('copying')) {
        break;
      }
    }
    child.kill('SIGKILL');
    await once(child, 'exit');

    const secrets = { AUTHFLOW_SECRET: 's'.repeat(32), AUTHFLOW_ADMIN_TOKEN: `afadm_${'A'.repeat(43)}` };
    const onTarget = await runCli(['org', 'list'], {
      folder: dataDir,
      env: { ...env, ...secrets, AUTHFLOW_DATABASE_URL: url },
    });
    expect(onTarget).toMatchObject({ code: 3, stderr: expect.stringContaining('is not finished') });
    const onSource = await runCli(['org', 'list'], {
      folder: dataDir,
      env: { ...env, ...secrets, AUTHFLOW_DATABASE_URL: `sqlite:${from}` },
    });
    expect(onSource).toMatchObject({ code: 3, stderr: expect.stringContaining('is being moved') });
    expect(await runCli(args, place)).toMatchObject({ code: 1, stderr: expect.stringContaining('--resume') });

    const report = await jsonOf<{ table: string; rows: number }[]>([...args, '--resume'], place);
    expect(report).toContainEqual(expect.objectContaining({ table: 'users', rows: MANY_ROWS }));
  });
});

describe('authflow copy', () => {
  test('needs a side, refuses a store as both, a missing source and a wrong URL without quoting it', async () => {
    const { dataDir, url, env, file } = await surroundings();
    expect(await runHere(['copy'], env)).toMatchObject({ code: 2, stderr: expect.stringContaining('--from or --to') });
    expect(await runHere(['copy', '--to', url], env)).toMatchObject({ code: 3, stderr: expect.stringContaining(file) });
    const wrong = await runHere(['copy', '--to', 'postgres://user:pass%word@host/x'], env);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--to') });
    expect(wrong.stderr).not.toContain('pass%word');
    await runHere(['migrate'], env);
    const same = await runHere(['copy', '--to', `sqlite:${file}`], env);
    expect(same).toMatchObject({ code: 1, stderr: expect.stringContaining('both sides') });
    const otherSecret = { ...env, AUTHFLOW_SECRET: 'o'.repeat(32) };
    const other = await runHere(['copy', '--to', `sqlite:${join(dataDir, 'to.db')}`], otherSecret);
    expect(other).toMatchObject({ code: 3, stderr: expect.stringContaining('another secret') });
    expect(await runHere(['copy', '--reopen'], env)).toMatchObject({ code: 1 });
    expect((await runHere(['org', 'list'], env)).code).toBe(0);
  });

  test('refuses a store as both sides under two names, which is served as before', async () => {
    const { url, env } = await surroundings();
    const secrets = { AUTHFLOW_SECRET: 's'.repeat(32), AUTHFLOW_ADMIN_TOKEN: `afadm_${'A'.repeat(43)}` };
    const there = { ...env, ...secrets, AUTHFLOW_DATABASE_URL: url };
    expect((await runHere(['migrate'], there)).code).toBe(0);
    const { hostname: host, port } = new URL(url);
    const proxy = await startFaultProxy({ host, port: Number(port) });
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    const alias = new URL(url);
    alias.port = String(proxy.port);
    const refused = await runHere(['copy', '--to', alias.href], there);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('the same store') });
    expect((await runHere(['org', 'list'], there)).code).toBe(0);
  });

  test('lists what PostgreSQL cannot hold, and changes nothing', async () => {
    const { url, env } = await surroundings();
    const source = await sqliteStore();
    await fill(source, 3);
    await source.execute(`UPDATE users SET fullname = 'Ada' || char(0) WHERE credential_version = 2`);
    const from = `sqlite:${source.database.engine === 'sqlite' ? source.database.file : ''}`;
    const { code, stdout, stderr } = await runHere(['copy', '--from', from, '--to', url, '--json'], env);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was copied') });
    expect(JSON.parse(stdout)).toMatchObject([
      { table: 'users', column: 'fullname', fault: expect.stringContaining('U+0000') },
    ]);
  });

  test('lets a moved store be served again when it is told', async () => {
    const { dataDir, env, file } = await surroundings();
    await runHere(['migrate'], env);
    const backup = join(dataDir, 'backup.db');
    expect((await runHere(['backup', backup], env)).code).toBe(0);
    expect((await runHere(['copy', '--to', `sqlite:${join(dataDir, 'to.db')}`], env)).code).toBe(0);
    for (const args of [
      ['org', 'list'],
      ['copy', '--to', `sqlite:${join(dataDir, 'another.db')}`],
      ['copy', '--resume', '--to', `sqlite:${join(dataDir, 'another.db')}`],
    ]) {
      expect(await runHere(args, env)).toMatchObject({ code: 3, stderr: expect.stringContaining('was moved to') });
    }
    // Nor does a restore make it live.
    expect(await runHere(['restore', backup], env)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('was moved'),
    });
    expect((await runHere(['org', 'list'], env)).code).toBe(3);
    const reopened = await runHere(['copy', '--reopen', `sqlite:${file}`], env);
    expect(reopened).toMatchObject({ code: 0, stderr: expect.stringContaining(join(dataDir, 'to.db')) });
    expect((await runHere(['org', 'list'], env)).code).toBe(0);
  });

  test('lets a moved store be served again after an upgrade that brought a migration; an unfinished copy is left to its release', async () => {
    const { dataDir, env, file } = await surroundings();
    await runHere(['migrate'], env);
    const to = join(dataDir, 'to.db');
    expect((await runHere(['copy', '--to', `sqlite:${to}`], env)).code).toBe(0);
    const execute = (sql: string) => {
      const connection = connect(file, 1000);
      connection.exec(sql);
      connection.close();
    };
    execute('DELETE FROM schema_migrations WHERE version = (SELECT max(version) FROM schema_migrations)');
    const again = await runHere(['copy', '--to', `sqlite:${to}.2`], env);
    expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining(`was moved to ${to}`) });
    execute(`UPDATE moves SET state = 'moving'`);
    const resumed = await runHere(['copy', '--resume', '--to', `sqlite:${to}`], env);
    expect(resumed).toMatchObject({ code: 3, stderr: expect.stringContaining('begun by an older release') });
    expect(resumed.stderr).toContain(`authflow copy --reopen sqlite:${file}`);
    expect((await runHere(['copy', '--reopen', `sqlite:${file}`], env)).code).toBe(0);
    expect(await runHere(['org', 'list'], env)).toMatchObject({ stderr: expect.stringContaining('lacks 1 migration') });
  });
});
