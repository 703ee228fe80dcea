import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { SIX_CALL_REFUSALS } from './matrix/coverage.ts';
import type { CallName, Entrance, Fields, Refusal, Success } from './matrix/entrance.ts';
import { ENTRANCES } from './matrix/entrances.ts';
import { askable, expectRefused } from './matrix/expect-refused.ts';
import { PASSWORD } from './matrix/makers.ts';
import { titleOf } from './matrix/scenario.ts';
import { openStoreDump, type StoreReader } from './matrix/store-dump.ts';
import { SUCCESSES } from './matrix/successes.ts';
import { createWorld, type World } from './matrix/world.ts';

describe.each(ENTRANCES)('$name', (kind) => {
  let server: TestServer;
  let world: World;
  let entrance: Entrance;
  let store: StoreReader;

  beforeAll(async () => {
    server = await startTestServer();
    world = await createWorld(server);
    entrance = kind.enter(server);
    store = await openStoreDump(server.testStore);
  });

  afterAll(async () => {
    await store.close();
    entrance.close();
    await server[Symbol.asyncDispose]();
  });

  test.each(SUCCESSES.map((scenario) => [titleOf(scenario), scenario] as const))('%s', async (_, scenario) => {
    const { call, request } = scenario;
    const { params, headers = {}, ok } = await request(world);
    expect(await entrance.call(call, params, headers)).toEqual({ ok });
  });

  test.each(askable(kind, SIX_CALL_REFUSALS).map((scenario) => [titleOf(scenario), scenario] as const))(
    '%s',
    (_, scenario) => expectRefused({ kind, server, world, entrance, store }, scenario),
  );

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
    for (const { codes, enter } of ENTRANCES) {
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
