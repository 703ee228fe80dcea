// A server that answers request after request as a case of test/vectors/client-behaviour.json says, over gRPC and over
// /auth, and notes what a well-behaved client would not have sent.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { callAtAuth, callAtGrpc, grpcReply, httpReply, isProductsOwn, methodOf } from './scripted-replies.js';

/** gRPC's C core writes three digits of a time-out, rounded up, of a clock that it reads now and then: 10,001 ms are 10,100. */
const ROUNDED_UP = 1.01;
const DEFAULT_DEADLINE_MS = 10_000;
/** Timers and clocks of other programs round. */
const TIMER_SLACK_MS = 5;
const UNIT_MS = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** Starts the server of a case on two free ports. */
export async function startScriptedServer(testCase, apiKey) {
  const script = new Script(testCase, apiKey);
  const grpc = createHttp2Server();
  const sockets = new Set();
  let connections = 0;
  grpc.on('connection', (socket) => {
    connections += 1;
    keep(sockets, socket);
  });
  grpc.on(
    'stream',
    (stream, headers) => void answerGrpc(script, stream, headers).catch((error) => script.fault(error)),
  );
  // A client that has given up resets its streams.
  grpc.on('session', (session) => session.on('error', () => {}));
  const http = createHttpServer((request, response) => {
    void answerHttp(script, request, response).catch((error) => script.fault(error));
  });
  http.on('connection', (socket) => keep(sockets, socket));
  for (const server of [grpc, http]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  return {
    grpc: `127.0.0.1:${grpc.address().port}`,
    http: `http://127.0.0.1:${http.address().port}`,
    faults: () => script.faults(connections),
    stop() {
      for (const socket of sockets) {
        socket.destroy();
      }
      grpc.close();
      http.close();
    },
  };
}

/** The steps of a case, what came, and what was wrong with it. */
class Script {
  #case;
  #apiKey;
  #faults = [];
  #requests = 0;
  #nonce = null;
  /** Since when, and until when at the earliest, a repeat may come. */
  #notBefore = 0;
  #failures = 0;

  constructor(testCase, apiKey) {
    this.#case = testCase;
    this.#apiKey = apiKey;
  }

  /** The step that answers this request, null when none is left. */
  next({ call, apiKey, fields, timeoutMs }) {
    const now = performance.now();
    const step = this.#case.script[this.#requests];
    this.#requests += 1;
    if (step === undefined || step.call !== call) {
      this.fault(`request ${this.#requests} is ${call}, the script has ${step?.call ?? 'ended'}`);
      return null;
    }
    this.#expect(apiKey === this.#apiKey, `${call} came with the key ${apiKey}`);
    if (timeoutMs !== undefined) {
      const deadlineMs = this.#case.deadlineMs ?? DEFAULT_DEADLINE_MS;
      const most = deadlineMs * ROUNDED_UP;
      this.#expect(timeoutMs !== null && timeoutMs <= most, `${call} came with the time-out ${timeoutMs} ms`);
    }
    this.#expect(now >= this.#notBefore - TIMER_SLACK_MS, `${call} came ${this.#notBefore - now} ms too early`);
    if (call === 'SignUp' || call === 'Login') {
      const nonce = step.nonce ?? this.#nonce;
      this.#expect(fields.foobar !== undefined && fields.foobar === nonce, `${call} came with ${fields.foobar}`);
      this.#nonce = null;
    }
    this.#expectArguments(call, fields);
    this.#remember(step, now);
    return step;
  }

  fault(fault) {
    this.#faults.push(String(fault));
  }

  faults(connections) {
    const { script } = this.#case;
    const broken = script.filter(({ reply }) => reply.lost).length;
    const faults = [...this.#faults];
    if (this.#requests < script.length) {
      faults.push(`only ${this.#requests} of ${script.length} requests came`);
    }
    if (connections > 1 + broken) {
      faults.push(`${connections} connections were made`);
    }
    return faults;
  }

  #remember({ reply }, now) {
    if (reply.ok?.token !== undefined) {
      this.#nonce = reply.ok.token;
    }
    if (reply.error === undefined || this.#case.parallel) {
      this.#failures = 0;
      return;
    }
    this.#expect(isProductsOwn(reply.error), `no server answers ${reply.error.reason} with ${reply.error.code}`);
    this.#failures += 1;
    const { retryAfterMs, code } = reply.error;
    const backoffMs = code === 'UNAVAILABLE' ? Math.min(1_000, 100 * 2 ** (this.#failures - 1)) / 2 : 0;
    this.#notBefore = now + (retryAfterMs ?? backoffMs);
  }

  #expectArguments(call, fields) {
    const wanted = this.#case.calls.find(({ call: name }) => name.toLowerCase() === call.toLowerCase());
    for (const [name, value] of Object.entries(wanted?.arguments ?? {})) {
      this.#expect(String(fields[name] ?? '') === String(value), `${call} came with ${name} ${fields[name]}`);
    }
    // What nobody gave, or gave empty, is left out.
    if (!wanted?.arguments?.sessionToken) {
      this.#expect(fields.sessionToken === undefined, `${call} came with a session token`);
    }
  }

  #expect(holds, fault) {
    if (!holds) {
      this.fault(fault);
    }
  }
}

async function answerGrpc(script, stream, headers) {
  stream.on('error', () => {});
  const call = callAtGrpc(String(headers[':path']));
  const frame = Buffer.concat(await stream.toArray());
  const method = methodOf(call);
  const fields = method === undefined ? {} : toJson(method.input, fromBinary(method.input, frame.subarray(5)));
  const timeout = /^(\d+)([HMSmun])$/.exec(String(headers['grpc-timeout'] ?? ''));
  const step = script.next({
    call,
    apiKey: headers['x-api-key'],
    fields,
    timeoutMs: timeout === null ? null : Number(timeout[1]) * UNIT_MS[timeout[2]],
  });
  if (step?.reply.silent) {
    return;
  }
  if (step?.reply.lost) {
    stream.session?.destroy();
    return;
  }
  const reply = step === null ? { status: { code: 'INTERNAL', message: 'off the script' } } : step.reply;
  const { message, trailers } = grpcReply(call, reply);
  const head = { ':status': 200, 'content-type': 'application/grpc' };
  if (message === null) {
    stream.respond({ ...head, ...trailers }, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
}

async function answerHttp(script, request, response) {
  const call = callAtAuth(/^\/auth\/([\w-]+)$/.exec(request.url)?.[1] ?? '');
  const body = Buffer.concat(await request.toArray()).toString();
  const step = script.next({ call, apiKey: request.headers['x-api-key'], fields: JSON.parse(body) });
  if (step?.reply.silent) {
    return;
  }
  if (step?.reply.lost) {
    request.socket.destroy();
    return;
  }
  const reply = httpReply(
    call,
    step === null ? { status: { code: 'INTERNAL', message: 'off the script' } } : step.reply,
  );
  response.writeHead(reply.status, reply.headers).end(reply.body);
}

function keep(sockets, socket) {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
}
