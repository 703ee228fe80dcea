import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  requireSession as expressSession,
  type RequireSessionOptions,
  type SessionValidator,
} from '@authflow/client/express';
import { requireSession as fastifySession } from '@authflow/client/fastify';
import express from 'express';
import Fastify from 'fastify';

/** A program of a user of ours: GET answers with the user that it finds on the request. */
export interface App {
  readonly url: string;
  /** How often a request came through to the program. */
  entered(): number;
  stop(): Promise<void>;
}

/** Starts a program on a free port, its sessions checked by a client. */
export type StartApp = (client: SessionValidator, options?: RequireSessionOptions) => Promise<App>;

async function startExpress(client: SessionValidator, options?: RequireSessionOptions): Promise<App> {
  let entered = 0;
  const app = express();
  app.get('/me', expressSession(client, options), (request, response) => {
    entered += 1;
    const userId: string | undefined = request.authUser?.userId;
    response.json({ ...request.authUser, userId });
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/me`,
    entered: () => entered,
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function startFastify(client: SessionValidator, options?: RequireSessionOptions): Promise<App> {
  let entered = 0;
  const app = Fastify();
  app.get('/me', { onRequest: fastifySession(client, options) }, async (request) => {
    entered += 1;
    const userId: string | undefined = request.authUser?.userId;
    return { ...request.authUser, userId };
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url: `${url}/me`, entered: () => entered, stop: () => app.close() };
}

/** Both frameworks, by their name. */
export const APPS: ReadonlyArray<readonly [string, StartApp]> = [
  ['Express', startExpress],
  ['Fastify', startFastify],
];
