import { once } from 'node:events';
import { request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LoginArguments } from '@authflow/client';
import { requireSession as expressSession } from '@authflow/client/express';
import { AuthFlowFake } from '@authflow/client/fake';
import { requireSession as fastifySession } from '@authflow/client/fastify';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { PreviousSessionInterceptor } from '@authflow/client/nest';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import express from 'express';
import Fastify from 'fastify';
import { EMPTY } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { APPS } from './support/apps.ts';
import { newSession, PASSWORD } from './support/organization.ts';

const EMAIL = 'ada@example.com';
const SECRET_OF_ANOTHER = 'another-partys-secret';

test.each([
  ['nothing', undefined, undefined],
  ['an empty text', '', undefined],
  ['a token', 'header.payload.signature', 'header.payload.signature'],
  ['the longest that a server reads', 'a'.repeat(8_192), 'a'.repeat(8_192)],
  ['a longer one', 'a'.repeat(8_193), undefined],
  ['half a character', 'header.payload.\ud800', undefined],
])('login and loginStep tell of %s what a request can carry', async (_, given, told) => {
  const { login, loginStep, sent } = recordingClient();
  await login({ sessionToken: given });
  await loginStep({ sessionToken: given });
  expect(sent).toEqual([told, told]);
});

describe.each(APPS)('%s', (_, startApp) => {
  const cases = [
    ['a live session', 'live', {}, 'live'],
    ['an ended one where sessions are optional', 'ended', { optional: true }, 'ended'],
    ['an ended one on a public path', 'ended', { public: ['/api/login'] }, 'ended'],
    ['no secret of another party', SECRET_OF_ANOTHER, { public: ['/api/login'] }, undefined],
    ['no secret of another party where sessions are optional', SECRET_OF_ANOTHER, { optional: true }, undefined],
    ['nothing where there is none', undefined, { public: ['/api/login'] }, undefined],
  ] as const;

  test.each(cases)('lets a login tell %s', async (_case, sent, options, told) => {
    const tokens = await sessions();
    const { login, sent: recorded } = recordingClient();
    const app = await startApp(tokens.fake, { ...options, handle: () => login({}) });
    onTestFinished(() => app.stop());
    await visit(app.origin, tokens.of(sent));
    expect(recorded).toEqual([tokens.of(told)]);
  });

  test('takes the session of a login from where it was told to', async () => {
    const { ended, fake } = await sessions();
    const { login, sent } = recordingClient();
    const app = await startApp(fake, { cookie: 'session', public: ['/api/login'], handle: () => login({}) });
    onTestFinished(() => app.stop());
    await fetch(`${app.origin}/api/login`, { headers: { cookie: `session=${ended}` } });
    expect(sent).toEqual([ended]);
  });

  test('lets a login tell what it was given, nothing too', async () => {
    const { live, ended, fake } = await sessions();
    const { login, sent } = recordingClient();
    const app = await startApp(fake, {
      async handle() {
        await login({ sessionToken: ended });
        await login({ sessionToken: '' });
      },
    });
    onTestFinished(() => app.stop());
    await visit(app.origin, live);
    expect(sent).toEqual([ended, undefined]);
  });

  test('keeps requests on one connection apart', async () => {
    const { live, fake } = await sessions();
    const { login, sent } = recordingClient();
    const app = await startApp(fake, { optional: true, handle: () => login({}) });
    onTestFinished(() => app.stop());
    for (const token of [live, undefined, live]) {
      await visit(app.origin, token);
    }
    expect(sent).toEqual([live, undefined, live]);
  });
});

test.each([
  [
    'Express',
    async (fake: AuthFlowFake, { extract, handle }: Piecewise) => {
      const app = express();
      app.use(expressSession(fake, { public: ['/login'], extract }), express.json());
      app.post('/login', async (request, response) => {
        await handle();
        response.json(request.body);
      });
      const server = app.listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => void server.close());
      return (server.address() as AddressInfo).port;
    },
  ],
  [
    'Fastify',
    async (fake: AuthFlowFake, { extract, handle }: Piecewise) => {
      const app = Fastify();
      app.addHook('onRequest', fastifySession(fake, { public: ['/login'], extract }));
      app.post('/login', async (request) => {
        await handle();
        return request.body;
      });
      onTestFinished(() => app.close());
      return Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
    },
  ],
] as const)('%s keeps the session while a body comes piece by piece', async (_, start) => {
  const { ended, fake } = await sessions();
  const { login, sent } = recordingClient();
  const asked = Promise.withResolvers<void>();
  const extract = () => {
    asked.resolve();
    return ended;
  };
  const port = await start(fake, { extract, handle: () => login({}) });
  const headers = { 'content-type': 'application/json' };
  const request = sendRequest({ host: '127.0.0.1', port, path: '/login', method: 'POST', headers });
  request.flushHeaders();
  await asked.promise;
  request.write('{"email":');
  request.end(`"${EMAIL}"}`);
  const [response] = await once(request, 'response');
  expect(response).toMatchObject({ statusCode: 200 });
  response.resume();
  expect(sent).toEqual([ended]);
});

interface Piecewise {
  readonly extract: () => string;
  readonly handle: () => Promise<unknown>;
}

test("Nest's interceptor lets through what has no request", () => {
  const interceptor = new PreviousSessionInterceptor();
  expect(interceptor.intercept(new ExecutionContextHost([]), { handle: () => EMPTY })).toBe(EMPTY);
});

/** A fake with a user, and tokens of a session that is live and of one that has ended. */
async function sessions() {
  const fake = new AuthFlowFake();
  const { email, sessionToken: ended } = await newSession(fake);
  const { token: live } = await fake.login({ email, password: PASSWORD });
  await fake.logout({ sessionToken: ended });
  const of = (name: string | undefined) => (name === 'live' ? live : name === 'ended' ? ended : name);
  return { fake, live, ended, of };
}

/** A client that notes the session token of each login, undefined where none was sent. */
function recordingClient() {
  const sent: unknown[] = [];
  const session = { user_id: '1', email: EMAIL, fullname: 'Ada', org_id: '2', expires_at: '2030-01-02T03:04:05Z' };
  const client = new AuthFlowFetchClient({
    url: 'http://authflow.example',
    apiKey: `af_${'A'.repeat(43)}`,
    async fetch(input, init) {
      const fields = JSON.parse(String(init?.body));
      if (String(input).endsWith('/login')) {
        sent.push(fields.sessionToken);
      }
      return Response.json({ statusCode: 200, token: 'token', ...session });
    },
  });
  const login = (args: Partial<LoginArguments>) => client.login({ email: EMAIL, password: PASSWORD, ...args });
  const loginStep = (args: Partial<LoginArguments>) => client.loginStep({ email: EMAIL, password: PASSWORD, ...args });
  return { login, loginStep, sent };
}

async function visit(origin: string, token: string | undefined): Promise<void> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  expect((await fetch(`${origin}/api/login`, { headers })).status).toBe(200);
}
