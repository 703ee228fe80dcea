import { expect, test } from 'vitest';
import { runHere } from '../cli/captured-terminal.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { storeOfTest } from '../support/stores.ts';
import { Backend, inParallel, type Reply, send, tally } from './backend.ts';
import { startServerProcess } from './server-process.ts';

const EMAIL = 'user@example.com';
/** Logs in while keys change: a user has at most 100 sessions. */
const BUSY_EMAIL = 'busy@example.com';
const ROUNDS = 50;
const SESSIONS = 20;

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

test('K2: two rotations of the signing key in a row fail no call of either node; a compromised one ends every older token in both', async () => {
  const { store, backend } = await twoNodes();
  const rotate = async (...args: string[]): Promise<void> => {
    expect(await runHere(['signing-key', 'rotate', ...args], { ...store.environment })).toMatchObject({ code: 0 });
  };
  const tokens = await inParallel(SESSIONS, 4, async (index) =>
    (await backend(index % 2 === 0 ? 0 : 1).login(EMAIL)).field('token'),
  );
  let isOver = false;
  const load = inParallel(4, 4, async (lane) => {
    const outcomes: string[] = [];
    for (let i = lane; !isOver; i += 1) {
      const node = i % 2 === 0 ? 0 : 1;
      outcomes.push((await backend(node).validate(EMAIL, tokens[i % SESSIONS] ?? '')).outcome);
      if (i % 10 === 0) {
        const login = await backend(node).login(BUSY_EMAIL);
        const there = await backend(node === 0 ? 1 : 0).validate(BUSY_EMAIL, login.field('token'));
        outcomes.push(login.outcome, there.outcome);
      }
    }
    return outcomes;
  });
  await rotate();
  await rotate();
  isOver = true;
  const { OK = 0, ...failed } = tally((await load).flat());
  expect(failed).toEqual({});
  expect(OK).toBeGreaterThan(0);

  await rotate('--compromised');
  // Within the second after it; from then on none.
  for (const node of [0, 1] as const) {
    await expect
      .poll(async () => (await backend(node).validate(EMAIL, tokens[0] ?? '')).outcome)
      .toBe('SESSION_INVALID');
  }
  for (const node of [0, 1] as const) {
    const after = await Promise.all(tokens.map((token) => backend(node).validate(EMAIL, token)));
    expect(tally(after.map(({ outcome }) => outcome))).toEqual({ SESSION_INVALID: SESSIONS });
    const fresh = (await backend(node).login(EMAIL)).field('token');
    expect((await backend(node === 0 ? 1 : 0).validate(EMAIL, fresh)).outcome).toBe('OK');
  }
});
