import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuthFlow, AuthFlowClient, AuthFlowError, type SessionArguments } from '@authflow/client';
import { AuthFlowFake } from '@authflow/client/fake';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { UserService } from '@authflow/stubs/authflow/v1/user_service_pb';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ADMIN, newOrganization, newSession, PASSWORD } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { control, fromStand, GRPC, HTTP } from './support/stand.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

interface Step {
  readonly call: Exclude<keyof AuthFlow, 'close'>;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly save?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly fields?: readonly string[] };
}

/** What is done beside the client. */
type Beside =
  | { readonly roles: readonly string[]; readonly email: string }
  | {
      readonly mail: string;
      readonly email: string;
      readonly to: string;
      readonly age_seconds?: number;
      readonly save: string;
    };

interface Case<S = Step> {
  readonly name: string;
  readonly steps: readonly S[];
}

const { cases }: { readonly cases: readonly Case[] } = readVectors('fake-behaviour');
const { cases: accountCases }: { readonly cases: readonly Case<Step | Beside>[] } =
  readVectors('fake-account-behaviour');

describe.each([
  ['the fake', async () => new AuthFlowFake()],
  ['a server, by gRPC', async () => new AuthFlowClient({ address: GRPC, ...(await keyOfNewOrganization()) })],
  ['a server, by fetch', async () => new AuthFlowFetchClient({ url: HTTP, ...(await keyOfNewOrganization()) })],
] as const)('%s', (_, connect) => {
  test.each(cases)('$name', async ({ steps }) => {
    const client: AuthFlow = await connect();
    const saved = new Map<string, string>();
    for (const step of steps) {
      await take(client, step, saved);
    }
    client.close();
  });
});

describe.each([
  ['gRPC', (apiKey: string) => new AuthFlowClient({ address: GRPC, apiKey })],
  ['fetch', (apiKey: string) => new AuthFlowFetchClient({ url: HTTP, apiKey })],
] as const)('a server, about accounts, by %s', (_, connect) => {
  test.each(accountCases)('$name', async ({ steps }) => {
    const { orgId, apiKey } = await newOrganization();
    const client = connect(apiKey);
    const saved = new Map<string, string>();
    for (const step of steps) {
      if ('roles' in step) {
        await giveRoles(orgId, step);
      } else if ('mail' in step) {
        const { mail: kind, email, to, age_seconds = 0 } = step;
        const asked = new URLSearchParams({ org_id: orgId, kind, email, to, age_seconds: String(age_seconds) });
        saved.set(step.save, JSON.parse(await control(`mail-tokens?${asked}`)).token);
      } else {
        await take(client, step, saved);
      }
    }
    client.close();
  });
});

describe('the fake, about accounts', () => {
  test.each(accountCases)('$name', async ({ steps }) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const fake = new AuthFlowFake();
    const saved = new Map<string, string>();
    for (const step of steps) {
      if ('roles' in step) {
        fake.setRoles(step.email, step.roles);
      } else if ('mail' in step) {
        saved.set(step.save, mailed(fake, step.mail, step.to));
        vi.advanceTimersByTime((step.age_seconds ?? 0) * 1_000);
      } else {
        await take(fake, step, saved);
      }
    }
  });

  test('asks for a proof that is fresh, and ends tokens and sessions in their time', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const fake = new AuthFlowFake();
    const { email, sessionToken } = await newSession(fake);
    await fake.forgotPassword({ email });
    await fake.sendVerificationEmail({ email });
    vi.advanceTimersByTime(30 * MINUTE_MS);
    const expired = { code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' };
    const newPassword = 'Difference-1822';
    const reset = fake.resetPassword({ token: mailed(fake, 'reset', email), newPassword });
    expect(await rejection(reset)).toMatchObject(expired);
    const change = { sessionToken, newEmail: 'ada@example.org' };
    const stale = { code: 'PERMISSION_DENIED', reason: 'REAUTHENTICATION_REQUIRED', statusCode: 403 };
    expect(await rejection(fake.changeEmail(change))).toMatchObject(stale);
    expect(await rejection(fake.deleteAccount({ sessionToken }))).toMatchObject(stale);
    await fake.changeEmail({ ...change, currentPassword: PASSWORD });
    await fake.verifyEmail({ token: mailed(fake, 'verify', email) });
    vi.advanceTimersByTime(60 * MINUTE_MS);
    const moved = fake.verifyEmail({ token: mailed(fake, 'change_email', 'ada@example.org') });
    expect(await rejection(moved)).toMatchObject(expired);

    const renewed = await fake.renewSession({ sessionToken });
    expect(renewed.expiresAt).toEqual((await fake.validate({ sessionToken })).expiresAt);
    vi.advanceTimersByTime(6 * DAY_MS);
    const { token, expiresAt } = await fake.renewSession({ sessionToken });
    expect(expiresAt.getTime() - Date.now()).toBeGreaterThan(6.9 * DAY_MS);
    vi.advanceTimersByTime(DAY_MS);
    expect(await rejection(fake.validate({ sessionToken }))).toMatchObject({ reason: 'SESSION_EXPIRED' });
    expect(await fake.validate({ sessionToken: token })).toMatchObject({ expiresAt });
  });

  test('gives no roles to nobody', () => {
    expect(() => new AuthFlowFake().setRoles('ada@example.com', ['editor'])).toThrow('ada@example.com');
  });
});

