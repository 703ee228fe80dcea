import { expect, test } from 'vitest';
import { runHere } from '../cli/captured-terminal.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { storeOfTest } from '../support/stores.ts';
import { times } from '../support/times.ts';
import { Backend, inParallel, type Reply, send, tally } from './backend.ts';
import { pacedCalls } from './paced-calls.ts';
import { startServerProcess } from './server-process.ts';

const EMAIL = 'user@example.com';
/** Logs in while keys change: a user has at most 100 sessions. */
const BUSY_EMAIL = 'busy@example.com';
const ROUNDS = times(50, { beside: 15 });
const SESSIONS = 20;
const CALLS_A_SECOND = 200;

async function twoNodes() {
  const store = await storeOfTest();
  const nodes = [await startServerProcess(store), await startServerProcess(store)] as const;
  const administer = (node: 0 | 1, path: string, method: string, body?: unknown): Promise<Reply> => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    return send(nodes[node].httpAddress, `/organizations${path}`, { method, body, headers });
  };
  const made = await administer(0, '', 'POST', { name: 'Acme' });
  const backend = (node: 0 | 1, apiKey = made.field('api_key')) => new Backend(nodes[node].httpAddress, apiKey);
  for (const email of [EMAIL, BUSY_EMAIL]) {
    expect((await backend(0).signUp(email)).outcome).toBe('OK');
  }
  return { store, orgId: made.field('org_id'), administer, backend };
}

test(`K2: a key is good at once in both nodes, and one that is revoked in one is refused by the next call of the other, ${ROUNDS} times`, async () => {
  const { orgId, administer, backend } = await twoNodes();
  const session = (await backend(0).login(EMAIL)).field('token');
  const outcomes: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [here, there] = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    const key = await administer(here, `/${orgId}/keys`, 'POST', { label: `key ${round}` });
    const before = [there, here].map((node) => backend(node, key.field('api_key')).validate(EMAIL, session));
    const good = (await Promise.all(before)).map(({ outcome }) => outcome);
    const revoked = await administer(here, `/${orgId}/keys/${key.field('key_id')}`, 'DELETE');
    const after = [there, here].map((node) => backend(node, key.field('api_key')).validate(EMAIL, session));
    outcomes.push([...good, revoked.outcome, ...(await Promise.all(after)).map(({ outcome }) => outcome)].join(' '));
  }
  expect(tally(outcomes)).toEqual({ 'OK OK OK API_KEY_INVALID API_KEY_INVALID': ROUNDS });
});

test(`K2: two API keys and two signing keys in a row replace others under ${CALLS_A_SECOND} calls a second to both nodes, and no call fails; a compromised signing key ends every older token`, async () => {
  const { store, orgId, administer, backend } = await twoNodes();
  const rotate = async (...args: string[]): Promise<void> => {
    expect(await runHere(['signing-key', 'rotate', ...args], { ...store.environment })).toMatchObject({ code: 0 });
  };
  const tokens = await inParallel(SESSIONS, 4, async (index) =>
    (await backend(index % 2 === 0 ? 0 : 1).login(EMAIL)).field('token'),
  );
  let apiKey = backend(0).apiKey;
  const calls = pacedCalls(CALLS_A_SECOND, {
    validate: async (index) => [
      (await backend(index % 2 === 0 ? 0 : 1, apiKey).validate(EMAIL, tokens[index % SESSIONS] ?? '')).outcome,
    ],
    async login(index) {
      const [here, there] = index % 20 === 0 ? ([0, 1] as const) : ([1, 0] as const);
      // By one key: it is replaced between two calls at any time.
      const [asking, judging] = [backend(here, apiKey), backend(there, apiKey)];
      const login = await asking.login(BUSY_EMAIL);
      const validated = await judging.validate(BUSY_EMAIL, login.field('token'));
      return [login.outcome, validated.outcome];
    },
  });
  for (const round of [0, 1]) {
    const keys = JSON.parse((await administer(0, `/${orgId}/keys`, 'GET')).text).api_keys;
    const [present] = keys.filter(({ revoked_at }: { revoked_at: string | null }) => !revoked_at);
    const next = await administer(0, `/${orgId}/keys`, 'POST', { label: `key ${round}`, in_tokens: true });
    apiKey = next.field('api_key');
    await rotate();
    await calls.answered();
    expect((await administer(1, `/${orgId}/keys/${present.key_id}`, 'DELETE')).outcome).toBe('OK');
  }
  await calls.answered();
  const { OK = 0, ...failed } = await calls.stop();
  expect(failed).toEqual({});
  expect(OK).toBeGreaterThan(0);

  await rotate('--compromised');
  // Within the second after it; from then on none.
  for (const node of [0, 1] as const) {
    await expect
      .poll(async () => (await backend(node, apiKey).validate(EMAIL, tokens[0] ?? '')).outcome)
      .toBe('SESSION_INVALID');
  }
  for (const node of [0, 1] as const) {
    const after = await Promise.all(tokens.map((token) => backend(node, apiKey).validate(EMAIL, token)));
    expect(tally(after.map(({ outcome }) => outcome))).toEqual({ SESSION_INVALID: SESSIONS });
    const fresh = (await backend(node, apiKey).login(EMAIL)).field('token');
    expect((await backend(node === 0 ? 1 : 0, apiKey).validate(EMAIL, fresh)).outcome).toBe('OK');
  }
});

test('K2: sealed keys that were swapped in the database open nowhere: a signing key is left out, a token key gives no token', async () => {
  const { store, administer, backend } = await twoNodes();
  const token = (await backend(0).login(EMAIL)).field('token');
  expect((await administer(0, '', 'POST', { name: 'Other' })).outcome).toBe('OK');
  await runHere(['signing-key', 'rotate'], { ...store.environment });
  for (const [table, column] of [
    ['signing_keys', 'sealed_private_key'],
    ['api_keys', 'sealed_api_key'],
  ] as const) {
    const own = table === 'signing_keys' ? 'kid' : 'key_id';
    // Both rows have the other's: of two, the least is the greatest of those that are not it.
    await store.query(`CREATE TABLE swapped AS SELECT ${own} AS id, ${column} AS sealed FROM ${table}`);
    await store.query(
      `UPDATE ${table} SET ${column} = (SELECT sealed FROM swapped WHERE swapped.id <> ${table}.${own} LIMIT 1)`,
    );
    await store.query('DROP TABLE swapped');
  }
  const login = await backend(0).login(EMAIL);
  expect(login.outcome).toBe('INTERNAL');
  expect(login.text).not.toMatch(/af_/);
  const third = await startServerProcess(store);
  const reader = new Backend(third.httpAddress, backend(0).apiKey);
  expect((await reader.validate(EMAIL, token)).outcome).toBe('SESSION_INVALID');
  const { keys } = JSON.parse((await send(third.httpAddress, '/.well-known/jwks.json', { method: 'GET' })).text);
  const kids = (await store.query<{ kid: string }>('SELECT kid FROM signing_keys ORDER BY made_number')).map(
    ({ kid }) => kid,
  );
  expect(kids).toHaveLength(3);
  expect(keys.map(({ kid }: { kid: string }) => kid)).toEqual([kids[2]]);
});
