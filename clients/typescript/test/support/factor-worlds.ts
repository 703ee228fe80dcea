import { type AuthFlow, AuthFlowClient } from '@authflow/client';
import { AuthFlowFake } from '@authflow/client/fake';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { UserService } from '@authflow/stubs/authflow/v1/user_service_pb';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { onTestFinished, vi } from 'vitest';
import { ADMIN, newOrganization, organizations } from './organization.ts';
import { control, GRPC, HTTP } from './stand.ts';

/** An organization of its own, and what is done to it beside the client. */
export interface FactorWorld {
  readonly client: AuthFlow;
  /** Its server's clock, in milliseconds. */
  now(): Promise<number>;
  /** Puts that clock forward. */
  later(seconds: number): Promise<unknown>;
  set(settings: FactorSettings): Promise<unknown>;
  setPassword(email: string, newPassword: string, mustChange: boolean): Promise<unknown>;
  /** The token of a mail that proves an address. */
  verifyToken(email: string): Promise<string>;
}

/** What an organization may set. */
export interface FactorSettings {
  readonly secondFactor?: 'optional' | 'required' | 'off';
  readonly requireVerifiedEmail?: boolean;
  readonly loginByEmail?: boolean;
}

/** The fake and a server by both clients, by their names. They end with the test. */
export const FACTOR_WORLDS: ReadonlyArray<readonly [string, () => Promise<FactorWorld>]> = [
  ['the fake', async () => fakeWorld()],
  ['a server, by gRPC', () => serverWorld((apiKey) => new AuthFlowClient({ address: GRPC, apiKey }))],
  ['a server, by fetch', () => serverWorld((apiKey) => new AuthFlowFetchClient({ url: HTTP, apiKey }))],
];

function fakeWorld(): FactorWorld {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const fake = new AuthFlowFake();
  return {
    client: fake,
    now: async () => Date.now(),
    later: async (seconds) => vi.advanceTimersByTime(seconds * 1_000),
    set: async (settings) => Object.assign(fake.settings, settings),
    setPassword: async (email, newPassword, mustChange) => fake.setPassword(email, newPassword, { mustChange }),
    async verifyToken(email) {
      await fake.sendVerificationEmail({ email });
      return fake.mails.at(-1)?.token ?? '';
    },
  };
}

async function serverWorld(connect: (apiKey: string) => AuthFlow): Promise<FactorWorld> {
  const { orgId, apiKey } = await newOrganization();
  const client = connect(apiKey);
  onTestFinished(() => client.close());
  const users = createClient(UserService, createGrpcTransport({ baseUrl: `http://${GRPC}` }));
  const names = {
    secondFactor: 'second_factor',
    requireVerifiedEmail: 'require_verified_email',
    loginByEmail: 'login_by_email',
  };
  return {
    client,
    // A nonce is good for five minutes, told in whole seconds.
    now: async () => (await client.fooBar({ identity: 'ada@example.com' })).expiresAt.getTime() - 5 * 60_000,
    later: (seconds) => control(`clock?seconds=${seconds}`),
    set(settings) {
      const updateMask = Object.keys(settings).map((name) => names[name as keyof FactorSettings]);
      return organizations().updateOrganization({ orgId, updateMask, ...settings }, ADMIN);
    },
    async setPassword(email, newPassword, mustChange) {
      const { users: found } = await users.listUsers({ orgId, search: email }, ADMIN);
      return users.setPassword({ orgId, userId: found[0]?.userId ?? '', newPassword, mustChange }, ADMIN);
    },
    async verifyToken(email) {
      const asked = new URLSearchParams({ org_id: orgId, kind: 'verify', email, to: email });
      return JSON.parse(await control(`mail-tokens?${asked}`)).token;
    },
  };
}