describe('the fake', () => {
  test('fails as no connection does while it is unreachable', async () => {
    const fake = new AuthFlowFake();
    const session = await newSession(fake);
    fake.unreachable = true;
    for (const call of [
      fake.fooBar({ identity: session.email }),
      fake.login({ email: session.email, password: 'Analytical-1843' }),
      fake.validate(session),
      fake.logout(session),
    ]) {
      expect(await rejection(call)).toMatchObject({ code: 'UNAVAILABLE', reason: '', statusCode: 503 });
    }
    fake.unreachable = false;
    expect(await fake.validate(session)).toMatchObject({ email: session.email });
  });

  test('gives tokens that begin with fake. and that a server refuses', async () => {
    const { sessionToken } = await newSession(new AuthFlowFake());
    expect(sessionToken).toMatch(/^fake\.[\w-]+\.[\w-]+$/);
    const client = new AuthFlowClient({ address: GRPC, ...(await keyOfNewOrganization()) });
    expect(await rejection(client.validate({ sessionToken }))).toMatchObject({ reason: 'SESSION_INVALID' });
    client.close();
  });

  test('refuses a session token that is missing, as a server does', async () => {
    const args = { sessionToken: undefined } as unknown as SessionArguments;
    expect(await rejection(new AuthFlowFake().validate(args))).toMatchObject({ reason: 'SESSION_INVALID' });
  });

  test('heeds signals and is closed as a client is', async () => {
    const fake = new AuthFlowFake();
    expect(
      await rejection(fake.fooBar({ identity: 'ada@example.com' }, { signal: AbortSignal.abort() })),
    ).toMatchObject({
      name: 'AbortError',
    });
    fake.close();
    expect(await rejection(fake.fooBar({ identity: 'ada@example.com' }))).toMatchObject({ code: 'CANCELLED' });
  });

  test('takes e-mails and names of any script, and no hostile ones', async () => {
    const fake = new AuthFlowFake();
    const user = { password: 'Ünïcode-1843', fullname: ' Ада Лавлейс 👩‍💻 ', disclaimed: true };
    expect(await fake.signUp({ ...user, email: 'Ада@Пример.example' })).toMatchObject({
      email: 'ада@xn--e1afmkfd.example',
      fullname: 'Ада Лавлейс 👩‍💻',
    });
    for (const email of [
      'ada@127.0.0.1',
      'ada@a b.example',
      'a@b@c.example ',
      '@example.com',
      `${'a'.repeat(250)}@b.example`,
    ]) {
      expect(await rejection(fake.signUp({ ...user, email }))).toMatchObject({ reason: 'INVALID_ARGUMENT' });
    }
  });
});

/** Makes a call of a case and compares what comes of it. */
async function take(client: AuthFlow, step: Step, saved: Map<string, string>): Promise<void> {
  const { call, arguments: args, save, result, error } = step;
  const outcome = client[call](withSaved(args, saved) as never);
  if (error !== undefined) {
    const { fields, ...wanted } = error;
    const rejected = await rejection(outcome);
    expect(rejected).toBeInstanceOf(AuthFlowError);
    expect(rejected).toMatchObject(wanted);
    expect(fieldsOf(rejected)).toEqual((fields ?? []).toSorted());
    return;
  }
  const answer = await outcome;
  const serialized = JSON.parse(JSON.stringify(Array.isArray(answer) ? { sessions: answer } : (answer ?? {})));
  expect({ ended_sessions: serialized.endedSessions, ...serialized }).toMatchObject(result ?? {});
  if (save !== undefined) {
    saved.set(save, serialized.session_id ?? Object(answer).token);
  }
}

/** As a backend does it. */
async function giveRoles(
  orgId: string,
  { email, roles }: { readonly email: string; readonly roles: readonly string[] },
) {
  const stub = createClient(UserService, createGrpcTransport({ baseUrl: `http://${GRPC}` }));
  const { users } = await stub.listUsers({ orgId, search: email }, ADMIN);
  await stub.updateUser({ orgId, userId: users[0]?.userId ?? '', updateMask: ['roles'], roles: [...roles] }, ADMIN);
}

/** The token of the last mail of a kind to an address. */
function mailed(fake: AuthFlowFake, kind: string, to: string): string {
  return fake.mails.findLast((each) => each.kind === kind && each.to === to)?.token ?? '';
}

function readVectors(name: string) {
  return JSON.parse(readFileSync(join(fromStand('AUTHFLOW_TEST_VECTORS'), `${name}.json`), 'utf8'));
}

async function keyOfNewOrganization(): Promise<{ readonly apiKey: string }> {
  const { apiKey } = await newOrganization();
  return { apiKey };
}

function withSaved(args: Step['arguments'], saved: ReadonlyMap<string, string>): Step['arguments'] {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      typeof value === 'string' && value.startsWith('$') ? saved.get(value.slice(1)) : value,
    ]),
  );
}

function fieldsOf(error: unknown): readonly string[] {
  return error instanceof AuthFlowError ? error.violations.map(({ field }) => field).toSorted() : [];
}
