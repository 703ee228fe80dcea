import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { credentials, Metadata } from '@grpc/grpc-js';
import { beforeEach, describe, expect, onTestFinished, type TestContext, test } from 'vitest';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { needs } from '../support/needs.ts';
import { storeOfTest } from '../support/stores.ts';
import { ask, authClient, frame } from '../transport/grpc/test-server.ts';
import { askReadiness } from './asked-health.ts';
import { Backend, PASSWORD, send } from './backend.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

describe('R11: a crowd of connections', () => {
  beforeEach(needsLinux);

  test('takes no descriptor that the server needs: what is asked for the first time after it is served', async () => {
    const { server, backend, session } = await scene({ descriptors: 80 });
    const kept = await openSocket(server);
    const query = { api_key: backend.apiKey, email: EMAIL };
    expect(await askOver(kept, 'fooBar', { ...query, identity: EMAIL })).toContain('HTTP/1.1 200');
    const grpc = connectHttp2(`http://${server.grpcAddress}`);
    onTestFinished(() => grpc.destroy());
    // As the other one, it has asked for something: what has not would be ended for the crowd.
    expect(await grpcStatusOver(grpc, '/authflow.v1.AuthService/Validate', frame(Buffer.alloc(0)))).toBe('3');
    const leave = await crowdIn(server);

    const body = JSON.stringify({ ...query, sessionToken: session });
    const head = `Host: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const connect = await exchangeOver(kept, `POST /authflow.v1.AuthService/Validate HTTP/1.1\r\n${head}${body}`);
    expect(connect).toContain('HTTP/1.1 200');
    expect(await exchangeOver(kept, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')).toContain('HTTP/1.1 200');
    expect(await grpcStatusOver(grpc, '/grpc.health.v1.Health/Check', Buffer.alloc(5))).toBe('0');
    const listServices = frame(Buffer.from([0x3a, 1, 0x2a]));
    expect(await grpcStatusOver(grpc, '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', listServices)).toBe(
      '0',
    );
    const foobar = await nonceOver(kept, query);
    expect(await askOver(kept, 'login', { ...query, foobar, password: PASSWORD })).toContain('HTTP/1.1 200');
    expect(await exchangeOver(kept, 'GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n')).toContain('HTTP/1.1 200');

    leave();
    expect(await loginOnceThereIsRoom(backend)).toBe('OK');
    expect(await server.end('SIGTERM')).toBe(0);
  });
});

describe('R11: out of descriptors', () => {
  beforeEach(needsLinux);

  test('open connections are served on both ports, a login too; new ones again once there is room', async () => {
    const { server, backend, session } = await scene();
    expect((await backend.login(EMAIL)).outcome).toBe('OK');
    const kept = await openSocket(server);
    const grpc = authClient(server.grpcAddress, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('x-api-key', backend.apiKey);
    const validateByGrpc = () => ask(grpc, 'validate', { email: EMAIL, sessionToken: session }, { metadata });
    await validateByGrpc();
    const query = { api_key: backend.apiKey, email: EMAIL };
    expect(await askOver(kept, 'fooBar', { ...query, identity: EMAIL })).toContain('HTTP/1.1 200');
    const giveBack = takeDescriptors(server);

    expect(await askOver(kept, 'validate', { ...query, sessionToken: session })).toContain('HTTP/1.1 200');
    const foobar = await nonceOver(kept, query);
    expect(await askOver(kept, 'login', { ...query, foobar, password: PASSWORD })).toContain('HTTP/1.1 200');
    expect(await validateByGrpc()).toMatchObject({ email: EMAIL });

    giveBack();
    expect(await loginOnceThereIsRoom(backend)).toBe('OK');
    expect(await server.end('SIGTERM')).toBe(0);
  });

  test('a first login, for which no thread can be had, is told INTERNAL, its nonce is spent; the next one is good', async () => {
    const { server, backend } = await scene();
    // It tries to write, so that the thread that writes is at work: what is missing later is one that hashes.
    expect(await askReadiness(server)).toBe('200');
    const kept = await openSocket(server);
    const query = { api_key: backend.apiKey, email: EMAIL };
    expect(await askOver(kept, 'fooBar', { ...query, identity: EMAIL })).toContain('HTTP/1.1 200');
    const giveBack = takeDescriptors(server);

    const foobar = await nonceOver(kept, query);
    const refused = await askOver(kept, 'login', { ...query, foobar, password: PASSWORD });
    expect(refused).toContain('HTTP/1.1 500');
    expect(refused).toContain('"error":"INTERNAL"');

    giveBack();
    expect(await loginOnceThereIsRoom(backend)).toBe('OK');
    expect(await server.end('SIGTERM')).toBe(0);
  });
});

/** Descriptors are counted and bounded as Linux does. */
function needsLinux(context: TestContext): void {
  needs(context, 'Linux, with prlimit: apt-get install util-linux', ['prlimit', '--version']);
}

const EMAIL = 'user@example.com';

/** A server, with few descriptors where it is told so, which has hashed nothing yet, over a store with one user, who is signed in. */
async function scene(limits: { readonly descriptors?: number } = {}): Promise<{
  readonly server: ServerProcess;
  readonly backend: Backend;
  readonly session: string;
}> {
  const store = await storeOfTest();
  const first = await startServerProcess(store);
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const made = await send(first.httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  const apiKey = made.field('api_key');
  const early = new Backend(first.httpAddress, apiKey);
  expect((await early.signUp(EMAIL)).outcome).toBe('OK');
  const session = (await early.login(EMAIL)).field('token');
  await first.end('SIGTERM');
  const server = await startServerProcess(store, limits);
  return { server, backend: new Backend(server.httpAddress, apiKey), session };
}

/** Many more connections to both ports than the server can have; what is given back ends them. */
async function crowdIn(server: ServerProcess): Promise<() => void> {
  const grpcAddress = `http://${server.grpcAddress}`;
  const addresses = Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? server.httpAddress : grpcAddress));
  const crowd = await Promise.all(addresses.map((httpAddress) => openSocket({ httpAddress })));
  const leave = (): void => {
    for (const socket of crowd) {
      socket.destroy();
    }
  };
  onTestFinished(leave);
  return leave;
}

/** Leaves the server no descriptor but those it has open; what is given back lets it have more. */
function takeDescriptors({ child }: ServerProcess): () => void {
  const limit = (most: number) => execFileSync('prlimit', [`--pid=${child.pid}`, `--nofile=${most}:`]);
  // A new one takes the lowest free number, which must be below the limit.
  const open = new Set(readdirSync(`/proc/${child.pid}/fd`).map(Number));
  let lowestFree = 0;
  while (open.has(lowestFree)) {
    lowestFree += 1;
  }
  limit(lowestFree);
  return () => limit(1_024);
}

/** One call over an open connection; the whole reply as text. */
async function askOver(socket: Socket, call: string, query: Readonly<Record<string, string>>): Promise<string> {
  return exchangeOver(socket, `GET /auth/${call}?${new URLSearchParams(query)} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
}

/** One request over an open connection; its reply, all of which comes at once, as text. */
async function exchangeOver(socket: Socket, request: string): Promise<string> {
  const reply = once(socket, 'data');
  socket.write(request);
  return String(await reply);
}

/** One call over an open session; its status. */
function grpcStatusOver(session: ClientHttp2Session, path: string, body: Buffer): Promise<string> {
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
  return new Promise((resolve) => {
    let status = '';
    for (const event of ['response', 'trailers']) {
      stream.on(event, (headers: Readonly<Record<string, unknown>>) => {
        status = String(headers['grpc-status'] ?? status);
      });
    }
    stream.on('error', () => undefined);
    stream.on('close', () => resolve(status));
    stream.resume().end(body);
  });
}

async function nonceOver(socket: Socket, query: Readonly<Record<string, string>>): Promise<string> {
  const reply = await askOver(socket, 'fooBar', { ...query, identity: EMAIL });
  return /"token":"([^"]+)"/.exec(reply)?.[1] ?? '';
}

async function loginOnceThereIsRoom(backend: Backend): Promise<string> {
  let outcome = 'NOT_CONNECTED';
  while (outcome === 'NOT_CONNECTED') {
    outcome = await backend.login(EMAIL).then(
      (login) => login.outcome,
      () => 'NOT_CONNECTED',
    );
  }
  return outcome;
}

/** A connection that says nothing yet; one that the server drops is as good. */
function openSocket({ httpAddress }: Pick<ServerProcess, 'httpAddress'>): Promise<Socket> {
  const { hostname, port } = new URL(httpAddress);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => resolve(socket));
    socket.on('connect', () => resolve(socket));
  });
}
