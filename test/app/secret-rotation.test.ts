import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Core, openCore } from '../../src/app/core.ts';
import { diagnose } from '../../src/app/doctor.ts';
import { storeEngine } from '../../src/app/release-engine.ts';
import { rotateSecret } from '../../src/app/secret-rotation.ts';
import { readSettings, type Settings } from '../../src/config/settings.ts';
import { sealedApiKeyPlace } from '../../src/crypto/api-key-source.ts';
import { SealedBox, secretIdOf } from '../../src/crypto/sealed-box.ts';
import { createSigningKey } from '../../src/crypto/signing-key.ts';
import { createApiKey, readNewApiKey } from '../../src/domain/organizations/api-key.ts';
import { createOrganization, readNewOrganization } from '../../src/domain/organizations/organization.ts';
import { runHere } from '../cli/captured-terminal.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { Backend } from '../security/backend.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { sqliteStoreIn, storeOfTest, type TestStore } from '../support/stores.ts';

const EMAIL = 'user@example.com';
const [OLD, NEW, THIRD] = ['o', 'n', 't'].map((letter) => letter.repeat(32)) as [string, string, string];

const idOf = (secret: string) => new SealedBox(Buffer.from(secret)).secretId;
/** Nobody serves. */
const unserved = { compromised: false, pause: async () => undefined };

/** A pause that fails the so-manieth time: the command was killed there. */
function killedAtPause(count: number) {
  let pauses = 0;
  return async () => {
    pauses += 1;
    if (pauses === count) {
      throw new Error('killed');
    }
  };
}

function given(store: TestStore, secrets: Readonly<Record<string, string>>): TestStore {
  return { ...store, environment: { ...store.environment, ...secrets } };
}

