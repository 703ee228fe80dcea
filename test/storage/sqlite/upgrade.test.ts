import { createHash } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { migrationsOf } from '../../../src/storage/migrations.ts';
import { migrate } from '../../../src/storage/migrator.ts';
import { createFile, openConnection } from '../../../src/storage/sqlite/connection.ts';
import { Database } from '../../../src/storage/sqlite/driver.ts';
import { sqliteMigrationStore } from '../../../src/storage/sqlite/migration-store.ts';
import { startChild } from '../child-process.ts';
import { challengeSeed, confirmation } from '../contract/factor-scene.ts';
import { apiKey, countingEnded, KID, NOW, newSession, page, signingKey, tokenKey } from '../fixtures.ts';
import { databaseFile, engineAt, openMigrated } from '../sqlite-files.ts';

const MIGRATIONS = migrationsOf('sqlite');

/** A store as the release that knew this schema version left it, with rows written by that release's statements. */
async function oldStore(version: number, rows: string): Promise<string> {
  const file = databaseFile();
  createFile(file);
  const connection = await openConnection(file, 1_000);
  await migrate(sqliteMigrationStore(connection, 1_000), MIGRATIONS.slice(0, version), '0.1.0');
  // Stores of schemas 1 to 4 were made before their ledger kept releases.
  if (version > 0) {
    connection.exec('ALTER TABLE schema_migrations DROP COLUMN oldest_release');
  }
  connection.exec(rows);
  connection.close();
  return file;
}

async function openUpgraded(file: string) {
  const storage = await openMigrated(file);
  onTestFinished(() => storage.close());
  return storage;
}

const hashOf = (keyId: string) => createHash('sha256').update(keyId).digest();
const sqlHash = (keyId: string) => `x'${hashOf(keyId).toString('hex')}'`;

describe('R13: a store of schema 1', () => {
  const KEYS = `
INSERT INTO organizations (org_id, name, name_key, created_at) VALUES ('acme', 'Acme', 'acme', 1), ('other', 'Other', 'other', 1);
INSERT INTO api_keys (org_id, key_id, label, api_key_hash, sealed_api_key, in_tokens, created_at, revoked_at) VALUES
  ('acme', 'in tokens', '', ${sqlHash('in tokens')}, x'00', 1, 1, NULL),
  ('acme', 'beside', '', ${sqlHash('beside')}, NULL, 0, 2, NULL),
  ('acme', 'revoked', '', ${sqlHash('revoked')}, NULL, 0, 3, 4),
  ('other', 'by its id', '', ${sqlHash('by its id')}, NULL, 1, 1, NULL);
`;

  test('keeps its keys; one counts as sealed once unless it tells that it never was', async () => {
    const storage = await openUpgraded(await oldStore(1, KEYS));
    const sealed = async (keyId: string) => (await storage.findApiKey(hashOf(keyId)))?.wasSealed;
    expect(await sealed('in tokens')).toBe(true);
    // Perhaps it was in tokens before another took its place, or until it was revoked: nothing tells.
    expect(await sealed('beside')).toBe(true);
    expect(await sealed('revoked')).toBe(true);
    // The token key of a server whose tokens carry ids has no sealed form, and never had.
    expect(await sealed('by its id')).toBe(false);
  });

  test('tells of keys that are made from then on', async () => {
    const storage = await openUpgraded(await oldStore(1, KEYS));
    const [beside, inTokens] = [apiKey('acme', { createdAt: NOW }), tokenKey('acme', { createdAt: NOW })];
    await storage.createApiKey(beside);
    await storage.createApiKey(inTokens);
    expect(await storage.findApiKey(beside.apiKeyHash)).toMatchObject({ wasSealed: false });
    expect(await storage.findApiKey(inTokens.apiKeyHash)).toMatchObject({ wasSealed: true });
  });

  test('keeps its signing keys in the order in which they were made', async () => {
    const key = (kid: string, createdAt: number, activatesAt: number) =>
      `('${kid}', '{}', x'00', ${createdAt}, ${activatesAt}, 0, NULL)`;
    // The second was made with a right clock after a first that was dated ahead: it was dated after it.
    const rows = [key('b', 900, 901), key('a', 900, 900), key('third', 100, 902)].join(', ');
    const storage = await openUpgraded(await oldStore(1, `INSERT INTO signing_keys VALUES ${rows};`));
    await storage.addSigningKey(signingKey({ kid: 'new', createdAt: 200, activatesAt: 300 }), null);
    expect((await storage.listSigningKeys()).map(({ kid }) => kid)).toEqual(['a', 'b', 'third', 'new']);
  });

  test('has the schema of a new one, and is sound', async () => {
    const [old, fresh] = [await oldStore(1, KEYS), databaseFile()];
    await openUpgraded(old);
    await openUpgraded(fresh);
    expect(columnsOf(old)).toEqual(columnsOf(fresh));
    expect((await engineAt(old).inspect()).faults).toEqual([]);
  });
});

