import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HashSlot } from '../../src/domain/ports.ts';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { authFormEntrance, authGetEntrance, authJsonEntrance } from './matrix/auth-entrances.ts';
import type { CallName, Entrance, Fields, Refusal, Success } from './matrix/entrance.ts';
import { FAULTS } from './matrix/faults.ts';
import { ORDER } from './matrix/order.ts';
import { REFUSALS } from './matrix/refusals.ts';
import {
  connectEntrance,
  connectJsonEntrance,
  grpcEntrance,
  grpcOnHttpEntrance,
  grpcWebEntrance,
} from './matrix/rpc-entrances.ts';
import { type RefusalScenario, type SuccessScenario, spendsNonce } from './matrix/scenario.ts';
import { openStoreDump } from './matrix/store-dump.ts';
import { SUCCESSES } from './matrix/successes.ts';
import { createWorld, PASSWORD, type World } from './matrix/world.ts';

type Enter = (server: TestServer) => Entrance;

const ENTRANCES: readonly (readonly [name: string, codes: 'grpc' | 'http', enter: Enter])[] = [
  ['gRPC', 'grpc', ({ grpcAddress }) => grpcEntrance(grpcAddress)],
  ['gRPC on the HTTP port', 'grpc', ({ httpAddress }) => grpcOnHttpEntrance(httpAddress)],
  ['gRPC-Web', 'grpc', ({ httpAddress }) => grpcWebEntrance(httpAddress)],
  ['Connect', 'grpc', ({ httpAddress }) => connectEntrance(httpAddress)],
  ['Connect JSON', 'grpc', ({ httpAddress }) => connectJsonEntrance(httpAddress)],
  ['GET /auth', 'http', ({ httpAddress }) => authGetEntrance(httpAddress)],
  ['POST /auth, JSON', 'http', ({ httpAddress }) => authJsonEntrance(httpAddress)],
  ['POST /auth, form', 'http', ({ httpAddress }) => authFormEntrance(httpAddress)],
];

const ALL_REFUSALS = [...FAULTS, ...REFUSALS, ...ORDER];

describe.each(ENTRANCES)('%s', (_, codes, enter) => {
  let server: TestServer;
  let world: World;
  let entrance: Entrance;
  let store: ReturnType<typeof openStoreDump>;

  beforeAll(async () => {
    server = await startTestServer();
    world = await createWorld(server);
    entrance = enter(server);
    store = openStoreDump(server.dataDir);
  });

  afterAll(async () => {
    store.close();
    entrance.close();
    await server[Symbol.asyncDispose]();
  });

  test.each(SUCCESSES.map((scenario) => [titleOf(scenario), scenario] as const))('%s', async (_, scenario) => {
    const { call, request } = scenario;
    const { params, headers = {}, ok } = await request(world);
    expect(await entrance.call(call, params, headers)).toEqual({ ok });
  });

  test.each(ALL_REFUSALS.map((scenario) => [titleOf(scenario), scenario] as const))('%s', async (_, scenario) => {
    const { call, reason, violations = [], overloaded = false, request } = scenario;
    const { params, headers = {} } = await request(world);
    const before = store.read();
    const slots = overloaded ? takeEverySlot(server) : [];
    const answer = await entrance.call(call, params, headers);
    for (const slot of slots) {
      slot.release();
    }
    expect(answer).toEqual({
      reason,
      status: WIRE_CODES[reason][codes],
      violations,
      waits: reason === 'OVERLOADED',
      message: expect.stringMatching(/./),
    });
    const after = store.read();
    expect(after.rows).toBe(before.rows);
    expect(after.spentNonces - before.spentNonces).toBe(spendsNonce(scenario) ? 1 : 0);
  });

  test('leads a user from the sign-up to the logout', async () => {
    const email = world.newEmail();
    const { apiKey: api_key } = world.acme;
    const ask = (call: CallName, params: Fields): Promise<Success | Refusal> =>
      entrance.call(call, { email, api_key, ...params }, {});
    const ok = async (call: CallName, params: Fields): Promise<Success['ok']> => {
      const answer = await ask(call, params);
      return 'ok' in answer ? answer.ok : Promise.reject(new Error(answer.message));
    };
    const foobar = async (): Promise<string> => String((await ok('fooBar', { identity: email })).token);
    const login = async (password: string): Promise<Success | Refusal> =>
      ask('login', { foobar: await foobar(), password });
    const session = async (password: string): Promise<string> => {
      const answer = await login(password);
      return 'ok' in answer ? String(answer.ok.token) : answer.message;
    };

    const user = { password: PASSWORD, fullname: 'Grace Hopper', disclaimed: true };
    const { user_id } = await ok('signUp', { ...user, foobar: await foobar() });
    const first = await session(PASSWORD);
    const second = await session(PASSWORD);
    expect(await ok('validate', { sessionToken: first })).toMatchObject({ user_id, fullname: 'Grace Hopper' });

    const change = { sessionToken: second, newPassword: 'Another-one-2', currentPassword: PASSWORD };
    expect(await ok('changePassword', change)).toEqual({ ended_sessions: 1 });
    expect(await ask('validate', { sessionToken: first })).toMatchObject({ reason: 'SESSION_REVOKED' });
    expect(await ok('validate', { sessionToken: second })).toMatchObject({ user_id });
    expect(await login(PASSWORD)).toMatchObject({ reason: 'CREDENTIALS_INVALID' });
    expect(await login('Another-one-2')).toMatchObject({ ok: { user_id } });

    expect(await ok('logout', { sessionToken: second })).toEqual({});
    expect(await ok('logout', { sessionToken: second })).toEqual({});
    expect(await ask('validate', { sessionToken: second })).toMatchObject({ reason: 'SESSION_REVOKED' });
  });
});

