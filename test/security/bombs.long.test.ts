import { readFileSync } from 'node:fs';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { storeOfTest } from '../support/stores.ts';
import { frame, rawCall } from '../transport/grpc/test-server.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const MIB = 1_048_576;
const ROUNDS = 20;
const VALIDATE = '/authflow.v1.AuthService/Validate';

// How far each is inflated is counted in stream-gate.test.ts and rpc.test.ts.
describe.runIf(process.platform === 'linux')('W1: bodies of under 64 KiB that inflate to 60 MiB', () => {
  const zeros = Buffer.alloc(60 * MIB);
  const bomb = gzipSync(zeros, { level: 9 });

  test.each([
    ['Connect', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, bomb],
    ['gRPC-Web', { 'content-type': 'application/grpc-web+proto', 'grpc-encoding': 'gzip' }, compressed(bomb)],
  ] as const)('add at most 32 MiB to the process over %s', async (_, headers, body) => {
    const server = await startServerProcess(await storeOfTest());
    const post = async (): Promise<string> => {
      const response = await fetch(`${server.httpAddress}${VALIDATE}`, { method: 'POST', headers, body });
      return response.text();
    };
    expect(await post()).toMatch(/grpc-status: *8|resource_exhausted/);
    await expectSmall(server, async () => expect(await post()).toMatch(/grpc-status: *8|resource_exhausted/));
  });

  test.each([
    ['gzip', bomb],
    ['deflate', deflateSync(zeros, { level: 9 })],
  ])('add at most 32 MiB to the process on the gRPC port, by %s', async (encoding, body) => {
    const server = await startServerProcess(await storeOfTest());
    const post = async (): Promise<number | null> =>
      (await rawCall(server.grpcAddress, VALIDATE, Buffer.from(compressed(body)), { 'grpc-encoding': encoding }))
        .grpcStatus;
    expect(await post()).toBe(8);
    await expectSmall(server, async () => expect(await post()).toBe(8));
  });
});

/** Expects that what is repeated raises the most memory that the process ever held by 32 MiB at most. */
async function expectSmall(server: ServerProcess, round: () => Promise<void>): Promise<void> {
  const before = peakMemory(server);
  for (let rounds = 0; rounds < ROUNDS; rounds += 1) {
    await round();
  }
  expect(peakMemory(server) - before).toBeLessThanOrEqual(32 * MIB);
}

function compressed(body: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(frame(body, { compressed: true }));
}

/** The most memory that the process ever held, in bytes. */
function peakMemory({ child }: ServerProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
