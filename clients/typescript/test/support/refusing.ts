import type { AuthFlow } from '@authflow/client';
import { AuthFlowClient } from '@authflow/client';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { ErrorInfoSchema } from '@authflow/stubs/google/rpc/error_details_pb';
import { StatusSchema } from '@authflow/stubs/google/rpc/status_pb';
import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { onTestFinished } from 'vitest';
import { startCutServer } from './cut-server.ts';

/** What a server refuses every request with. */
export interface Refusal {
  readonly grpc: number;
  readonly http: number;
  readonly reason: string;
  /** Beside the reason, as JSON has it; gRPC has texts alone, and lists with commas. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Both clients, by their name, at servers that refuse; they end with the test. */
export const REFUSED: ReadonlyArray<
  readonly [string, (refusal: Refusal) => Promise<{ readonly client: AuthFlow; readonly requests: () => number }>]
> = [
  ['gRPC', refusedByGrpc],
  ['fetch', refusedByFetch],
];

async function refusedByGrpc({ grpc, reason, fields = {} }: Refusal) {
  const metadata = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
  const info = create(ErrorInfoSchema, { domain: 'authflow', reason, metadata });
  const status = create(StatusSchema, { code: grpc, message: 'Refused.', details: [anyPack(ErrorInfoSchema, info)] });
  const details = Buffer.from(toBinary(StatusSchema, status)).toString('base64');
  const server = await startCutServer((stream) => {
    const trailers = { 'grpc-status': String(grpc), 'grpc-message': 'Refused.', 'grpc-status-details-bin': details };
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true });
  });
  const client = new AuthFlowClient({ address: server.address, apiKey: 'af_key' });
  onTestFinished(() => {
    client.close();
    server.stop();
  });
  return { client, requests: server.requests };
}

async function refusedByFetch({ http, reason, fields = {} }: Refusal) {
  let requests = 0;
  const client = new AuthFlowFetchClient({
    url: 'http://localhost',
    apiKey: 'af_key',
    async fetch() {
      requests += 1;
      return Response.json({ statusCode: http, error: reason, message: 'Refused.', ...fields }, { status: http });
    },
  });
  onTestFinished(() => client.close());
  return { client, requests: () => requests };
}
