import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';
import { MailedCodes } from '../support/mailed-codes.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { SECOND_FACTOR_REFUSALS } from './matrix/coverage.ts';
import { type AuthCallName, type Entrance, SECOND_FACTOR_CALLS } from './matrix/entrance.ts';
import { SECOND_FACTOR_ENTRANCES, UNDER_AUTH } from './matrix/entrances.ts';
import { askable, expectRefused } from './matrix/expect-refused.ts';
import { titleOf } from './matrix/scenario.ts';
import {
  FACTOR_CALLS_BY_CHALLENGE,
  FACTOR_CALLS_BY_SESSION,
  FACTOR_SUCCESSES,
  goodFactorParams,
} from './matrix/second-factors.ts';
import { openStoreDump, type StoreReader } from './matrix/store-dump.ts';
import { createWorld, type World } from './matrix/world.ts';

const CHALLENGE = expect.stringMatching(/^[\w-]{96}$/);
const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

describe.each(UNDER_AUTH)('$name', (kind) => {
  let server: TestServer;
  let world: World;
  let entrance: Entrance<AuthCallName>;
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

  test.each(askable(kind, SECOND_FACTOR_REFUSALS).map((scenario) => [titleOf(scenario), scenario] as const))(
    '%s',
    (_, scenario) => expectRefused({ kind, server, world, entrance, store }, scenario),
  );

  // After what is refused: mails of what succeeds change the store when they go out.
  test.each(FACTOR_SUCCESSES.map((scenario) => [titleOf(scenario), scenario] as const))(
    '%s',
    async (_, { call, request }) => {
      const { params, headers = {}, ok } = await request(world);
      expect(await entrance.call(call, params, headers)).toEqual({ ok });
    },
  );

  test('codes that are mailed log in, alone where that is switched on, and beside a password', async () => {
    const mails = await MailedCodes.of(server.testStore);
    try {
      const user = await world.factors.user({ isVerified: true });
      const { email, tenant, userId } = user;
      const asked = await entrance.call('sendLoginCode', { email, api_key: tenant.apiKey }, {});
      expect(asked).toEqual({ ok: { challenge: CHALLENGE, expires_at: INSTANT } });
      const alone = { challenge: 'ok' in asked ? String(asked.ok.challenge) : '', code: await mails.latest(userId) };
      expect(await entrance.call('verifyEmailCode', alone, {})).toMatchObject({ ok: { email, user_id: userId } });
      expect(await entrance.call('verifyEmailCode', alone, {})).toMatchObject({ reason: 'CHALLENGE_INVALID' });

      const other = await world.factors.user({ hasFactor: true, isVerified: true });
      const challenge = await world.factors.challenge(other);
      expect(await entrance.call('sendEmailCode', { challenge }, {})).toEqual({ ok: { expires_at: INSTANT } });
      const beside = { challenge, code: await mails.latest(other.userId) };
      expect(await entrance.call('verifyEmailCode', beside, {})).toMatchObject({ ok: { user_id: other.userId } });
    } finally {
      await mails.close();
    }
  });

  test('a challenge is spent by success, and its sixth try is none, right as it may be', async () => {
    const { factors } = world;
    const user = await factors.user({ hasFactor: true });
    const spent = await factors.challenge(user);
    const code = user.app.next();
    expect(await entrance.call('verifyTotp', { challenge: spent, code }, {})).toMatchObject({ ok: {} });
    const again = { challenge: spent, recovery_code: user.recoveryCodes[0] ?? '' };
    expect(await entrance.call('verifyRecoveryCode', again, {})).toMatchObject({ reason: 'CHALLENGE_INVALID' });

    const challenge = await factors.challenge(user);
    for (let tries = 0; tries < 5; tries += 1) {
      const wrong = { challenge, code: user.app.wrong() };
      expect(await entrance.call('verifyTotp', wrong, {})).toMatchObject({ reason: 'CODE_INVALID' });
    }
    expect(await entrance.call('verifyRecoveryCode', { ...again, challenge }, {})).toMatchObject({
      reason: 'CHALLENGE_INVALID',
    });
    const other = { ...again, challenge: await factors.challenge(user) };
    expect(await entrance.call('verifyRecoveryCode', other, {})).toMatchObject({ ok: { recovery_codes_left: 9 } });
  });
});

test('need the key in the strict profile, and take no GET', async () => {
  const compat = await startTestServer();
  const settings = { profile: 'strict', apiKeyClaim: 'id' } as const;
  const server = await startTestServer({ testStore: compat.testStore, settings });
  try {
    const world = await createWorld(compat);
    for (const { name, codes, enter } of SECOND_FACTOR_ENTRANCES) {
      const entrance = enter(server);
      for (const call of SECOND_FACTOR_CALLS) {
        const { api_key: _, ...good } = await goodFactorParams(call, world);
        const { orgId, apiKey } = world.acme;
        const reason = name === 'GET /auth' ? 'METHOD_NOT_ALLOWED' : 'INVALID_ARGUMENT';
        const status = WIRE_CODES[reason][codes];
        const violations = reason === 'INVALID_ARGUMENT' ? ['api_key'] : [];
        for (const named of [{}, { org_id: orgId }]) {
          const answer = await entrance.call(call, { ...good, ...named }, {});
          expect({ call, ...answer }).toMatchObject({ call, reason, status, violations });
        }
        const answer = await entrance.call(call, { ...good, api_key: apiKey }, {});
        expect({ call, ...answer }).toMatchObject(name === 'GET /auth' ? { call, reason } : { call, ok: {} });
      }
      entrance.close();
    }
  } finally {
    await server[Symbol.asyncDispose]();
    await compat[Symbol.asyncDispose]();
  }
});

test('by a session need a key or an org_id, by a challenge neither, wherever organizations sign up freely', async () => {
  const server = await startTestServer({ settings: { openSignup: true } });
  try {
    const world = await createWorld(server);
    for (const { enter } of SECOND_FACTOR_ENTRANCES) {
      const entrance = enter(server);
      for (const call of FACTOR_CALLS_BY_SESSION) {
        const { api_key: _, ...good } = await goodFactorParams(call, world);
        expect(await entrance.call(call, good, {})).toMatchObject({ violations: ['api_key'] });
        expect(await entrance.call(call, { ...good, org_id: world.acme.orgId }, {})).toMatchObject({ ok: {} });
      }
      for (const call of FACTOR_CALLS_BY_CHALLENGE) {
        expect(await entrance.call(call, await goodFactorParams(call, world), {})).toMatchObject({ ok: {} });
      }
      entrance.close();
    }
  } finally {
    await server[Symbol.asyncDispose]();
  }
});
