import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { BY_MAIL_REFUSALS, CALLS_BY_MAIL, goodMailParams } from './matrix/accounts-by-mail.ts';
import type { AccountCallName, Entrance, Fields, Success } from './matrix/entrance.ts';
import { ACCOUNT_ENTRANCES, ENTRANCES } from './matrix/entrances.ts';
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

  async function ok(call: AccountCallName, params: Fields): Promise<Success['ok']> {
    const answer = await entrance.call(call, params, {});
    return 'ok' in answer ? answer.ok : Promise.reject(new Error(`${answer.reason}: ${answer.message}`));
  }

  test.each(askable(kind, BY_MAIL_REFUSALS).map((scenario) => [titleOf(scenario), scenario] as const))(
    '%s',
    (_, scenario) => expectRefused({ kind, server, world, entrance, store }, scenario),
  );

  test('leads a user from a proven address over a reset and another address to the end of the account', async () => {
    const { acme, newUser, newEmail, mailToken, nonce } = world;
    const user = await newUser();
    const { email, userId: user_id } = user;
    const { orgId: org_id, apiKey: api_key } = acme;
    expect(await ok('sendVerificationEmail', { email, api_key })).toEqual({});
    const token = await mailToken(user, 'verify_email');
    for (let clicks = 0; clicks < 2; clicks += 1) {
      expect(await ok('verifyEmail', { token })).toEqual({ email, user_id, org_id });
    }
    await world.session(user);
    expect(await ok('forgotPassword', { email, api_key })).toEqual({});
    const reset = { token: await mailToken(user, 'reset_password'), newPassword: 'Another-one-2' };
    expect(await ok('resetPassword', reset)).toEqual({ email, org_id, ended_sessions: 1 });
    expect(await entrance.call('resetPassword', reset, {})).toMatchObject({ reason: 'TOKEN_INVALID' });

    const six = kindOfSix(kind.name).enter(server);
    const login = async (email: string, password: string) => {
      const answer = await six.call('login', { foobar: await nonce(email), email, password, api_key }, {});
      return 'ok' in answer ? String(answer.ok.token) : Promise.reject(new Error(answer.message));
    };
    const sessionToken = await login(email, 'Another-one-2');
    const next = newEmail();
    expect(await ok('changeEmail', { sessionToken, email, newEmail: next, org_id })).toEqual({});
    const change = { token: await mailToken(user, 'change_email', { newEmail: next }) };
    expect(await ok('verifyEmail', change)).toEqual({ email: next, user_id, org_id });
    const moved = { sessionToken: await login(next, 'Another-one-2'), email: next, api_key };
    const wrong = { ...moved, currentPassword: PASSWORD };
    expect(await entrance.call('deleteAccount', wrong, {})).toMatchObject({ reason: 'CREDENTIALS_INVALID' });
    expect(await ok('deleteAccount', { ...moved, currentPassword: 'Another-one-2' })).toEqual({ ended_sessions: 1 });
    await expect(login(next, 'Another-one-2')).rejects.toThrow(/no such user/);
    six.close();
  });

  test('a key in a header opens what a key opens, and hinders nothing that takes none', async () => {
    const headers = { 'x-api-key': world.acme.apiKey };
    for (const call of CALLS_BY_MAIL) {
      const { api_key: _, ...params } = await goodMailParams(call, world);
      expect({ call, ...(await entrance.call(call, params, headers)) }).toMatchObject({ call, ok: {} });
    }
    const params = await goodMailParams('verifyEmail', world);
    expect(await entrance.call('verifyEmail', params, { 'x-api-key': 'af_wrong' })).toMatchObject({ ok: {} });
  });
});

function kindOfSix(name: string) {
  const kind = ENTRANCES.find((each) => each.name === name);
  if (kind === undefined) {
    throw new Error(`The six calls have no entrance ${name}.`);
  }
  return kind;
}
