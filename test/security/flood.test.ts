import { Agent } from 'node:http';
import os from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../src/config/settings.ts';
import type { TestServer } from '../support/running-server.ts';
import { ask, openSocket } from '../transport/http/test-server.ts';
import { Backend, PASSWORD, send, serverOfTest, tally } from './backend.ts';
import { EMAIL, emailOf, flood, newOrganization } from './flood.ts';

/** Some 8 ms a hash: long enough for a line to stand, however fast the machine is. */
const BCRYPT_COST = 7;

const WAIT = { timeout: 120_000, interval: 20 };

async function newScene() {
  const server = await serverOfTest({ settings: { bcryptCost: BCRYPT_COST } });
  return { server, flooded: await newOrganization(server), other: await newOrganization(server) };
}

/** The sum of a metric, by those of its series that have this label; every one by default. */
async function metric({ httpAddress }: Pick<TestServer, 'httpAddress'>, name: string, label = ''): Promise<number> {
  const { text } = await send(httpAddress, '/metrics', { method: 'GET' });
  return text
    .split('\n')
    .filter((line) => line.startsWith(name) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** Callers who log in with a key in their headers, each as a user of its own, and never wait; how each try ended. */
function neverWaiting({ httpAddress }: TestServer, apiKey: string) {
  const outcomes: string[] = [];
  let isOver = false;
  const headers = { 'x-api-key': apiKey };
  const callers = Array.from({ length: 60 }, async (_, caller) => {
    const email = emailOf(caller);
    let [foobar, outcome] = ['', ''];
    while (!isOver) {
      if (outcome !== 'OVERLOADED') {
        foobar = (await send(httpAddress, '/auth/fooBar', { body: { identity: email }, headers })).field('token');
      }
      const body = { foobar, email, password: PASSWORD };
      ({ outcome } = await send(httpAddress, '/auth/login', { body, headers }));
      outcomes.push(outcome);
    }
  });
  const end = async () => {
    isOver = true;
    await Promise.all(callers);
  };
  return { outcomes, end };
}

test('R6: callers that never wait, with a key in their headers, are refused unread, and only for want of a place', async () => {
  const { server, flooded, other } = await newScene();
  const hashesBefore = await metric(server, 'authflow_password_hashes_total');
  const { outcomes, end } = neverWaiting(server, flooded.tokenKey);
  await expect.poll(() => metric(server, 'authflow_calls_shed_total{'), WAIT).toBeGreaterThan(100);
  // Who has a share of the places gets it, on whatever connection: `fetch` shares them among all.
  const backend = new Backend(server.httpAddress, other.tokenKey);
  const session = (await backend.login(EMAIL)).field('token');
  for (let call = 0; call < 20; call += 1) {
    expect((await backend.validate(EMAIL, session)).outcome).toBe('OK');
  }
  expect((await backend.logout(EMAIL, session)).outcome).toBe('OK');
  await end();
  const { OVERLOADED: refused = 0, OK: hashed = 0, ...others } = tally(outcomes);
  expect(others).toEqual({});
  // One more is the other's login.
  await expect.poll(() => metric(server, 'authflow_password_hashes_total'), WAIT).toBe(hashesBefore + hashed + 1);
  const unread = await metric(server, 'authflow_calls_shed_total{', 'call="login",caller_class="token_key"');
  const inQueue = await metric(server, 'authflow_password_hash_refusals_total{', 'token_key');
  expect(unread + inQueue).toBe(refused);
  expect(unread).toBeGreaterThan(inQueue);
});

test('R6: nobody is hashed for who has gone', async () => {
  const { server, flooded } = await newScene();
  const strangers = flood(server, { org_id: flooded.orgId });
  await expect.poll(() => strangers.outcomes.includes('OVERLOADED'), WAIT).toBe(true);
  await strangers.end();
  const before = await metric(server, 'authflow_password_hashes_total');
  const backend = new Backend(server.httpAddress, flooded.tokenKey);
  const nonces = await Promise.all(Array.from({ length: 30 }, (_, caller) => backend.nonce(emailOf(caller))));
  const gone = new AbortController();
  const answered: number[] = [];
  const logins = nonces.map(async (foobar, caller) => {
    const email = emailOf(caller);
    const body = JSON.stringify({ foobar, email, password: PASSWORD, api_key: flooded.tokenKey });
    const headers = { 'content-type': 'application/json' };
    const call = { method: 'POST', body, headers, signal: gone.signal };
    const { status } = await fetch(`${server.httpAddress}/auth/login`, call);
    answered.push(status);
    gone.abort();
  });
  await Promise.allSettled(logins);
  await expect.poll(() => metric(server, 'authflow_password_hash_queue_length'), WAIT).toBe(0);
  const hashed = (await metric(server, 'authflow_password_hashes_total')) - before;
  // Those that ran as the others went are hashed to their end, as is one that begins before its connection is seen to be closed.
  expect(hashed).toBeLessThanOrEqual(answered.length + 2 * os.availableParallelism());
});

/** Logs in on one connection of HTTP/1.1, as many times at once as it takes calls, and never waits; all that is answered until it ends. */
async function onOneConnection({ httpAddress }: TestServer, login: object): Promise<string> {
  const body = JSON.stringify(login);
  const head = 'POST /auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
  const request = `${head}content-length: ${body.length}\r\n\r\n${body}`;
  const socket = openSocket(Number(new URL(httpAddress).port));
  const ended = new Promise<void>((resolve) => socket.on('close', resolve));
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    text += data.toString('latin1');
    socket.write(request.repeat(data.toString('latin1').split('HTTP/1.1 ').length - 1));
  });
  socket.write(request.repeat(5));
  await ended;
  return text;
}

