import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { credentials, Metadata } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ask, authClient, frame, rawCall } from '../transport/grpc/test-server.ts';
import { Backend, PASSWORD, send } from './backend.ts';
import { ADMIN_TOKEN, type ServerProcess, startServerProcess, temporaryDataDir } from './server-process.ts';

const MIB = 1_048_576;
const isLinux = process.platform === 'linux';

describe.runIf(isLinux)('W1: a body of under 64 KiB that inflates to 60 MiB', () => {
  const bomb = gzipSync(Buffer.alloc(60 * MIB), { level: 9 });
  const small = gzipSync('{}');

  test('is refused by Connect and adds at most 32 MiB of memory', async () => {
    const server = await startServerProcess(temporaryDataDir());
    const path = `${server.httpAddress}/authflow.v1.AuthService/Validate`;
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const post = async (body: Buffer) => {
      const response = await fetch(path, { method: 'POST', headers, body: new Uint8Array(body) });
      const { code }: { code?: string } = JSON.parse(await response.text());
      return code;
    };
    expect(bomb.length).toBeLessThan(65_536);
    expect(await post(small)).toBe('invalid_argument');
    const before = peakMemory(server);
    for (let round = 0; round < 5; round += 1) expect(await post(bomb)).toBe('resource_exhausted');
    expect(peakMemory(server) - before).toBeLessThanOrEqual(32 * MIB);
  });

  test('is refused on the gRPC port and adds at most 32 MiB of memory', async () => {
    const server = await startServerProcess(temporaryDataDir());
    const path = '/authflow.v1.AuthService/Validate';
    const call = async (body: Buffer) => {
      const message = frame(body, { compressed: true });
      return (await rawCall(server.grpcAddress, path, message, { 'grpc-encoding': 'gzip' })).grpcStatus;
    };
    expect(await call(gzipSync(Buffer.alloc(0)))).toBe(3);
    const before = peakMemory(server);
    for (let round = 0; round < 5; round += 1) expect(await call(bomb)).toBe(8);
    expect(peakMemory(server) - before).toBeLessThanOrEqual(32 * MIB);
  });
});

/** The most memory that the process ever held, in bytes. */
function peakMemory({ child }: ServerProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

describe.runIf(isLinux)('R11: out of descriptors', () => {
  test('open connections are served on both ports, a login too; new ones again once there is room', async () => {
    const { server, backend, session } = await scene({ descriptors: 100 });
    expect((await backend.login(EMAIL)).outcome).toBe('OK');
    const kept = await openSocket(server);
    const grpc = authClient(server.grpcAddress, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('x-api-key', backend.apiKey);
    const validateByGrpc = () => ask(grpc, 'validate', { email: EMAIL, sessionToken: session }, { metadata });
    await validateByGrpc();
    const leave = await crowdIn(server);

    const query = { api_key: backend.apiKey, email: EMAIL };
    expect(await askOver(kept, 'validate', { ...query, sessionToken: session })).toContain('HTTP/1.1 200');
    const foobar = await nonceOver(kept, query);
    expect(await askOver(kept, 'login', { ...query, foobar, password: PASSWORD })).toContain('HTTP/1.1 200');
    expect(await validateByGrpc()).toMatchObject({ email: EMAIL });

    leave();
    expect(await loginOnceThereIsRoom(backend)).toBe('OK');
    expect(await server.end('SIGTERM')).toBe(0);
  });

  test('a first login, for which no thread can be had, is told INTERNAL, its nonce is spent; the next one is good', async () => {
    const { server, backend } = await scene({ descriptors: 100 });
    const kept = await openSocket(server);
    const query = { api_key: backend.apiKey, email: EMAIL };
    expect(await askOver(kept, 'fooBar', { ...query, identity: EMAIL })).toContain('HTTP/1.1 200');
    const leave = await crowdIn(server);

    const foobar = await nonceOver(kept, query);
    const refused = await askOver(kept, 'login', { ...query, foobar, password: PASSWORD });
    expect(refused).toContain('HTTP/1.1 500');
    expect(refused).toContain('"error":"INTERNAL"');

    leave();
    expect(await loginOnceThereIsRoom(backend)).toBe('OK');
    expect(await server.end('SIGTERM')).toBe(0);
  });
});

const EMAIL = 'user@example.com';

/** A server with few descriptors, which has hashed nothing yet, over a store with one user, who is signed in. */
async function scene(limits: { readonly descriptors: number }): Promise<{
  readonly server: ServerProcess;
  readonly backend: Backend;
  readonly session: string;
}> {
  const dataDir = temporaryDataDir();
  const first = await startServerProcess(dataDir);
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const made = await send(first.httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  const apiKey = made.field('api_key');
  const early = new Backend(first.httpAddress, apiKey);
  expect((await early.signUp(EMAIL)).outcome).toBe('OK');
  const session = (await early.login(EMAIL)).field('token');
  await first.end('SIGTERM');
  const server = await startServerProcess(dataDir, limits);
  return { server, backend: new Backend(server.httpAddress, apiKey), session };
}

/** Takes every descriptor that the server has left; what is given back lets them go. */
async function crowdIn(server: ServerProcess): Promise<() => void> {
  const crowd = await Promise.all(Array.from({ length: 150 }, () => openSocket(server)));
  const leave = (): void => {
    for (const socket of crowd) socket.destroy();
  };
  onTestFinished(leave);
  const { pid } = server.child;
  await vi.waitUntil(() => readdirSync(`/proc/${pid}/fd`).length >= 100, { timeout: 5_000, interval: 5 });
  return leave;
}

/** One call over an open connection; the whole reply as text. */
async function askOver(socket: Socket, call: string, query: Readonly<Record<string, string>>): Promise<string> {
  const reply = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
  socket.write(`GET /auth/${call}?${new URLSearchParams(query)} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  return reply;
}

async function nonceOver(socket: Socket, query: Readonly<Record<string, string>>): Promise<string> {
  const reply = await askOver(socket, 'fooBar', { ...query, identity: EMAIL });
  return /"token":"([^"]+)"/.exec(reply)?.[1] ?? '';
}

async function loginOnceThereIsRoom(backend: Backend): Promise<string> {
  const deadline = performance.now() + 5_000;
  let outcome = '';
  while (outcome !== 'OK' && performance.now() < deadline) {
    outcome = await backend.login(EMAIL).then(
      (login) => login.outcome,
      () => 'NOT_CONNECTED',
    );
  }
  return outcome;
}

/** A connection that says nothing yet; one that the server drops is as good. */
function openSocket({ httpAddress }: ServerProcess): Promise<Socket> {
  const { hostname, port } = new URL(httpAddress);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => resolve(socket));
    socket.on('connect', () => resolve(socket));
  });
}
