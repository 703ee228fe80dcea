import 'reflect-metadata';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AuthFlowErrorsOptions,
  authFlowErrors as expressErrors,
  requireRole as expressRole,
  requireSession as expressSession,
  type RequireSessionOptions,
  type SessionUser,
  type SessionValidator,
} from '@authflow/client/express';
import {
  authFlowErrors as fastifyErrors,
  requireRole as fastifyRole,
  requireSession as fastifySession,
} from '@authflow/client/fastify';
import {
  authFlowErrors as honoErrors,
  requireRole as honoRole,
  requireSession as honoSession,
  type SessionVariables,
} from '@authflow/client/hono';
import {
  AuthUser,
  authFlowErrors as nestErrors,
  PreviousSessionInterceptor,
  Public,
  RequireRole,
  SessionGuard,
  SessionToken,
} from '@authflow/client/nest';
import {
  type RequestSession,
  authFlowErrors as webErrors,
  requireRole as webRole,
  requireSession as webSession,
} from '@authflow/client/web';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express, { type ErrorRequestHandler, type Request as ExpressRequest } from 'express';
import Fastify, { type FastifyRequest } from 'fastify';
import { Hono } from 'hono';

/** A program of a user of ours: it answers every GET with what it finds on the request. */
export interface App {
  readonly origin: string;
  /** How often a request came through to the program. */
  entered(): number;
  stop(): Promise<void>;
}

/** Starts a program on a free port that throws an error on `/`, and tells one hook of what is answered with 500 or more. */
export type StartFailing = (error: Error, options: AuthFlowErrorsOptions) => Promise<Omit<App, 'entered'>>;

/**
 * Options that all frameworks share; `header` names one that the session is taken from, by an extractor, and `handle` is
 * what the program does before it answers.
 */
export interface AppOptions extends Omit<RequireSessionOptions<never>, 'public' | 'extract'> {
  readonly public?: readonly string[];
  readonly header?: string;
  readonly handle?: () => Promise<unknown>;
  /** What `/api/managed` needs, any of them. */
  readonly roles?: readonly string[];
}

const MANAGER = ['manager'];

const nothing = async () => {};

/** Starts a program on a free port, its sessions checked by a client. */
export type StartApp = (client: SessionValidator, options?: AppOptions) => Promise<App>;

/** What each program answers. */
interface Found {
  readonly user: SessionUser | null;
  readonly token: string | null;
}

function found(user: SessionUser | undefined, token: string | undefined): Found {
  return { user: user ?? null, token: token ?? null };
}

