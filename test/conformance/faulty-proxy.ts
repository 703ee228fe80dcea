import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request on its way. */
export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A reply on its way back. */
export interface ProxiedReply {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** What the proxy does with a request instead of passing it on as it is. */
export type Fault = (
  request: ProxiedRequest,
  pass: (request: ProxiedRequest) => Promise<ProxiedReply>,
) => Promise<ProxiedReply>;

export interface FaultyProxy extends AsyncDisposable {
  readonly address: URL;
}

/** Starts a proxy over HTTP/1.1 in front of a server, with one fault. */
export async function startFaultyProxy(origin: string, fault: Fault): Promise<FaultyProxy> {
  const pass = (request: ProxiedRequest) => passOn(origin, request);
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming;
    const reply = await fault({ method, path, headers, body: await buffer(incoming) }, pass);
    const { 'transfer-encoding': _, connection: __, ...others } = reply.headers;
    outgoing.writeHead(reply.status, {
      ...others,
      ...(method === 'HEAD' ? {} : { 'content-length': reply.body.length }),
    });
    outgoing.end(reply.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function passOn(origin: string, { method, path, headers, body }: ProxiedRequest): Promise<ProxiedReply> {
  const { 'transfer-encoding': _, 'content-length': __, connection: ___, ...others } = headers;
  const framing = body.length === 0 ? {} : { 'content-length': body.length };
  const outgoing = send(new URL(origin), { method, path, headers: { ...others, ...framing } });
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response');
  return { status: incoming.statusCode, headers: incoming.headers, body: await buffer(incoming) };
}