describe('R13: a store of every released schema', () => {
  test.each(MIGRATIONS.map((_, released) => released))(
    'as schema %s: killed in the middle of its upgrade, five times, it is as it was, and completes the next time',
    async (version) => {
      const [old, fresh] = [await oldStore(version, ''), databaseFile()];
      const before = schemaOf(old);
      for (let round = 0; round < 5; round += 1) {
        const child = startChild('migrate-slowly.js', [old, 'released']);
        for (const { version: applied } of MIGRATIONS.slice(version)) {
          expect(await child.next()).toEqual({ applied });
        }
        child.kill();
        expect(await child.rest()).toEqual([]);
        expect(await child.ended).toBe('SIGKILL');
        expect(schemaOf(old)).toEqual(before);
      }
      await openUpgraded(old);
      await openUpgraded(fresh);
      expect(columnsOf(old)).toEqual(columnsOf(fresh));
      expect((await engineAt(old).inspect()).faults).toEqual([]);
    },
  );
});

describe('R13: a store of schema 3', () => {
  const SESSIONS = `
INSERT INTO organizations (org_id, name, name_key, created_at) VALUES ('acme', 'Acme', 'acme', 1);
INSERT INTO users (org_id, user_id, email, fullname, credential_version, created_at) VALUES
  ('acme', 'ada', 'ada@example.com', 'Ada', 1, 1);
INSERT INTO sessions (org_id, session_id, user_id, created_at, expires_at, revoked_at) VALUES
  ('acme', 'live', 'ada', 1, ${NOW + 9}, NULL), ('acme', 'revoked', 'ada', 2, ${NOW + 9}, 3), ('acme', 'old', 'ada', 3, 4, NULL);
`;

  test('keeps its sessions as they were, and ends those that live with their organization', async () => {
    const file = await oldStore(3, SESSIONS);
    const storage = await openUpgraded(file);
    const instants = async () =>
      (await storage.listSessions('acme', null, page())).map(({ sessionId, revokedAt }) => [sessionId, revokedAt]);
    expect(await instants()).toEqual([
      ['live', null],
      ['revoked', 3],
      ['old', null],
    ]);
    expect(await countingEnded(storage, storage.closeOrganization('acme', NOW))).toMatchObject({ endedSessions: 1 });
    expect(await instants()).toEqual([
      ['live', NOW],
      ['revoked', 3],
      ['old', NOW],
    ]);
    expect((await engineAt(file).inspect()).faults).toEqual([]);
  });

  test('S3: all sessions of an organization end by one number, and none of their rows is written', async () => {
    const file = await oldStore(3, SESSIONS);
    const storage = await openUpgraded(file);
    await storage.closeOrganization('acme', NOW);
    const connection = new Database(file, { readonly: true });
    expect(connection.prepare('SELECT count(*) FROM sessions WHERE revoked_at IS NULL').pluck().get()).toBe(2);
    expect(connection.prepare('SELECT * FROM ended_generations').all()).toEqual([
      { org_id: 'acme', generation: 0, ended_at: NOW },
    ]);
    connection.close();
  });
});

describe('R13: a store of schema 14', () => {
  test('keeps its users, who have no second factor, log in as before, and may set one up', async () => {
    const file = await oldStore(
      14,
      `
INSERT INTO organizations (org_id, name, name_key, created_at) VALUES ('acme', 'Acme', 'acme', 1);
INSERT INTO users (org_id, user_id, email, fullname, credential_version, created_at) VALUES
  ('acme', 'ada', 'ada@example.com', 'Ada', 3, 1);
`,
    );
    const storage = await openUpgraded(file);
    await storage.addSigningKey(signingKey({ kid: KID }), null);
    expect(await storage.findUserCredentials('acme', 'ada')).toMatchObject({
      credentialVersion: 3,
      hasSecondFactor: false,
      mustChangePassword: false,
    });
    expect(await storage.findSecondFactor('acme', 'ada')).toBeNull();
    const session = newSession({ orgId: 'acme', keyId: null }, { userId: 'ada' }, { credentialVersion: 3 });
    const { sessionId } = session;
    expect(await storage.createSession({ ...session, challenge: challengeSeed() })).toMatchObject({
      outcome: 'created',
    });
    const own = {
      tenant: { orgId: 'acme', keyId: null },
      userId: 'ada',
      email: 'ada@example.com',
      sessionId,
      kid: KID,
    };
    const by = { by: 'session', session: { ...own, at: NOW + 1 } } as const;
    const sealedSecret = Buffer.from('sealed');
    await storage.putPendingSecret(by, { sealedSecret, until: NOW + 9 });
    const confirmed = confirmation({ userId: 'ada' }, sealedSecret, { credentialVersion: 3 });
    expect(await storage.confirmSecret(by, confirmed)).toMatchObject({ outcome: 'confirmed' });
    expect(await storage.findUser('acme', 'ada')).toMatchObject({ hasSecondFactor: true });
  });
});

function schemaOf(file: string): unknown[] {
  const connection = new Database(file, { readonly: true });
  const schema = connection.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all();
  connection.close();
  return schema;
}

function columnsOf(file: string): unknown[] {
  const connection = new Database(file, { readonly: true });
  const columns = connection
    .prepare(
      `SELECT t.name AS tableName, c.name, c.type, c."notnull", c.dflt_value FROM sqlite_schema t, pragma_table_info(t.name) c
       WHERE t.type = 'table' ORDER BY t.name, c.cid`,
    )
    .all();
  connection.close();
  return columns;
}
