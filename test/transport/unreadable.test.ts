import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { frame, rawCall, shown } from './grpc/test-server.ts';
import { ask } from './http/test-server.ts';
import { HTTP_OPERATIONS, requestOf } from './matrix/http-operations.ts';
import { type AdminWorld, createAdminWorld } from './matrix/organizations-world.ts';
import { expectUnchanged, openStoreDump, type StoreReader } from './matrix/store-dump.ts';
import { UNREADABLE_PROTOBUF, unreadableConnectJson, unreadableRest } from './matrix/unreadable.ts';
import { createWorld, type World } from './matrix/world.ts';

let server: TestServer;
let world: World;
let adminWorld: AdminWorld;
let store: StoreReader;

beforeAll(async () => {
  server = await startTestServer();
  world = await createWorld(server);
  adminWorld = await createAdminWorld(server);
  store = await openStoreDump(server.testStore);
});

afterAll(async () => {
  await store.close();
  await server[Symbol.asyncDispose]();
});

const REST = HTTP_OPERATIONS.filter(({ isRpc }) => !isRpc);
const RPCS = HTTP_OPERATIONS.filter(({ isRpc }) => isRpc);

test.each(REST)('$title: every fault of its form is INVALID_ARGUMENT and named', async (operation) => {
  const request = await requestOf(operation, world, adminWorld);
  const before = await store.read();
  for (const { title, query, contentType, body, violations } of unreadableRest(operation, request)) {
    const { status, json } = await ask(server.httpAddress, `${request.path}${query}`, {
      method: operation.method,
      headers: { ...request.headers, ...headersOf(contentType, body) },
      ...(body === null ? {} : { body }),
    });
    const named = (json.violations as { field: string }[] | undefined)?.map(({ field }) => field);
    expect({ title, status, error: json.error, named }).toEqual({
      title,
      status: 400,
      error: 'INVALID_ARGUMENT',
      named: violations,
    });
    expectUnchanged(before, await store.read());
  }
});

/** Node frames the body of a DELETE only when it is told its length. */
function headersOf(contentType: string | null, body: string | Uint8Array | null): Readonly<Record<string, string>> {
  return contentType === null || body === null
    ? {}
    : { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) };
}

describe.each(RPCS)('$path: what cannot be read is INVALID_ARGUMENT', (operation) => {
  test('by Connect with JSON', async () => {
    const request = await requestOf(operation, world, adminWorld);
    const before = await store.read();
    for (const { title, body } of unreadableConnectJson(operation, request)) {
      const { status, json } = await ask(server.httpAddress, request.path, {
        method: 'POST',
        headers: { ...request.headers, 'content-type': 'application/json' },
        body: body ?? '',
      });
      const reasons = (json.details as { debug?: { reason?: string } }[] | undefined)?.map(
        ({ debug }) => debug?.reason,
      );
      expect({ title, status, code: json.code }).toEqual({ title, status: 400, code: 'invalid_argument' });
      expect(reasons).toContain('INVALID_ARGUMENT');
      expectUnchanged(before, await store.read());
    }
  });

  test('by Connect, gRPC-Web and gRPC with protobuf', async () => {
    const { path, headers } = await requestOf(operation, world, adminWorld);
    const before = await store.read();
    for (const [title, message] of Object.entries(UNREADABLE_PROTOBUF)) {
      const connect = await ask(server.httpAddress, path, {
        body: message,
        headers: { ...headers, 'content-type': 'application/proto' },
      });
      expect({ title, status: connect.status, code: connect.json.code }).toEqual({
        title,
        status: 400,
        code: 'invalid_argument',
      });
      const web = await ask(server.httpAddress, path, {
        body: frame(message),
        headers: { ...headers, 'content-type': 'application/grpc-web+proto' },
      });
      expect(/grpc-status: *(\d+)/.exec(web.text)?.[1]).toBe('3');
      for (const address of [server.grpcAddress, server.httpAddress.replace('http://', '')]) {
        const grpc = await rawCall(address, path, frame(message), { ...headers });
        const told = { status: grpc.grpcStatus, reason: shown(grpc.details).reason };
        expect({ title, address, ...told }).toEqual({ title, address, status: 3, reason: 'INVALID_ARGUMENT' });
      }
      expectUnchanged(before, await store.read());
    }
  });
});