function settingsOf({ environment }: TestStore): Settings {
  return readSettings({ ...environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
}

/** Makes a store with a user in it under its secret. */
async function populate(store: TestStore) {
  const server = await startTestServer({ testStore: store });
  const { orgId, apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  await backend.signUp(EMAIL);
  const token = (await backend.login(EMAIL)).field('token');
  await server.stop();
  return { orgId, apiKey, token };
}

/** What a server that starts makes of it: whether the session of before is good, and a login gives a token with its key. */
async function servedBy(store: TestStore, { apiKey, token }: { readonly apiKey: string; readonly token: string }) {
  const server = await startTestServer({ testStore: store });
  const backend = new Backend(server.httpAddress, apiKey);
  const validated = await backend.validate(EMAIL, token);
  const login = await backend.login(EMAIL);
  await server.stop();
  const payload = Buffer.from(login.field('token').split('.')[1] ?? '', 'base64url').toString();
  return { validated: validated.outcome, login: login.outcome, hasKey: payload.includes(apiKey) };
}

const SERVED = { validated: 'OK', login: 'OK', hasKey: true };

async function check(store: TestStore, name: string) {
  return (await diagnose(settingsOf(store))).find((each) => each.check === name);
}

test('both secrets serve a store before, while and after it is rotated, and doctor tells how far it is', async () => {
  const store = given(await storeOfTest(), { AUTHFLOW_SECRET: OLD });
  const made = await populate(store);
  const both = given(store, { AUTHFLOW_SECRET: NEW, AUTHFLOW_SECRET_PREVIOUS: OLD });
  const alone = given(store, { AUTHFLOW_SECRET: NEW });

  expect(await servedBy(both, made)).toEqual(SERVED);
  expect(await check(both, 'secret')).toEqual({
    check: 'secret',
    ok: true,
    detail:
      `${idOf(OLD)} is in force, and ${idOf(NEW)}, AUTHFLOW_SECRET, not yet: "authflow secret rotate" replaces it, with ` +
      '--compromised where somebody else has it',
  });
  await expect(startTestServer({ testStore: alone })).rejects.toThrow(idOf(OLD));

  await expect(rotateSecret(settingsOf(both), { compromised: false, pause: killedAtPause(1) })).rejects.toThrow();
  expect(await check(both, 'secret')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('"authflow secret rotate" goes on'),
  });
  expect(await servedBy(both, made)).toEqual(SERVED);
  for (const secret of [NEW, OLD]) {
    const missing = idOf(secret === NEW ? OLD : NEW);
    await expect(startTestServer({ testStore: given(store, { AUTHFLOW_SECRET: secret }) })).rejects.toThrow(missing);
  }

  expect(await rotateSecret(settingsOf(both), unserved)).toMatchObject({
    secretId: idOf(NEW),
    previousSecretId: idOf(OLD),
    files: null,
  });
  for (const store of [both, alone]) {
    expect(await servedBy(store, made)).toEqual(SERVED);
    expect(await check(store, 'secret')).toMatchObject({ ok: true, detail: expect.stringContaining(idOf(NEW)) });
    expect(await check(store, 'sealed API keys')).toEqual({ check: 'sealed API keys', ok: true, detail: 'all 1 open' });
    expect(await check(store, 'signing keys')).toMatchObject({ ok: true });
  }
  expect(await rotateSecret(settingsOf(both), unserved)).toMatchObject({ previousSecretId: null });
});

/** Seals every API key under the old secret again. */
async function sealUnderOld(store: TestStore): Promise<void> {
  const core = await openCore(settingsOf(store), { makeStore: false });
  const { storage } = core.ports;
  const before = new SealedBox(Buffer.from(OLD), Buffer.from(NEW));
  const keys = (await storage.listSealedApiKeys(null, 10)).map(({ orgId, keyId, sealedApiKey }) => {
    const place = sealedApiKeyPlace({ orgId, keyId });
    return { orgId, keyId, from: sealedApiKey, to: before.seal(place, before.open(place, sealedApiKey)) };
  });
  expect(await storage.resealApiKeys(keys)).toBe(1);
  await core.close();
}

const STALE = { ok: false, detail: expect.stringContaining('1 of 1 are sealed under another secret') };

test('what a server seals under the old secret while it is rotated is sealed anew in the second pass, and told by doctor until then', async () => {
  const store = given(await storeOfTest(), { AUTHFLOW_SECRET: OLD });
  const made = await populate(store);
  const both = given(store, { AUTHFLOW_SECRET: NEW, AUTHFLOW_SECRET_PREVIOUS: OLD });
  let late: unknown;
  const report = await rotateSecret(settingsOf(both), {
    compromised: false,
    pause: async () => {
      await sealUnderOld(both);
      late = await check(both, 'sealed API keys');
    },
  });
  expect(late).toMatchObject(STALE);
  expect(report.resealed).toEqual({ apiKeys: 2, signingKeys: 1, mails: 0, secondFactors: 0 });
  expect(await servedBy(given(store, { AUTHFLOW_SECRET: NEW }), made)).toEqual(SERVED);
});

test('what is sealed under the old secret after the end of a rotation is told by doctor, and sealed anew by another run', async () => {
  const store = given(await storeOfTest(), { AUTHFLOW_SECRET: OLD });
  const made = await populate(store);
  const both = given(store, { AUTHFLOW_SECRET: NEW, AUTHFLOW_SECRET_PREVIOUS: OLD });
  const alone = given(store, { AUTHFLOW_SECRET: NEW });
  await rotateSecret(settingsOf(both), unserved);
  await sealUnderOld(both);
  expect(await check(both, 'sealed API keys')).toMatchObject(STALE);
  expect(await check(alone, 'sealed API keys')).toMatchObject({
    ok: false,
    detail: expect.stringContaining(`under another secret (${idOf(OLD)})`),
  });
  const again = await rotateSecret(settingsOf(both), unserved);
  expect(again).toMatchObject({ previousSecretId: null, resealed: { apiKeys: 1, signingKeys: 0 } });
  expect(await check(alone, 'sealed API keys')).toMatchObject({ ok: true });
  expect(await servedBy(alone, made)).toEqual(SERVED);
});

test('a process that missed a whole rotation seals anew what it writes under the old secret', async () => {
  const store = given(await storeOfTest(), { AUTHFLOW_SECRET: OLD });
  const made = await populate(store);
  const both = given(store, { AUTHFLOW_SECRET: NEW, AUTHFLOW_SECRET_PREVIOUS: OLD });
  // Nothing lets it follow the store: it is as if it was frozen.
  const missing = async <T>(write: (core: Core) => Promise<T>) => {
    const core = await openCore(settingsOf(both), { makeStore: false });
    onTestFinished(() => core.close());
    return () => write(core);
  };
  const late = [
    await missing(({ ports }) => createOrganization(ports, readNewOrganization({ name: 'Late' }))),
    await missing(({ ports }) => createApiKey(ports, readNewApiKey({ orgId: made.orgId, label: '', inTokens: true }))),
    await missing(({ keyring }) => keyring.rotate({ compromised: false })),
    await missing(({ keyring }) => keyring.rotateWhenDue(0)),
  ];
  await rotateSecret(settingsOf(both), unserved);
  for (const write of late) {
    await write();
  }
  const alone = given(store, { AUTHFLOW_SECRET: NEW });
  expect(await check(alone, 'sealed API keys')).toMatchObject({ ok: true, detail: 'all 2 open' });
  expect(await check(alone, 'signing keys')).toMatchObject({ ok: true, detail: 'all 3 open' });
});

test('a compromised secret is never taken again, and --compromised after a rotation ends what was signed before', async () => {
  const store = given(await storeOfTest(), { AUTHFLOW_SECRET: OLD });
  const made = await populate(store);
  const both = given(store, { AUTHFLOW_SECRET: NEW, AUTHFLOW_SECRET_PREVIOUS: OLD });
  await rotateSecret(settingsOf(both), unserved);
  expect(await servedBy(both, made)).toEqual(SERVED);
  await rotateSecret(settingsOf(both), { ...unserved, compromised: true });
  expect(await servedBy(both, made)).toEqual({ ...SERVED, validated: 'SESSION_INVALID' });
  const back = given(store, { AUTHFLOW_SECRET: OLD, AUTHFLOW_SECRET_PREVIOUS: NEW });
  await expect(rotateSecret(settingsOf(back), unserved)).rejects.toThrow('compromised before');
  const third = given(store, { AUTHFLOW_SECRET: THIRD, AUTHFLOW_SECRET_PREVIOUS: NEW });
  await rotateSecret(settingsOf(third), unserved);
  expect(await servedBy(given(store, { AUTHFLOW_SECRET: THIRD }), made)).toMatchObject({ login: 'OK', hasKey: true });
});

test('a server before whose eyes the rotation of a compromised secret is lost takes nothing of that secret, and serves once it is rotated again (R5, K2)', async () => {
  const store = given(await storeOfTest(), { AUTHFLOW_SECRET: OLD });
  const made = await populate(store);
  const both = given(store, { AUTHFLOW_SECRET: NEW, AUTHFLOW_SECRET_PREVIOUS: OLD });
  await using server = await startTestServer({ testStore: both });
  const backend = new Backend(server.httpAddress, made.apiKey);
  const stolen = async () => (await backend.validate(EMAIL, made.token)).outcome;
  expect(await stolen()).toBe('OK');
  const tables = ['store', 'signing_keys', 'api_keys'];
  for (const table of tables) {
    await store.query(`CREATE TABLE of_standby_${table} AS SELECT * FROM ${table}`);
  }
  await rotateSecret(settingsOf(both), { ...unserved, compromised: true });
  await expect.poll(stolen).toBe('SESSION_INVALID');

  // As a standby that lacked it: the epoch is another one since it was promoted.
  await store.query(`UPDATE store SET epoch = 'renewed', secret_check = (SELECT secret_check FROM of_standby_store)`);
  await store.query('DELETE FROM signing_keys');
  await store.query('INSERT INTO signing_keys SELECT * FROM of_standby_signing_keys');
  await store.query(
    `UPDATE api_keys SET sealed_api_key =
       (SELECT kept.sealed_api_key FROM of_standby_api_keys kept WHERE kept.key_id = api_keys.key_id)`,
  );
  await expect
    .poll(() => server.logLines.filter((line) => line.includes('keyring_refresh_failed')).join('\n'))
    .toContain('SealedBoxError');
  expect(await stolen()).toBe('SESSION_INVALID');
  expect((await backend.login(EMAIL)).outcome).not.toBe('OK');

  expect(await rotateSecret(settingsOf(both), { ...unserved, compromised: true })).toMatchObject({
    secretId: idOf(NEW),
    previousSecretId: idOf(OLD),
  });
  await expect.poll(async () => (await backend.login(EMAIL)).outcome).toBe('OK');
  expect(await stolen()).toBe('SESSION_INVALID');
  await server.stop();
  expect(await servedBy(both, made)).toEqual({ ...SERVED, validated: 'SESSION_INVALID' });
});

/** Puts a signing key into the store as somebody would who has this secret and may write there; gives its `kid`. */
async function plantSigningKey(store: TestStore, secret: string): Promise<string> {
  const now = Date.now();
  const planted = createSigningKey(new SealedBox(Buffer.from(secret)), { createdAt: now, activatesAt: now });
  const storage = await (await storeEngine(settingsOf(store))).open();
  await storage.addSigningKey(planted, null);
  await storage.close();
  return planted.kid;
}

async function publishedBy({ httpAddress }: TestServer): Promise<readonly string[]> {
  const text = await (await fetch(`${httpAddress}/.well-known/jwks.json`)).text();
  const { keys }: { keys: { kid: string }[] } = JSON.parse(text);
  return keys.map(({ kid }) => kid);
}

/** The secret under which each signing key is sealed. */
async function sealingSecrets(store: TestStore): Promise<ReadonlyMap<string, string>> {
  const storage = await (await storeEngine(settingsOf(store))).open();
  const keys = await storage.listSigningKeys();
  await storage.close();
  return new Map(keys.map(({ kid, sealedPrivateKey }) => [kid, secretIdOf(sealedPrivateKey)]));
}

test('a signing key that is sealed under a compromised secret is believed by no later rotation, second pass or run after a killed one (K2)', async () => {
  const store = given(await storeOfTest(), { AUTHFLOW_SECRET: OLD });
  const made = await populate(store);
  const both = given(store, { AUTHFLOW_SECRET: NEW, AUTHFLOW_SECRET_PREVIOUS: OLD });
  const planted: string[] = [];
  const plant = async () => {
    planted.push(await plantSigningKey(both, OLD));
  };
  let pauses = 0;
  const killed = rotateSecret(settingsOf(both), {
    compromised: true,
    pause: async () => {
      pauses += 1;
      await plant();
      throw new Error('killed');
    },
  });
  await expect(killed).rejects.toThrow('killed');
  // The run that goes on meets the first in its first pass, and the second in its second.
  await rotateSecret(settingsOf(both), { compromised: false, pause: plant });
  expect([pauses, planted.length]).toEqual([1, 2]);
  // Nothing is to be done, but to look through all.
  expect(await rotateSecret(settingsOf(both), { compromised: false, pause: plant })).toMatchObject({
    previousSecretId: null,
    resealed: { signingKeys: 0 },
  });
  const expectRefused = async (store: TestStore) => {
    const sealedUnder = await sealingSecrets(store);
    expect(planted.map((kid) => sealedUnder.get(kid))).toEqual(planted.map(() => idOf(OLD)));
    await using server = await startTestServer({ testStore: store });
    const published = await publishedBy(server);
    expect(planted.filter((kid) => published.includes(kid))).toEqual([]);
    expect(planted).not.toContain(server.ports.sessionTokens.currentKeyId(Date.now()));
    await server.stop();
  };
  await expectRefused(both);

  // The operator gives the leaked one, too, until the end of the next rotation.
  const third = given(store, { AUTHFLOW_SECRET: THIRD, AUTHFLOW_SECRET_PREVIOUS: NEW });
  await rotateSecret(settingsOf(third), unserved);
  const thirdBesideOld = given(store, { AUTHFLOW_SECRET: THIRD, AUTHFLOW_SECRET_PREVIOUS: OLD });
  await rotateSecret(settingsOf(thirdBesideOld), unserved);
  await expectRefused(thirdBesideOld);
  expect(await check(thirdBesideOld, 'signing keys')).toMatchObject({
    ok: false,
    detail: expect.stringContaining(`sealed under a secret that was compromised (${idOf(OLD)}) and not believed`),
  });
  expect((await check(thirdBesideOld, 'signing keys'))?.detail).toContain(planted[0]);
  expect(await servedBy(given(store, { AUTHFLOW_SECRET: THIRD }), made)).toMatchObject({ login: 'OK', hasKey: true });

  const environment = { ...thirdBesideOld.environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN };
  expect(await runHere(['signing-key', 'rotate', '--compromised'], environment)).toMatchObject({ code: 0 });
  expect(await check(thirdBesideOld, 'signing keys')).toMatchObject({ ok: true });
});

test('doctor tells what may still need the secret of before, and that one was never the store’s', async () => {
  const store = given(await storeOfTest(), { AUTHFLOW_SECRET: OLD });
  await populate(store);
  const swapped = given(store, { AUTHFLOW_SECRET: OLD, AUTHFLOW_SECRET_PREVIOUS: NEW });
  expect(await check(swapped, 'secret')).toMatchObject({
    ok: false,
    detail: expect.stringContaining(`${idOf(NEW)} was never this store's: are AUTHFLOW_SECRET and`),
  });
  const both = given(store, {
    AUTHFLOW_SECRET: NEW,
    AUTHFLOW_SECRET_PREVIOUS: OLD,
    AUTHFLOW_NONCE_TTL: '90s',
  });
  await rotateSecret(settingsOf(both), unserved);
  expect(await check(both, 'secret')).toMatchObject({
    ok: true,
    detail: expect.stringContaining(`nonces of the last 90s and backups may need ${idOf(OLD)}`),
  });
  await rotateSecret(settingsOf(both), { ...unserved, compromised: true });
  expect(await check(both, 'secret')).toMatchObject({
    ok: true,
    detail: expect.stringContaining(`nothing but backups needs ${idOf(OLD)} any more`),
  });
  const third = given(store, { AUTHFLOW_SECRET: THIRD, AUTHFLOW_SECRET_PREVIOUS: NEW });
  await rotateSecret(settingsOf(third), unserved);
  const back = given(store, { AUTHFLOW_SECRET: OLD, AUTHFLOW_SECRET_PREVIOUS: THIRD });
  expect(await check(back, 'secret')).toMatchObject({
    ok: false,
    detail: expect.stringContaining(`${idOf(OLD)}, AUTHFLOW_SECRET, was compromised before`),
  });
});

test('swapped settings are refused, and nothing changes: the leaked secret is still replaced by the good one afterwards', async () => {
  const store = given(await storeOfTest(), { AUTHFLOW_SECRET: OLD });
  const made = await populate(store);
  const right = given(store, { AUTHFLOW_SECRET: NEW, AUTHFLOW_SECRET_PREVIOUS: OLD });
  const swapped = given(store, { AUTHFLOW_SECRET: OLD, AUTHFLOW_SECRET_PREVIOUS: NEW });
  for (const compromised of [true, false]) {
    await expect(rotateSecret(settingsOf(swapped), { ...unserved, compromised })).rejects.toThrow(
      `${idOf(OLD)}, AUTHFLOW_SECRET, is already in force, and ${idOf(NEW)} was never this store's: are the two swapped?`,
    );
  }
  expect(await servedBy(right, made)).toEqual(SERVED);
  await rotateSecret(settingsOf(right), { ...unserved, compromised: true });
  expect(await servedBy(given(store, { AUTHFLOW_SECRET: NEW }), made)).toMatchObject({ login: 'OK', hasKey: true });
});

test('what was never the secret of the store is not called compromised beside the one that was', async () => {
  const dataDir = temporaryFolder();
  const store = sqliteStoreIn(dataDir);
  const made = await populate(store);
  await rotateSecret(settingsOf(given(store, { AUTHFLOW_SECRET_PREVIOUS: THIRD })), { ...unserved, compromised: true });
  const file = (name: string) => readFileSync(join(dataDir, name), 'utf8').trim();
  const [present, previous] = [file('secret'), file('secret.previous')];
  const third = given(store, { AUTHFLOW_SECRET: THIRD, AUTHFLOW_SECRET_PREVIOUS: present });
  expect(await rotateSecret(settingsOf(third), unserved)).toMatchObject({ secretId: idOf(THIRD) });
  expect(await servedBy(given(store, { AUTHFLOW_SECRET: THIRD }), made)).toMatchObject({ login: 'OK', hasKey: true });
  const back = given(store, { AUTHFLOW_SECRET: previous, AUTHFLOW_SECRET_PREVIOUS: THIRD });
  await expect(rotateSecret(settingsOf(back), unserved)).rejects.toThrow('compromised before');
});

test('a rotation that finds nothing to do says which secret is in force', async () => {
  const store = given(sqliteStoreIn(temporaryFolder()), { AUTHFLOW_SECRET: OLD });
  await populate(store);
  const both = given(store, { AUTHFLOW_SECRET: NEW, AUTHFLOW_SECRET_PREVIOUS: OLD });
  await rotateSecret(settingsOf(both), unserved);
  const again = await runHere(['secret', 'rotate'], { ...both.environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
  expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining(`Nothing to do: ${idOf(NEW)} is in force.`) });
  const compromised = await rotateSecret(settingsOf(both), { ...unserved, compromised: true });
  expect(compromised).toMatchObject({ isChanged: true, previousSecretId: null });
});

test('one secret alone is no rotation: the sentence says what to give', async () => {
  const store = given(await storeOfTest(), { AUTHFLOW_SECRET: OLD });
  await populate(store);
  await expect(rotateSecret(settingsOf(store), unserved)).rejects.toThrow('AUTHFLOW_SECRET_PREVIOUS');
});

test('beside a store in a file each run that is killed leaves what the next goes on with; the old secret is kept for backups', async () => {
  const dataDir = temporaryFolder();
  const store = sqliteStoreIn(dataDir);
  const made = await populate(store);
  const file = (name: string) => join(dataDir, name);
  const old = readFileSync(file('secret'), 'utf8');

  // While servers learn of the new one; while they settle.
  await expect(rotateSecret(settingsOf(store), { compromised: false, pause: killedAtPause(1) })).rejects.toThrow();
  const next = readFileSync(file('secret.next'), 'utf8');
  expect(statSync(file('secret.next')).mode & 0o777).toBe(0o600);
  expect(await check(store, 'secret')).toMatchObject({ ok: false });
  await expect(rotateSecret(settingsOf(store), { compromised: false, pause: killedAtPause(2) })).rejects.toThrow();
  expect(readFileSync(file('secret'), 'utf8')).toBe(old);
  expect(readFileSync(file('secret.next'), 'utf8')).toBe(next);
  expect(await check(store, 'secret')).toMatchObject({ ok: false });
  expect(await servedBy(store, made)).toEqual(SERVED);

  const report = await rotateSecret(settingsOf(store), unserved);
  const files = { secret: file('secret'), previous: file('secret.previous') };
  expect(report.files).toEqual(files);
  expect(readFileSync(files.secret, 'utf8')).toBe(next);
  expect(readFileSync(files.previous, 'utf8')).toBe(old);
  expect(statSync(files.previous).mode & 0o777).toBe(0o600);
  expect(existsSync(file('secret.next'))).toBe(false);

  // Between the two steps that put the files in their places.
  writeFileSync(file('secret'), old, { mode: 0o600 });
  writeFileSync(file('secret.next'), next, { mode: 0o600 });
  expect(await check(store, 'secret')).toMatchObject({ ok: false });
  expect(await servedBy(store, made)).toEqual(SERVED);
  await rotateSecret(settingsOf(store), unserved);
  expect(readFileSync(files.secret, 'utf8')).toBe(next);

  rmSync(files.previous);
  expect(await servedBy(store, made)).toEqual(SERVED);
  expect(await check(store, 'secret')).toMatchObject({ ok: true });
});

test('every secret that was replaced is kept, and opens the backup of its time; drafts of killed runs are not (R12)', async () => {
  const dataDir = temporaryFolder();
  const store = sqliteStoreIn(dataDir);
  const made = await populate(store);
  const env = { AUTHFLOW_DATA_DIR: dataDir, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN };
  const backup = join(temporaryFolder(), 'backup.db');
  expect((await runHere(['backup', backup], env)).code).toBe(0);
  const file = (name: string) => join(dataDir, name);
  const first = readFileSync(file('secret'), 'utf8');
  const longAgo = new Date(Date.now() - 3_600_000);
  const drafts = ['secret', 'secret.next', 'secret.previous', 'admin-token'].map((name) =>
    file(`${name}.0123456789ab`),
  );
  for (const draft of drafts) {
    writeFileSync(draft, first);
    utimesSync(draft, longAgo, longAgo);
  }
  const living = file('secret.next.ba9876543210');
  writeFileSync(living, first);
  await rotateSecret(settingsOf(store), unserved);
  expect(drafts.filter((draft) => existsSync(draft))).toEqual([]);
  expect(existsSync(living)).toBe(true);

  // The run was killed after its last step, and is told to be run again: it rotates once more.
  const second = readFileSync(file('secret'), 'utf8');
  await rotateSecret(settingsOf(store), unserved);
  const kept = file(`secret.previous-${idOf(first.trim())}`);
  expect(readFileSync(kept, 'utf8')).toBe(first);
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  expect(readFileSync(file('secret.previous'), 'utf8')).toBe(second);

  expect(await runHere(['restore', backup], env)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`whose id is ${idOf(first.trim())}`),
  });
  const withKept = { ...env, AUTHFLOW_SECRET_PREVIOUS_FILE: kept };
  expect((await runHere(['restore', backup], withKept)).code).toBe(0);
  const keptStore = given(store, { AUTHFLOW_SECRET_PREVIOUS_FILE: kept });
  const served = { ...SERVED, validated: 'SESSION_INVALID' };
  expect(await servedBy(keptStore, made)).toEqual(served);
  await rotateSecret(settingsOf(keptStore), unserved);
  expect(await servedBy(store, made)).toEqual(served);
});

