import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuthFlow, AuthFlowClient, AuthFlowError, type SessionArguments } from '@authflow/client';
import { AuthFlowFake } from '@authflow/client/fake';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { describe, expect, test } from 'vitest';
import { newOrganization, newSession } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { fromStand, GRPC, HTTP } from './support/stand.ts';

interface Step {
  readonly call: Exclude<keyof AuthFlow, 'close'>;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly save?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly fields?: readonly string[] };
}

interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
}

const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(join(fromStand('AUTHFLOW_TEST_VECTORS'), 'fake-behaviour.json'), 'utf8'),
);

describe.each([
  ['the fake', async () => new AuthFlowFake()],
  ['a server, by gRPC', async () => new AuthFlowClient({ address: GRPC, ...(await keyOfNewOrganization()) })],
  ['a server, by fetch', async () => new AuthFlowFetchClient({ url: HTTP, ...(await keyOfNewOrganization()) })],
] as const)('%s', (_, connect) => {
  test.each(cases)('$name', async ({ steps }) => {
    const client: AuthFlow = await connect();
    const saved = new Map<string, string>();
    for (const { call, arguments: args, save, result, error } of steps) {
      const outcome = client[call](withSaved(args, saved) as never);
      if (error !== undefined) {
        const { fields, ...wanted } = error;
        const rejected = await rejection(outcome);
        expect(rejected).toBeInstanceOf(AuthFlowError);
        expect(rejected).toMatchObject(wanted);
        expect(fieldsOf(rejected)).toEqual((fields ?? []).toSorted());
        continue;
      }
      const answer = await outcome;
      const serialized = JSON.parse(JSON.stringify(answer ?? {}));
      expect({ ended_sessions: serialized.endedSessions, ...serialized }).toMatchObject(result ?? {});
      if (save !== undefined && answer !== undefined && 'token' in answer) {
        saved.set(save, answer.token);
      }
    }
    client.close();
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
