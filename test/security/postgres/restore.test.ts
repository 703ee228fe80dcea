import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runHere } from '../../cli/captured-terminal.ts';
import { temporaryFolder } from '../../config/temporary-folder.ts';
import { versionUnderTest } from '../../storage/postgres/lab.ts';
import { createApiKey, disableUser, revokeApiKey } from '../../support/asked.ts';
import { ROLES } from '../../support/postgres/logins.ts';
import { DEBIAN_15 } from '../../support/postgres/server.ts';
import { type FreshDatabase, sharedPostgres } from '../../support/postgres/shared.ts';
import { startTestServer, type TestServer } from '../../support/running-server.ts';
import { postgresStoreAt, type TestStore } from '../../support/stores.ts';
import { Backend, PASSWORD, send } from '../backend.ts';

const [ADA, BOB, DAVE] = ['ada@example.com', 'bob@example.com', 'dave@example.com'];
const NEW_PASSWORD = 'Another-Horse-8';
const SCHEMA = 'authflow';

test('R12: a database that was put back opens nothing that was handed out before, once "authflow restore" has been run', async () => {
  const database = await databaseOfTest();
  let before = await startTestServer({ testStore: storeIn(database) });
  const { orgId, apiKey } = await before.createOrganization('Acme');
  const second = await createApiKey(before.ports, { orgId, label: 'second', inTokens: false });
  const first = new Backend(before.httpAddress, apiKey);
  for (const email of [ADA, BOB]) {
    expect((await first.signUp(email)).outcome).toBe('OK');
  }
  const oldToken = (await first.login(ADA)).field('token');
  const oldNonce = await first.nonce(ADA);
  const { restored, server } = await copied(database, before);
  before = server;

  const backend = new Backend(before.httpAddress, apiKey);
  expect((await backend.changePassword(ADA, oldToken, NEW_PASSWORD)).outcome).toBe('OK');
  await revokeApiKey(before.ports, { orgId, keyId: second.key.keyId, endSessions: false });
  await disableUser(before.ports, { orgId, user: BOB });
  expect((await backend.signUp(DAVE)).outcome).toBe('OK');
  const newToken = (await backend.login(DAVE)).field('token');
  await before[Symbol.asyncDispose]();

  const testStore = storeIn(restored);
  expect(await runHere(['restore'], testStore.environment)).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('is restored'),
  });
  await using after = await startTestServer({ testStore });
  const again = new Backend(after.httpAddress, apiKey);
  expect((await again.validate(ADA, oldToken)).outcome).toBe('SESSION_INVALID');
  expect((await again.validate(DAVE, newToken)).outcome).toBe('SESSION_INVALID');
  const login = await again.call('login', { foobar: oldNonce, email: ADA, password: PASSWORD });
  expect(login.outcome).toBe('NONCE_INVALID');
  const sessions = await after.ports.storage.listSessions(orgId, null, { limit: 100, after: null });
  expect(sessions.map(({ revokedAt }) => revokedAt === null)).toEqual([false]);
  // It is the store of then.
  expect((await again.login(ADA)).outcome).toBe('OK');
  expect((await again.login(DAVE)).outcome).toBe('USER_NOT_FOUND');
  expect((await new Backend(after.httpAddress, second.apiKey).login(BOB)).outcome).toBe('OK');
  const jwks = await send(after.httpAddress, '/.well-known/jwks.json', { method: 'GET' });
  expect(JSON.parse(jwks.text).keys).toHaveLength(1);
});

async function databaseOfTest(template?: FreshDatabase): Promise<FreshDatabase> {
  const database = await (await sharedPostgres()).freshDatabase(template);
  onTestFinished(database.remove);
  return database;
}

function storeIn({ url, remove }: FreshDatabase): TestStore {
  return postgresStoreAt({ url, schema: SCHEMA, remove });
}

/**
 * The database as it is now, put back as another, and the server that goes on with the first one. By Debian's tools while it serves,
 * as docs/operations.md has it; another PostgreSQL copies its files, which nobody may use meanwhile.
 */
async function copied(
  database: FreshDatabase,
  server: TestServer,
): Promise<{ readonly restored: FreshDatabase; readonly server: TestServer }> {
  if (versionUnderTest() === 'debian') {
    return { restored: await dumpedAndRestored(database), server };
  }
  await server[Symbol.asyncDispose]();
  const restored = await databaseOfTest(database);
  return { restored, server: await startTestServer({ testStore: storeIn(database) }) };
}

async function dumpedAndRestored(database: FreshDatabase): Promise<FreshDatabase> {
  const file = join(temporaryFolder(), 'authflow.dump');
  const { user, password } = ROLES.owner;
  // Past the pooler.
  const owner = Object.assign(new URL(database.adminUrl), { username: user, password }).href;
  const leftOut = `--exclude-table-data=${SCHEMA}.recent_writes`;
  run('pg_dump', '--format=custom', `--schema=${SCHEMA}`, leftOut, `--file=${file}`, owner);
  const restored = await databaseOfTest();
  const into = `--dbname=${restored.adminUrl}`;
  run('pg_restore', '--exit-on-error', '--jobs=2', '--no-owner', `--role=${user}`, into, file);
  return restored;
}

function run(program: string, ...args: readonly string[]): void {
  execFileSync(join(DEBIAN_15, program), args);
}
