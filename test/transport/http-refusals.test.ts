import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorReason } from '../../src/domain/errors.ts';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { ask } from './http/test-server.ts';
import { ADMIN_CALLS, CALLS } from './matrix/entrance.ts';
import { ENTRANCES, ORGANIZATION_ENTRANCES } from './matrix/entrances.ts';
import { HTTP_OPERATIONS, requestOf } from './matrix/http-operations.ts';
import { HTTP_REFUSALS, wellFormed } from './matrix/http-refusals.ts';
import { type AdminWorld, createAdminWorld, goodAdminRequest } from './matrix/organizations-world.ts';
import { goodParams } from './matrix/refusals.ts';
import { expectUnchanged, openStoreDump, type StoreReader } from './matrix/store-dump.ts';
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

const ATTEMPTED = HTTP_OPERATIONS.flatMap((operation) =>
  Object.entries(HTTP_REFUSALS).map(([reason, attempts]) => ({ operation, reason: reason as ErrorReason, attempts })),
);

test.each(ATTEMPTED)('$operation.title is refused $reason', async ({ operation, reason, attempts }) => {
  const request = await requestOf(operation, world, adminWorld);
  const before = await store.read();
  for (const attempt of attempts(operation, request)) {
    const { status, headers, text, json } = await ask(server.httpAddress, attempt.path, attempt);
    const shown = { ...attempt, body: String(attempt.body ?? '').slice(0, 40) };
    const { http } = WIRE_CODES[reason];
    const envelope = { statusCode: http, error: reason, message: expect.stringMatching(/./) };
    const expected = { ...shown, status: http, json: attempt.method === 'HEAD' ? {} : envelope };
    expect({ ...shown, status, json }).toEqual(expected);
    expect(headers['content-type']).toBe('application/json');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers.allow).toBe(reason === 'METHOD_NOT_ALLOWED' ? operation.allow : undefined);
    expect(text).not.toMatch(new RegExp(`\\b${operation.call}\\b`));
    expectUnchanged(before, await store.read());
  }
});

test('the requests that are refused here would be served without their fault', async () => {
  const other = await startTestServer();
  try {
    const ownWorld = await createWorld(other);
    const ownAdminWorld = await createAdminWorld(other);
    for (const operation of HTTP_OPERATIONS) {
      // Some of these requests end the session that they show.
      const adaSession = await ownWorld.session(ownWorld.ada);
      const request = await requestOf(operation, { ...ownWorld, adaSession }, ownAdminWorld);
      const { path, ...attempt } = wellFormed(operation, request);
      const { status, text } = await ask(other.httpAddress, path, attempt);
      // The organization is signed up, and the user made and deleted, by the first of its two addresses.
      const isTaken = /ORGANIZATION_EXISTS|USER_EXISTS/.test(text);
      const isGone = operation.call === 'deleteUser' && text.includes('USER_NOT_FOUND');
      expect({ title: operation.title, text, status }).toMatchObject({ status: isTaken ? 409 : isGone ? 404 : 200 });
    }
  } finally {
    await other[Symbol.asyncDispose]();
  }
});

describe('a message beyond 64 KiB carries the code of the library and no reason', () => {
  const padded = { page_token: 'x'.repeat(64 * 1024), org_id: 'x'.repeat(64 * 1024), name: 'x'.repeat(64 * 1024) };
  const tooLarge = { reason: null, status: 8, violations: [], waits: false };

  test.each(ENTRANCES.filter(({ codes }) => codes === 'grpc'))('$name: the six calls', async ({ enter }) => {
    const entrance = enter(server);
    for (const call of CALLS) {
      const params = { ...(await goodParams(call, world)), api_key: 'x'.repeat(64 * 1024) };
      const before = await store.read();
      expect(await entrance.call(call, params, {})).toMatchObject(tooLarge);
      expectUnchanged(before, await store.read());
    }
    entrance.close();
  });

  test.each(ORGANIZATION_ENTRANCES.filter(({ codes }) => codes === 'grpc'))(
    '$name: OrganizationService',
    async ({ enter }) => {
      const entrance = enter(server);
      for (const call of ADMIN_CALLS) {
        const { params, headers } = goodAdminRequest(call, adminWorld);
        const before = await store.read();
        expect(await entrance.call(call, { ...params, ...padded }, headers)).toMatchObject(tooLarge);
        expectUnchanged(before, await store.read());
      }
      entrance.close();
    },
  );
});
