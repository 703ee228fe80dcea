import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pauseFor } from 'node:timers/promises';
import jsonwebtoken from 'jsonwebtoken';
import { expect, test } from 'vitest';
import { rotateSecret, type SecretRotationReport } from '../../src/app/secret-rotation.ts';
import { readSettings } from '../../src/config/settings.ts';
import { RandomIdSource } from '../../src/crypto/id-source.ts';
import { HmacNonceSigner } from '../../src/crypto/nonce-signer.ts';
import { SealedBox } from '../../src/crypto/sealed-box.ts';
import { createSigningKey, openSigningKey } from '../../src/crypto/signing-key.ts';
import { runHere } from '../cli/captured-terminal.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { ON_POSTGRES, storeOfTest, type TestStore } from '../support/stores.ts';
import { Backend, PASSWORD, send, tally } from './backend.ts';
import { pacedCalls } from './paced-calls.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const EMAIL = 'user@example.com';
const BUSY_EMAIL = 'busy@example.com';
const CALLS_A_SECOND = 200;
const NEW_SECRET = 'n'.repeat(32);
/** Ten rounds in which servers look at secrets. */
const LONGEST_PAUSE_MS = 5_000;

type Phase = 'before' | 'both' | 'after';

/**
 * One store, with what its servers are given in each phase: on PostgreSQL settings, so that each is started again; on SQLite what is in
 * the data folder, and none is.
 */
async function storeWithPhases() {
  const store = await storeOfTest();
  const old = store.environment.AUTHFLOW_SECRET ?? '';
  const settings: Record<Phase, Record<string, string>> = ON_POSTGRES
    ? {
        before: {},
        both: { AUTHFLOW_SECRET: NEW_SECRET, AUTHFLOW_SECRET_PREVIOUS: old },
        after: { AUTHFLOW_SECRET: NEW_SECRET },
      }
    : { before: {}, both: {}, after: {} };
  const at = (phase: Phase): TestStore => ({ ...store, environment: { ...store.environment, ...settings[phase] } });
  const oldSecret = () =>
    Buffer.from(
      ON_POSTGRES ? old : readFileSync(join(store.environment.AUTHFLOW_DATA_DIR ?? '', 'secret'), 'utf8').trim(),
    );
  return { store, at, oldSecret };
}

async function organizationOf({ httpAddress }: ServerProcess) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const made = await send(httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  const apiKey = made.field('api_key');
  for (const email of [EMAIL, BUSY_EMAIL]) {
    expect((await new Backend(httpAddress, apiKey).signUp(email)).outcome).toBe('OK');
  }
  return { apiKey, orgId: made.field('org_id') };
}