test('session calls need a key or an org_id where organizations sign up freely', async () => {
  const server = await startTestServer({ settings: { openSignup: true } });
  try {
    for (const [, codes, enter] of ENTRANCES) {
      const entrance = enter(server);
      for (const call of ['validate', 'changePassword', 'logout'] as const) {
        const params = { sessionToken: 'x', email: 'ada@example.com', newPassword: 'Another-one-2' };
        const refusal = { reason: 'INVALID_ARGUMENT', status: WIRE_CODES.INVALID_ARGUMENT[codes] };
        expect(await entrance.call(call, params, {})).toMatchObject({ ...refusal, violations: ['api_key'] });
      }
      entrance.close();
    }
  } finally {
    await server[Symbol.asyncDispose]();
  }
});

test('every error that the proto names for a call has a scenario', () => {
  const proto = readFileSync(new URL('../../proto/authflow/v1/auth_service.proto', import.meta.url), 'utf8');
  const documented = Array.from(proto.matchAll(/Errors: ([^.]*)\.\n {2}rpc (\w+)/g), ([, reasons = '', name = '']) => ({
    call: name.charAt(0).toLowerCase() + name.slice(1),
    reasons: (reasons.match(/[A-Z_]{2,}/g) ?? []).sort(),
  }));
  const covered = documented.map(({ call }) => ({ call, reasons: reasonsOf(call) }));
  expect(covered).toEqual(documented);
  expect(covered).toHaveLength(6);
});

function reasonsOf(call: string): RefusalScenario['reason'][] {
  const scenarios = ALL_REFUSALS.filter((scenario) => scenario.call === call);
  return [...new Set(scenarios.map(({ reason }) => reason))].sort();
}

function titleOf(scenario: SuccessScenario | RefusalScenario): string {
  const outcome = 'reason' in scenario ? `is refused ${scenario.reason}` : 'succeeds';
  return `${scenario.call} ${outcome}: ${scenario.title}`;
}

function takeEverySlot({ ports }: TestServer): HashSlot[] {
  const slots: HashSlot[] = [];
  for (;;) {
    try {
      slots.push(ports.passwords.acquire());
    } catch {
      return slots;
    }
  }
}
