import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { jsonOf, runCli } from '../cli/spawned-cli.ts';
import { Backend, PASSWORD as FLOOD_PASSWORD } from '../security/backend.ts';
import { emailOf, flood, signUpFlood } from '../security/flood.ts';
import { Caller, callerOfEach, metric, startSupervised } from './supervised.ts';

const PASSWORD = 'Analytical-1';
const EMAIL = 'ada@example.com';

test('L0: a flood of one organization through both workers leaves another its logins, and its own with a key theirs', async () => {
  const server = await startSupervised();
  await callerOfEach(server);
  const place = { folder: server.folder };
  const globex = await jsonOf<{ org_id: string; api_key: string }>(['org', 'create', 'Globex'], place);
  const [other] = await callerOfEach(server);
  expect((await other.signUp(EMAIL, PASSWORD)).outcome).toBe('OK');
  const own = new Backend(server.httpAddress, globex.api_key);
  expect((await own.signUp(EMAIL)).outcome).toBe('OK');
  await signUpFlood(own);
  const strangers = flood(server, { org_id: globex.org_id });
  await expect.poll(() => strangers.outcomes.includes('OVERLOADED')).toBe(true);
  for (let login = 0; login < 8; login += 1) {
    expect((await other.login(EMAIL, PASSWORD)).outcome).toBe('OK');
    expect((await own.login(EMAIL)).outcome).toBe('OK');
  }
  await strangers.end();
  const called = server.log().filter(({ event, method }) => event === 'call' && method === 'Login');
  expect(new Set(called.map(({ worker }) => worker))).toEqual(new Set([1, 2]));
});

test('R11: a worker that is frozen while it hashes for an organization leaves that its logins in the other', async () => {
  const server = await startSupervised();
  const [one, other] = await callerOfEach(server);
  expect((await one.signUp(EMAIL, PASSWORD)).outcome).toBe('OK');
  const counted = { loggedIn: 0, isEnding: false };
  // Six of an organization have their turn at once.
  const loops = Array.from({ length: 24 }, async () => {
    const caller = new Caller(server);
    while (!counted.isEnding) {
      const { outcome } = await caller.login(EMAIL, PASSWORD);
      counted.loggedIn += Number(outcome === 'OK');
    }
  });
  const more = async (logins: number) => {
    const before = counted.loggedIn;
    await expect.poll(() => counted.loggedIn).toBeGreaterThanOrEqual(before + logins);
  };
  await more(24);
  const frozen = server.workers().get(1) ?? 0;
  process.kill(frozen, 'SIGSTOP');
  await more(40);
  // It was not ended, which would have given back what it held.
  expect(server.log().filter(({ event }) => event === 'worker_silent')).toEqual([]);
  const { text } = await Promise.any([one.send('/metrics'), other.send('/metrics')]);
  expect(metric(text, 'authflow_workers')).toBe(1);
  process.kill(frozen, 'SIGCONT');
  await more(12);
  counted.isEnding = true;
  await Promise.all(loops);
});

test('R6: a flood through both workers is refused unread in both, and told on one page', async () => {
  const server = await startSupervised();
  const [one, other] = await callerOfEach(server);
  await signUpFlood(new Backend(server.httpAddress, server.apiKey));
  const flooding = { isOver: false };
  onTestFinished(() => {
    flooding.isOver = true;
  });
  const headers = { 'content-type': 'application/json', 'x-api-key': server.apiKey };
  // Each as a user of its own, and rightly: who fails is locked.
  const callers = Array.from({ length: 60 }, async (_, caller) => {
    const email = emailOf(caller);
    while (!flooding.isOver) {
      const nonce = await fetch(`${server.httpAddress}/auth/fooBar`, {
        method: 'POST',
        body: JSON.stringify({ identity: email }),
        headers,
      });
      const { token: foobar } = (await nonce.json()) as { token: string };
      const body = JSON.stringify({ foobar, email, password: FLOOD_PASSWORD });
      const login = { method: 'POST', body, headers };
      // At last the connections of those who never wait are closed.
      await fetch(`${server.httpAddress}/auth/login`, login).then(
        (answer) => answer.text(),
        () => '',
      );
    }
  });
  const unread = async (caller: Caller) => {
    const { text } = await caller.send('/metrics');
    return metric(text, 'authflow_calls_shed_total');
  };
  for (const caller of [one, other]) {
    await expect.poll(() => unread(caller)).toBeGreaterThan(100);
  }
  flooding.isOver = true;
  await Promise.all(callers);
  const refused = server.log().filter(({ event, reason }) => event === 'call' && reason === 'OVERLOADED');
  expect(new Set(refused.map(({ worker }) => worker))).toEqual(new Set([1, 2]));
});

test('P4: both workers verify imported hashes in the supervisor, and upgrade them to argon2id there', async () => {
  const server = await startSupervised({ AUTHFLOW_PASSWORD_HASH: 'argon2id' });
  const callers = await callerOfEach(server);
  const django = 'pbkdf2_sha256$12000$seasalt2$hlDLKsxgkgb1aeOppkM5atCYw5rPzAjCNQZ4NYyUROw=';
  const emails = callers.map((_, n) => `imported${n}@example.com`);
  const file = join(server.folder, 'users.jsonl');
  writeFileSync(file, emails.map((email) => `${JSON.stringify({ email, password_hash: django })}\n`).join(''));
  const place = { folder: server.folder };
  const [{ name } = { name: '' }] = await jsonOf<{ name: string }[]>(['org', 'list'], place);
  expect(await jsonOf(['user', 'import', file, '--org', name], place)).toMatchObject({ added: emails.length });
  for (const [n, caller] of callers.entries()) {
    const email = emails[n] ?? '';
    expect((await caller.login(email, 'letmein')).outcome).toBe('CREDENTIALS_INVALID');
    expect((await caller.login(email, 'lètmein')).outcome).toBe('OK');
    expect((await caller.login(email, 'lètmein')).outcome).toBe('OK');
  }
  const { stdout } = await runCli(['user', 'export', name, '--with-password-hashes'], place);
  const hashes = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).password_hash);
  expect(hashes).toEqual(emails.map(() => expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)));
  const called = server.log().filter(({ event, method }) => event === 'call' && method === 'Login');
  expect(new Set(called.map(({ worker }) => worker))).toEqual(new Set([1, 2]));
});
