// The server under test, as connectconformance starts it: `node server.ts http|grpc`. What it must be comes by standard
// input, where it listens goes to standard output: each is a message with its length before it. SIGTERM ends it.
import { buffer } from 'node:stream/consumers';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Ports } from '../../../src/domain/ports.ts';
import { type IncomingCall, MAX_CALL_MS } from '../../../src/operations/call.ts';
import type { Operation } from '../../../src/operations/operation.ts';
import { type Answer, Operations } from '../../../src/operations/pipeline.ts';
import { startGrpcServer } from '../../../src/transport/grpc/grpc-server.ts';
import { startHttpServer } from '../../../src/transport/http/start-http-server.ts';
import { HeldAnswers } from '../../../src/transport/net/held-answers.ts';
import { HeldBytes } from '../../../src/transport/net/held-bytes.ts';
import { TrustedProxies } from '../../../src/transport/trusted-proxies.ts';
import { unlimited } from '../../support/limits.ts';
import { openAdmission } from '../../support/open-admission.ts';
import {
  type ServerCompatRequest,
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from './gen/connectrpc/conformance/v1/server_compat_pb.js';
import { ConformanceService, type UnaryRequest } from './gen/connectrpc/conformance/v1/service_pb.js';
import { AskedFor, unary } from './unary.ts';

const LENGTH_BYTES = 4;

/** The table of operations, where a failure that the suite asked for has the code and the details that it asked for. */
class ConformanceOperations extends Operations {
  readonly #failures = new WeakMap<IncomingCall, AskedFor>();

  constructor() {
    const operations = [operation((call, error) => this.#failures.set(call, error))];
    super({
      services: [{ descriptor: ConformanceService, title: 'Conformance', sometimes: [], mayBeEmpty: [], operations }],
      // The operation touches none.
      ports: {} as Ports,
      observer: { answered() {}, failed() {}, refusedConnection() {} },
      limiter: unlimited(),
    });
  }

  override async answer(operation: Operation, call: IncomingCall): Promise<Answer> {
    const answer = await super.answer(operation, call);
    const askedFor = this.#failures.get(call);
    return 'failure' in answer && askedFor !== undefined ? { failure: askedFor.failure } : answer;
  }
}

function operation(onFailure: (call: IncomingCall, error: AskedFor) => void): Operation {
  return {
    method: ConformanceService.method.unary,
    opens: 'api_key',
    limits: { longestMs: MAX_CALL_MS },
    shedAs: null,
    rest: { methods: [], path: '', summary: '', success: '' },
    reasons: [],
    async perform({ message }, { call }) {
      try {
        return await unary(message as UnaryRequest, call);
      } catch (error) {
        if (error instanceof AskedFor) {
          onFailure(call, error);
        }
        throw error;
      }
    },
  };
}

async function start(port: string | undefined, { useTls, serverCreds }: ServerCompatRequest): Promise<number> {
  const text = (bytes: Uint8Array = new Uint8Array()) => Buffer.from(bytes).toString();
  const shared = {
    operations: new ConformanceOperations(),
    host: '127.0.0.1',
    port: 0,
    tls: useTls ? { cert: text(serverCreds?.cert), key: text(serverCreds?.key), clientCa: null } : null,
    maxConnections: 1_000,
    proxies: new TrustedProxies([]),
    heldBytes: new HeldBytes({ identifyApiKey: async () => null }),
    heldAnswers: new HeldAnswers(),
    admission: openAdmission(),
  };
  if (port === 'grpc') {
    const log = () => {};
    const server = await startGrpcServer({
      ...shared,
      log: { debug: log, info: log, warn: log, error: log, isEnabled: () => true },
    });
    return server.port;
  }
  const server = await startHttpServer({
    ...shared,
    idleTimeoutMs: 620_000,
    version: '0.0.0',
    allowedOrigins: new Set(),
    identifyApiKey: async () => null,
    reportLeakedKey() {},
    ops: {
      jwks: async () => '',
      isReady: async () => true,
      metrics: async () => Buffer.alloc(0),
      metricsContentType: 'text/plain',
    },
  });
  // Loaded by the first call otherwise, whose deadline the suite looks at.
  await server.load();
  return server.port;
}

const asked = fromBinary(ServerCompatRequestSchema, (await buffer(process.stdin)).subarray(LENGTH_BYTES));
const port = await start(process.argv[2], asked);
const pemCert = asked.useTls ? (asked.serverCreds?.cert ?? new Uint8Array()) : new Uint8Array();
const listening = toBinary(
  ServerCompatResponseSchema,
  create(ServerCompatResponseSchema, { host: '127.0.0.1', port, pemCert }),
);
const length = Buffer.alloc(LENGTH_BYTES);
length.writeUInt32BE(listening.length);
process.stdout.write(Buffer.concat([length, listening]));
process.on('SIGTERM', () => process.exit());