/** As the command does, which waits longer for calls that last to their deadline (test/deploy/secret-procedure.test.ts): here none do. */
function rotate({ environment }: TestStore, { compromised = false } = {}): Promise<SecretRotationReport> {
  const settings = readSettings({ ...environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
  return rotateSecret(settings, { compromised, pause: (ms) => pauseFor(Math.min(ms, LONGEST_PAUSE_MS)) });
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

test(`K2: the secret is rotated under ${CALLS_A_SECOND} calls a second to two nodes, and no call fails; then the new one alone opens all`, async () => {
  const { at } = await storeWithPhases();
  const nodes = [await startServerProcess(at('before')), await startServerProcess(at('before'))];
  const [first] = nodes as [ServerProcess];
  const { apiKey } = await organizationOf(first);
  const node = (index: number) => new Backend(nodes[index % nodes.length]?.httpAddress ?? '', apiKey);
  const token = (await node(0).login(EMAIL)).field('token');
  const calls = pacedCalls(CALLS_A_SECOND, {
    validate: async (index) => [(await node(index).validate(EMAIL, token)).outcome],
    async login(index) {
      // Each part of a login on another node.
      const turn = index / 10;
      const foobar = await node(turn).nonce(BUSY_EMAIL);
      const login = await node(turn + 1).call('login', { foobar, email: BUSY_EMAIL, password: PASSWORD });
      const validated = await node(turn).validate(BUSY_EMAIL, login.field('token'));
      const isKeyInToken = login.outcome === 'OK' && claimsOf(login.field('token')).api_key === apiKey;
      return [login.outcome, validated.outcome, isKeyInToken ? 'OK' : 'token without its key'];
    },
  });
  const replaceNodes = async (phase: Phase) => {
    for (const index of nodes.keys()) {
      const fresh = await startServerProcess(at(phase));
      const [gone] = nodes.splice(index, 1, fresh);
      await calls.answered();
      await gone?.end('SIGTERM');
    }
  };

  await (ON_POSTGRES ? replaceNodes('both') : calls.answered());
  const report = await rotate(at('both'));
  expect(report.resealed).toEqual({ signingKeys: 1, apiKeys: 1, mails: 0, secondFactors: 0 });
  await replaceNodes('after');
  await calls.answered();
  const { OK = 0, ...failed } = await calls.stop();
  expect(failed).toEqual({});
  expect(OK).toBeGreaterThan(0);
  const checks = JSON.parse((await runHere(['doctor', '--json'], { ...at('after').environment })).stdout);
  expect(checks).toContainEqual({
    check: 'secret',
    ok: true,
    detail: expect.stringContaining(`${report.secretId} is the one that the store is sealed under`),
  });
});

test('K2: after --compromised nothing that the old secret has signed is accepted in either node, nor what its thief signs and seals now', async () => {
  const { store, at, oldSecret } = await storeWithPhases();
  const stolen = oldSecret;
  const maker = await startServerProcess(at('before'));
  const { apiKey, orgId } = await organizationOf(maker);
  const nodes = [await startServerProcess(at('both')), await startServerProcess(at('both'), { workers: 2 })] as const;
  const secret = stolen();
  const backends = nodes.map(({ httpAddress }) => new Backend(httpAddress, apiKey)) as [Backend, Backend];
  const [here, there] = backends;
  const tokens = await Promise.all(backends.map(async (backend) => (await backend.login(EMAIL)).field('token')));
  const nonces = await Promise.all(backends.map((backend) => backend.nonce(EMAIL)));

  await rotate(at('both'), { compromised: true });
  const [identity] = await store.query<{ storeId: string; epoch: string }>(
    'SELECT store_id AS "storeId", epoch FROM store',
  );
  const thief = new HmacNonceSigner({ secrets: [secret], store: identity ?? { storeId: '', epoch: '' } });
  const forgedNonce = () =>
    thief.sign({ nonceId: new RandomIdSource().uuidV4(), expiresAt: Date.now() + 60_000 }, { email: EMAIL, orgId });
  const box = new SealedBox(secret);
  const now = Date.now();
  const planted = createSigningKey(box, { createdAt: now, activatesAt: now });
  const bytes = Buffer.from(planted.sealedPrivateKey).toString('hex');
  await store.query(
    `INSERT INTO signing_keys
       (kid, public_jwk, sealed_private_key, created_at, activates_at, verifies_until, retired_at, made_number)
     VALUES ('${planted.kid}', '${planted.publicJwk}', ${ON_POSTGRES ? `'\\x${bytes}'` : `x'${bytes}'`}, ${now}, ${now}, 0, NULL, 1000)`,
  );
  const forgedToken = jsonwebtoken.sign(claimsOf(tokens[0] ?? ''), openSigningKey(box, planted).privateKey, {
    algorithm: 'ES256',
    header: { alg: 'ES256', typ: 'session+jwt', kid: planted.kid },
  });
  const expectRefused = async (servers: readonly Backend[]) => {
    const validated = servers.flatMap((backend) =>
      [...tokens, forgedToken].map((token) => backend.validate(EMAIL, token)),
    );
    const logins = servers.flatMap((backend) =>
      [...nonces, forgedNonce()].map((foobar) => backend.call('login', { foobar, email: EMAIL, password: PASSWORD })),
    );
    const outcomes = (await Promise.all([...validated, ...logins])).map(({ outcome }) => outcome);
    expect(tally(outcomes)).toEqual({ SESSION_INVALID: validated.length, NONCE_INVALID: logins.length });
  };
  await expectRefused(backends);
  const fresh = (await here.login(EMAIL)).field('token');
  expect((await there.validate(EMAIL, fresh)).outcome).toBe('OK');
  expect(claimsOf(fresh).api_key).toBe(apiKey);

  // One that was never given the new secret does nothing any more; one that finds it in the data folder is a node like others.
  const untold = new Backend(maker.httpAddress, apiKey);
  const outcome = async () => (await untold.validate(EMAIL, fresh)).outcome;
  await expect.poll(outcome).toBe(ON_POSTGRES ? 'UNAVAILABLE' : 'OK');

  // The secret of before is still given to a server that starts.
  const restarted = new Backend((await startServerProcess(at('both'))).httpAddress, apiKey);
  await expectRefused([restarted]);
  expect((await restarted.validate(EMAIL, fresh)).outcome).toBe('OK');
});
