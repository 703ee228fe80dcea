import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';
import { createApiKey } from '../support/asked.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import {
  CALLS_BY_SESSION,
  goodSessionParams,
  SESSION_CALL_REFUSALS,
  SESSION_CALL_SUCCESSES,
} from './matrix/accounts-by-session.ts';
import type { AccountCallName, Entrance } from './matrix/entrance.ts';
import { ACCOUNT_ENTRANCES } from './matrix/entrances.ts';
import { askable, expectRefused } from './matrix/expect-refused.ts';
import { PASSWORD } from './matrix/makers.ts';
import { titleOf } from './matrix/scenario.ts';
import { openStoreDump, type StoreReader } from './matrix/store-dump.ts';
import { createWorld, type World } from './matrix/world.ts';

describe.each(ACCOUNT_ENTRANCES)('$name', (kind) => {
  let server: TestServer;
  let world: World;
  let entrance: Entrance<AccountCallName>;
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

  test.each(SESSION_CALL_SUCCESSES.map((scenario) => [titleOf(scenario), scenario] as const))(
    '%s',
    async (_, { call, request }) => {
      const { params, headers = {}, ok } = await request(world);
      expect(await entrance.call(call, params, headers)).toEqual({ ok });
    },
  );

  test.each(askable(kind, SESSION_CALL_REFUSALS).map((scenario) => [titleOf(scenario), scenario] as const))(
    '%s',
    (_, scenario) => expectRefused({ kind, server, world, entrance, store }, scenario),
  );
});

test('need a key or an org_id where organizations sign up freely, and always but for Me', async () => {
  for (const openSignup of [false, true]) {
    const server = await startTestServer({ settings: { openSignup } });
    try {
      const world = await createWorld(server);
      for (const { codes, enter } of ACCOUNT_ENTRANCES) {
        const entrance = enter(server);
        for (const call of CALLS_BY_SESSION) {
          const { api_key: _, ...params } = goodSessionParams(call, world);
          const refusal = { reason: 'INVALID_ARGUMENT', status: WIRE_CODES.INVALID_ARGUMENT[codes] };
          const isRefused = openSignup || call !== 'me';
          const answer = await entrance.call(call, params, {});
          expect(answer).toMatchObject(isRefused ? { ...refusal, violations: ['api_key'] } : { ok: {} });
        }
        entrance.close();
      }
    } finally {
      await server[Symbol.asyncDispose]();
    }
  }
});

test('take no GET, and need the key, in the strict profile', async () => {
  const compat = await startTestServer();
  const settings = { profile: 'strict', apiKeyClaim: 'id' } as const;
  const server = await startTestServer({ testStore: compat.testStore, settings });
  try {
    const world = await createWorld(compat);
    for (const { name, codes, enter } of ACCOUNT_ENTRANCES) {
      const entrance = enter(server);
      for (const call of CALLS_BY_SESSION) {
        const { api_key: _, ...session } = goodSessionParams(call, world);
        const params = { ...session, org_id: world.acme.orgId };
        const reason = name === 'GET /auth' ? 'METHOD_NOT_ALLOWED' : 'INVALID_ARGUMENT';
        expect(await entrance.call(call, params, {})).toMatchObject({ reason, status: WIRE_CODES[reason][codes] });
      }
      entrance.close();
    }
  } finally {
    await server[Symbol.asyncDispose]();
    await compat[Symbol.asyncDispose]();
  }
});

test('tell the device that a backend with a key of its own told at the login, and none that the token key told', async () => {
  const server = await startTestServer();
  try {
    const world = await createWorld(server);
    const { acme, newUser, nonce } = world;
    const { apiKey: ownKey } = await createApiKey(server.ports, { orgId: acme.orgId, label: '', inTokens: false });
    const entrance = ACCOUNT_ENTRANCES[0]?.enter(server);
    const device = { client_ip: '203.0.113.9', user_agent: 'Firefox' };
    for (const [api_key, shown] of [
      [ownKey, device],
      [acme.apiKey, { client_ip: '', user_agent: '' }],
    ] as const) {
      const { email } = await newUser();
      const params = { email, api_key, ...device };
      const response = await fetch(`${server.httpAddress}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...params, foobar: await nonce(email), password: PASSWORD }),
      });
      const { token } = (await response.json()) as { readonly token: string };
      const answer = await entrance?.call('listMySessions', { sessionToken: token, email, api_key }, {});
      expect(answer).toMatchObject({ ok: { sessions: [{ ...shown, current: true }] } });
    }
    entrance?.close();
  } finally {
    await server[Symbol.asyncDispose]();
  }
});
