import { expect, onTestFinished, test } from 'vitest';
import type { RateLimit, RateLimits } from '../../src/domain/limits/rate-limit.ts';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';
import { NO_LIMITS } from '../support/limits.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { goodMailParams } from './matrix/accounts-by-mail.ts';
import { CALLS } from './matrix/entrance.ts';
import {
  ACCOUNT_ENTRANCES,
  ENTRANCES,
  type EntranceKind,
  ORGANIZATION_ENTRANCES,
  SECOND_FACTOR_ENTRANCES,
} from './matrix/entrances.ts';
import { LIMITED_ACCOUNT_CALLS, LIMITED_CALLS, LIMITED_FACTOR_CALLS } from './matrix/limited.ts';
import { goodParams } from './matrix/refusals.ts';
import { goodFactorParams } from './matrix/second-factors.ts';
import { expectUnchanged, openStoreDump } from './matrix/store-dump.ts';
import { createWorld } from './matrix/world.ts';

const ONCE_A_DAY: RateLimit = { count: 1, periodMs: 86_400_000, burst: 1 };

const LIMITS = {
  ...NO_LIMITS,
  foobar: ONCE_A_DAY,
  foobar_keyless: ONCE_A_DAY,
  signup: ONCE_A_DAY,
  login: ONCE_A_DAY,
  organizations: ONCE_A_DAY,
};

/** A server of which each caller may ask once for what is limited, and anybody for an organization. */
async function serverOnce(limits: RateLimits = LIMITS) {
  const server = await startTestServer({ settings: { limits, openSignup: true } });
  const store = await openStoreDump(server.testStore);
  onTestFinished(async () => {
    await store.close();
    await server[Symbol.asyncDispose]();
  });
  return { server, store };
}

/** Until the server has looked for whom a mail was asked for: that changes the store, a second after the call or later. */
async function untilAnswered({ testStore }: TestServer): Promise<void> {
  const waiting = "SELECT 1 FROM mail_requests UNION ALL SELECT 1 FROM mails WHERE state = 'waiting'";
  await expect.poll(() => testStore.query(waiting)).toEqual([]);
}

function refusalAt({ codes }: Pick<EntranceKind<never>, 'codes'>) {
  const status = WIRE_CODES.RATE_LIMITED[codes];
  return { reason: 'RATE_LIMITED', status, violations: [], waits: true, message: expect.stringMatching(/./) };
}

test.each(ENTRANCES)(
  '$name: the call beyond a limit is told RATE_LIMITED with a wait, does nothing and spends no nonce',
  async (kind) => {
    const { server, store } = await serverOnce();
    const world = await createWorld(server);
    const entrance = kind.enter(server);
    for (const call of LIMITED_CALLS) {
      expect(await entrance.call(call, await goodParams(call, world), {})).toMatchObject({ ok: {} });
      const beyond = await goodParams(call, world);
      const before = await store.read();
      for (let repeat = 0; repeat < 3; repeat += 1) {
        expect(await entrance.call(call, beyond, {})).toEqual(refusalAt(kind));
      }
      expectUnchanged(before, await store.read());
    }
    for (const call of CALLS.filter((name) => !LIMITED_CALLS.includes(name))) {
      const params = { ...(await goodParams(call, world)), api_key: world.acme.apiKey };
      for (let repeat = 0; repeat < 3; repeat += 1) {
        expect(await entrance.call(call, params, {})).not.toMatchObject({ reason: 'RATE_LIMITED' });
      }
    }
    entrance.close();
  },
);

test.each(ACCOUNT_ENTRANCES)(
  '$name: what asks for a mail beyond the limit of an organization is told RATE_LIMITED with a wait, alike for every address',
  async (kind) => {
    for (const call of LIMITED_ACCOUNT_CALLS) {
      const { server, store } = await serverOnce({ ...NO_LIMITS, mail_request: ONCE_A_DAY });
      const world = await createWorld(server);
      const entrance = kind.enter(server);
      const good = await goodMailParams(call, world);
      expect(await entrance.call(call, good, {})).toMatchObject({ ok: {} });
      await untilAnswered(server);
      const before = await store.read();
      const unknown = { ...good, ...(call === 'changeEmail' ? {} : { email: 'nobody@example.com' }) };
      expect(await entrance.call(call, good, {})).toEqual(refusalAt(kind));
      expect(await entrance.call(call, unknown, {})).toEqual(refusalAt(kind));
      expectUnchanged(before, await store.read());
      const other = await server.createOrganization('Another');
      const elsewhere = { email: 'nobody@example.com', api_key: other.apiKey };
      expect(await entrance.call('forgotPassword', elsewhere, {})).toEqual({ ok: {} });
      entrance.close();
    }
  },
);

test.each(SECOND_FACTOR_ENTRANCES)(
  '$name: a code by mail beyond the limit of its caller is told RATE_LIMITED with a wait, and is limited by mails alone where nobody is named',
  async (kind) => {
    const { server, store } = await serverOnce({ ...NO_LIMITS, mail_request: ONCE_A_DAY });
    const world = await createWorld(server);
    const entrance = kind.enter(server);
    for (const call of LIMITED_FACTOR_CALLS) {
      const [first, beyond] = [await goodFactorParams(call, world), await goodFactorParams(call, world)];
      const key = { api_key: world.acme.apiKey };
      expect(await entrance.call(call, { ...first, ...key }, {})).toMatchObject({ ok: {} });
      await untilAnswered(server);
      const before = await store.read();
      expect(await entrance.call(call, { ...beyond, ...key }, {})).toEqual(refusalAt(kind));
      expectUnchanged(before, await store.read());
      for (let repeat = 0; repeat < 3; repeat += 1) {
        expect(await entrance.call(call, beyond, {})).toMatchObject({ ok: {} });
      }
    }
    entrance.close();
  },
);

test.each(ORGANIZATION_ENTRANCES)(
  '$name: open sign-up of organizations is limited by address, and the administrator is not',
  async (kind) => {
    const { server, store } = await serverOnce();
    const entrance = kind.enter(server);
    const create = (name: string, headers = {}) => entrance.call('createOrganization', { name }, headers);
    expect(await create('First')).toMatchObject({ ok: {} });
    const before = await store.read();
    expect(await create('Second')).toEqual(refusalAt(kind));
    expect(await create('Third', { authorization: 'Bearer afadm_wrong' })).toEqual(refusalAt(kind));
    expectUnchanged(before, await store.read());
    for (const name of ['Fourth', 'Fifth', 'Sixth']) {
      expect(await create(name, { authorization: `Bearer ${server.adminToken}` })).toMatchObject({ ok: {} });
    }
    entrance.close();
  },
);