test('a start that has read the secrets before a rotation ended reads those once more that it lacks', async () => {
  const dataDir = temporaryFolder();
  const store = sqliteStoreIn(dataDir);
  await populate(store);
  const file = (name: string) => join(dataDir, name);
  const old = readFileSync(file('secret'), 'utf8');
  await rotateSecret(settingsOf(store), unserved);
  const present = readFileSync(file('secret'), 'utf8');
  writeFileSync(file('secret'), old);
  rmSync(file('secret.previous'));
  const settings = settingsOf(store);
  const { bcryptCost } = settings;
  // Asked for between the secrets and the store.
  Object.defineProperty(settings, 'bcryptCost', {
    get() {
      writeFileSync(file('secret'), present);
      return bcryptCost;
    },
  });
  const core = await openCore(settings, { makeStore: false });
  expect(core.keyring.damagedKeyIds).toEqual([]);
  await core.close();
});

test('R12: a backup of before says which secret it needs, is restored with that, and is rotated again', async () => {
  const dataDir = temporaryFolder();
  const store = sqliteStoreIn(dataDir);
  const made = await populate(store);
  const env = { AUTHFLOW_DATA_DIR: dataDir, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN };
  const backup = join(temporaryFolder(), 'backup.db');
  expect((await runHere(['backup', backup], env)).code).toBe(0);
  const old = readFileSync(join(dataDir, 'secret'), 'utf8').trim();
  await rotateSecret(settingsOf(store), unserved);

  const previous = join(dataDir, 'secret.previous');
  rmSync(previous);
  const refused = await runHere(['restore', backup], env);
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining(`whose id is ${idOf(old)}`) });
  writeFileSync(previous, old, { mode: 0o600 });
  expect((await runHere(['restore', backup], env)).code).toBe(0);
  const present = idOf(readFileSync(join(dataDir, 'secret'), 'utf8').trim());
  expect(await check(store, 'secret')).toMatchObject({
    ok: true,
    detail: expect.stringContaining(`${idOf(old)} is in force, and ${present}, ${join(dataDir, 'secret')}, not yet`),
  });
  const served = { ...SERVED, validated: 'SESSION_INVALID' };
  expect(await servedBy(store, made)).toEqual(served);
  expect(await rotateSecret(settingsOf(store), unserved)).toMatchObject({ previousSecretId: idOf(old) });
  expect(await servedBy(store, made)).toEqual(served);
  expect(await check(store, 'secret')).toMatchObject({ ok: true });
});