const limitedTo = (limit: string, rate: string) => readSettings({ [`AUTHFLOW_LIMIT_${limit}`]: rate }).limits;

test('R6: who never waits after RATE_LIMITED has its connection of HTTP/1.1 closed at last, with an answer, whatever it sends at once', async () => {
  const server = await serverOfTest({ settings: { limits: limitedTo('LOGIN', '1/h') } });
  const { tokenKey } = await newOrganization(server);
  const login = { foobar: 'garbage', email: EMAIL, password: PASSWORD, api_key: tokenKey };
  const answers = (await onOneConnection(server, login)).split('HTTP/1.1 ').slice(1);
  const last = answers.pop() ?? '';
  expect(last).toMatch(/^429 .*\r\nretry-after: 3\d{3}\r\n.*"RATE_LIMITED"/is);
  expect(last).toMatch(/\r\nconnection: close\r\n/i);
  const [first, ...others] = answers;
  expect(first).toContain('"NONCE_INVALID"');
  expect(others.filter((answer) => !answer.includes('"RATE_LIMITED"') || /connection: close/i.test(answer))).toEqual(
    [],
  );
});

test('L1: a person whose address is limited slows no other on the connection of a backend, which goes on', async () => {
  const server = await serverOfTest({ settings: { limits: limitedTo('PERSON', '20/h burst 20') } });
  const { privateKey } = await newOrganization(server);
  const backend = new Backend(server.httpAddress, privateKey);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const login = async (foobar: string, client_ip: string) => {
    const body = JSON.stringify({ foobar, email: EMAIL, password: PASSWORD, api_key: privateKey, client_ip });
    const headers = { 'content-type': 'application/json' };
    const reply = await ask(server.httpAddress, '/auth/login', { method: 'POST', body, headers, agent });
    return `${reply.status} ${reply.headers.connection}`;
  };
  const outcomes: string[] = [];
  for (let call = 0; call < 300; call += 1) {
    outcomes.push(await login('garbage', '203.0.113.9'));
  }
  expect(tally(outcomes)).toEqual({ '401 keep-alive': 20, '429 keep-alive': 280 });
  expect(await login(await backend.nonce(EMAIL), '203.0.113.10')).toBe('200 keep-alive');
});