async function startExpress(
  client: SessionValidator,
  { header, handle = nothing, roles = MANAGER, ...options }: AppOptions = {},
): Promise<App> {
  let entered = 0;
  const app = express();
  const extract = (request: ExpressRequest) => request.get(header ?? '');
  // A router of its own, which cuts the path that its middleware sees.
  const router = express.Router();
  router.use(expressSession(client, { ...options, ...(header === undefined ? {} : { extract }) }));
  router.use('/managed', expressRole(...roles));
  router.get('/{*any}', async (request, response) => {
    entered += 1;
    await handle();
    response.json(found(request.authUser, request.sessionToken));
  });
  app.use('/api', router);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: originOf(server),
    entered: () => entered,
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function startFastify(
  client: SessionValidator,
  { header, handle = nothing, roles = MANAGER, ...options }: AppOptions = {},
): Promise<App> {
  let entered = 0;
  const app = Fastify();
  const extract = (request: FastifyRequest) => request.headers[header ?? '']?.toString();
  app.addHook('onRequest', fastifySession(client, { ...options, ...(header === undefined ? {} : { extract }) }));
  const answerTo = async (request: FastifyRequest) => {
    entered += 1;
    await handle();
    return found(request.authUser, request.sessionToken);
  };
  app.get('/api/managed', { onRequest: fastifyRole(...roles) }, answerTo);
  app.get('/api/*', answerTo);
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return { origin, entered: () => entered, stop: () => app.close() };
}

async function startNest(
  client: SessionValidator,
  { header, handle = nothing, roles = MANAGER, ...options }: AppOptions = {},
): Promise<App> {
  let entered = 0;
  class Api {
    // The first that fits answers.
    open(): Promise<Found> {
      return this.find(undefined, undefined);
    }
    managed(user: SessionUser | undefined, token: string | undefined): Promise<Found> {
      return this.find(user, token);
    }
    async find(user: SessionUser | undefined, token: string | undefined): Promise<Found> {
      entered += 1;
      await handle();
      return found(user, token);
    }
  }
  class AppModule {}
  // What Nest's decorators do, without the syntax that Node cannot strip.
  for (const name of ['find', 'managed']) {
    AuthUser()(Api.prototype, name, 0);
    SessionToken()(Api.prototype, name, 1);
  }
  for (const [name, path] of [
    ['open', 'declared-public'],
    ['managed', 'managed'],
    ['find', '*any'],
  ] as const) {
    Get(path)(Api.prototype, name, Object.getOwnPropertyDescriptor(Api.prototype, name) ?? {});
  }
  Public()(Api.prototype, 'open', Object.getOwnPropertyDescriptor(Api.prototype, 'open') ?? {});
  RequireRole(...roles)(Api.prototype, 'managed', Object.getOwnPropertyDescriptor(Api.prototype, 'managed') ?? {});
  Controller('api')(Api);
  Module({ controllers: [Api] })(AppModule);

  const app = await NestFactory.create(AppModule, { logger: false });
  const extract = (request: object) => (request as ExpressRequest).get(header ?? '');
  app.useGlobalGuards(new SessionGuard(client, { ...options, ...(header === undefined ? {} : { extract }) }));
  app.useGlobalInterceptors(new PreviousSessionInterceptor());
  await app.listen(0, '127.0.0.1');
  return { origin: originOf(app.getHttpServer()), entered: () => entered, stop: () => app.close() };
}

async function startHono(
  client: SessionValidator,
  { header, handle = nothing, roles = MANAGER, ...options }: AppOptions = {},
): Promise<App> {
  const app = new Hono<{ Variables: SessionVariables }>();
  const extract = (context: { readonly req: { header(name: string): string | undefined } }) =>
    context.req.header(header ?? '');
  let entered = 0;
  const withSession = honoSession(client, { ...options, ...(header === undefined ? {} : { extract }) });
  app.use('/api/*', withSession);
  app.use('/api/managed', honoRole(...roles));
  app.get('/api/*', async (context) => {
    entered += 1;
    await handle();
    return context.json(found(context.get('authUser'), context.get('sessionToken')));
  });
  return serve(
    async (request) => app.fetch(request),
    () => entered,
  );
}

async function startWeb(
  client: SessionValidator,
  { header, handle = nothing, roles = MANAGER, ...options }: AppOptions = {},
): Promise<App> {
  let entered = 0;
  const extract = (request: Request) => request.headers.get(header ?? '');
  const all: RequireSessionOptions<Request> = { ...options, ...(header === undefined ? {} : { extract }) };
  const answerTo = async (_request: Request, session: RequestSession | null) => {
    entered += 1;
    await handle();
    return Response.json(found(session?.user, session?.sessionToken));
  };
  const withSession = webSession(client, { ...all, optional: options.optional ?? false });
  const answer = withSession(answerTo);
  const answerManaged = withSession(webRole(...roles)(answerTo));
  return serve(
    (request) => (request.url.endsWith('/api/managed') ? answerManaged(request) : answer(request)),
    () => entered,
  );
}

/** As web-standard runtimes do it. */
async function serve(handler: (request: Request) => Promise<Response>, entered: () => number): Promise<App> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const reply = await handler(new Request(`http://${request.headers.host}${request.url}`, { headers }));
    response.writeHead(reply.status, Object.fromEntries(reply.headers)).end(await reply.text());
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: originOf(server),
    entered,
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function originOf(server: { address(): AddressInfo | string | null }): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The frameworks, by their name. */
export const APPS: ReadonlyArray<readonly [string, StartApp]> = [
  ['Express', startExpress],
  ['Fastify', startFastify],
  ['Nest', startNest],
  ['Hono', startHono],
  ['a web-standard handler', startWeb],
];

/** The frameworks with their error handlers, by their name. */
export const FAILING: ReadonlyArray<readonly [string, StartFailing]> = [
  [
    'Express',
    async (error, options) => {
      const app = express();
      app.get('/', () => {
        throw error;
      });
      app.use(expressErrors(options));
      app.use(((passedOn, _request, response, _next) => {
        response.status(500).send(`passed on: ${passedOn.message}`);
      }) satisfies ErrorRequestHandler);
      const server = app.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return {
        origin: originOf(server),
        async stop() {
          server.closeAllConnections();
          server.close();
        },
      };
    },
  ],
  [
    'Fastify',
    async (error, options) => {
      const app = Fastify();
      app.setErrorHandler((passedOn, _request, reply) =>
        reply.code(500).send(`passed on: ${passedOn instanceof Error ? passedOn.message : ''}`),
      );
      app.register(async (plugin) => {
        plugin.setErrorHandler(fastifyErrors(options));
        plugin.get('/', async () => {
          throw error;
        });
      });
      return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), stop: () => app.close() };
    },
  ],
  [
    'Nest',
    async (error, options) => {
      class Api {
        fail(): void {
          throw error;
        }
      }
      class AppModule {}
      Get()(Api.prototype, 'fail', Object.getOwnPropertyDescriptor(Api.prototype, 'fail') ?? {});
      Controller()(Api);
      Module({ controllers: [Api] })(AppModule);
      const app = await NestFactory.create(AppModule, { logger: false });
      app.useGlobalFilters(nestErrors(options));
      await app.listen(0, '127.0.0.1');
      return { origin: originOf(app.getHttpServer()), stop: () => app.close() };
    },
  ],
  [
    'Hono',
    async (error, options) => {
      const app = new Hono().get('/', () => {
        throw error;
      });
      app.onError(
        honoErrors({
          ...options,
          otherwise: ({ message }, context) => context.text(`passed on: ${message}`, 500),
        }),
      );
      return serve(
        async (request) => app.fetch(request),
        () => 0,
      );
    },
  ],
  [
    'a web-standard handler',
    async (error, options) => {
      const handler = webErrors(options)((_request: Request): Response => {
        throw error;
      });
      return serve(
        (request) => handler(request).catch(({ message }) => new Response(`passed on: ${message}`, { status: 500 })),
        () => 0,
      );
    },
  ],
];