test('R12: a restored backup of before a compromised rotation names the secrets that are believed again, and how to end that', async () => {
  const dataDir = temporaryFolder();
  const store = sqliteStoreIn(dataDir);
  const made = await populate(store);
  const env = { AUTHFLOW_DATA_DIR: dataDir, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN };
  const idIn = (name: string) => idOf(readFileSync(join(dataDir, name), 'utf8').trim());
  const backup = join(temporaryFolder(), 'backup.db');
  expect((await runHere(['backup', backup], env)).code).toBe(0);
  const leaked = idIn('secret');

  await rotateSecret(settingsOf(store), unserved);
  const rotated = await runHere(['restore', backup, '--json'], env);
  expect(JSON.parse(rotated.stdout)).toMatchObject([{ kind: 'secret', id: leaked, change: 'replaced_since' }]);
  expect(rotated.stderr).toContain('"authflow secret rotate" replaces it');

  await rotateSecret(settingsOf(store), { ...unserved, compromised: true });
  const { stdout, stderr } = await runHere(['restore', backup, '--json'], env);
  expect(JSON.parse(stdout)).toMatchObject([
    { kind: 'secret', id: leaked, org_id: null, change: 'replaced_since' },
    { kind: 'secret', id: leaked, org_id: null, change: 'compromised_since' },
  ]);
  expect(stderr).toContain(`authflow secret rotate --compromised. ${leaked} was called compromised`);
  expect(stderr).not.toContain('Nothing has changed');

  await rotateSecret(settingsOf(store), { ...unserved, compromised: true });
  expect(await servedBy(store, made)).toMatchObject({ login: 'OK', hasKey: true });
  const back = given(store, {
    AUTHFLOW_SECRET: readFileSync(join(dataDir, 'secret.previous'), 'utf8').trim(),
    AUTHFLOW_SECRET_PREVIOUS: readFileSync(join(dataDir, 'secret'), 'utf8').trim(),
  });
  await expect(rotateSecret(settingsOf(back), unserved)).rejects.toThrow(`${leaked} was compromised before`);
});
