import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { frame, rawCall } from '../transport/grpc/test-server.ts';
import { Backend, send } from './backend.ts';
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

test.runIf(isLinux)(
  'R11: out of descriptors, open connections are served; new ones again once there is room',
  async () => {
    const server = await startServerProcess(temporaryDataDir(), { descriptors: 100 });
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const made = await send(server.httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
    const backend = new Backend(server.httpAddress, made.field('api_key'));
    expect((await backend.signUp('user@example.com')).outcome).toBe('OK');
    const session = (await backend.login('user@example.com')).field('token');

    const kept = await openSocket(server);
    const crowd = await Promise.all(Array.from({ length: 150 }, () => openSocket(server)));
    onTestFinished(() => {
      for (const socket of [kept, ...crowd]) socket.destroy();
    });
    const query = new URLSearchParams({ api_key: backend.apiKey, email: 'user@example.com', sessionToken: session });
    const reply = new Promise<string>((resolve) => kept.once('data', (data) => resolve(data.toString())));
    kept.write(`GET /auth/validate?${query} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    expect(await reply).toContain('HTTP/1.1 200');

    for (const socket of crowd) socket.destroy();
    const deadline = performance.now() + 5_000;
    let outcome = '';
    while (outcome !== 'OK' && performance.now() < deadline) {
      outcome = await backend.login('user@example.com').then(
        (login) => login.outcome,
        () => 'NOT_CONNECTED',
      );
    }
    expect(outcome).toBe('OK');
    expect(await server.end('SIGTERM')).toBe(0);
  },
);

/** A connection that says nothing yet; one that the server drops is as good. */
function openSocket({ httpAddress }: ServerProcess): Promise<Socket> {
  const { hostname, port } = new URL(httpAddress);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => resolve(socket));
    socket.on('connect', () => resolve(socket));
  });
}
