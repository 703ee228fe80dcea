import { create, toBinary } from '@bufbuild/protobuf';
import { ValidateRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { CALLERS, closedLoop, ROUND_MS } from './load/closed-loop.js';
import { connectAll, grpcFrame } from './load/grpc-caller.js';
import { HttpCaller, postRequest } from './load/http-caller.js';
import { pacedLoop } from './load/paced-loop.js';
import { NodeProcess } from './processes.js';
import { inTurn, median } from './rounds.js';

/** @typedef {import('./fixture.js').Fixture} Fixture */
/** @typedef {import('./product.js').Product} Product */
/**
 * What a subject did in its rounds, as medians. CPU time is the server's, `databaseMicrosPerCall` that of its database; null where the
 * system does not tell, and where there is none.
 * @typedef {{ perSecond: number, cpuMicrosPerCall: number | null, databaseMicrosPerCall: number | null, peakBytes: number | null }} Throughput
 */

/** Whose CPU time is read. @typedef {{ cpuMicros: () => number | null }} Busy */

/**
 * How a round is played: `database`, whose CPU time is read as well; `callers` at once, shared out among the connections; `perSecond`
 * calls a second, in the place of as many as come.
 * @typedef {{ database?: Busy | null, callers?: number, perSecond?: number }} Play
 */

/** Sessions that are validated in turn: as many tokens are in use at once. */
export const SESSIONS_IN_USE = 1_000;
/** Sessions that one round of Logout ends: they cannot be ended twice. */
const LOGOUTS_PER_ROUND = 1_700;

export const GRPC_VALIDATE = '/authflow.v1.AuthService/Validate';
const GRPC_EMPTY = '/bench.Reference/Empty';

/**
 * Validate over gRPC and an empty RPC on grpc-js, in turn.
 *
 * @param {Fixture} fixture
 * @param {Product} product
 */
export async function measureGrpc({ sessions, apiKey }, product) {
  const reference = new NodeProcess('references/empty-grpc.js');
  const address = await reference.prints(/address (\S+)\n/);
  const inUse = sessions.slice(0, SESSIONS_IN_USE);
  const bare = inUse.map((session) => validateFrame(session));
  const withKey = inUse.map((session) => validateFrame({ ...session, apiKey }));
  const ours = await connectAll(product.grpcAddress, GRPC_VALIDATE, CALLERS);
  const theirs = await connectAll(address, GRPC_EMPTY, CALLERS);
  const empty = [grpcFrame(new Uint8Array())];
  const results = await inTurn({
    validate: () => grpcRound(product.process, ours, bare),
    withKey: () => grpcRound(product.process, ours, withKey),
    reference: () => grpcRound(reference, theirs, empty),
  });
  for (const connection of [...ours, ...theirs]) {
    connection.close();
  }
  await reference.stop();
  return {
    validate: summary(results.validate),
    withKey: summary(results.withKey),
    reference: summary(results.reference),
  };
}

/**
 * Validate, FooBar, Logout and ForgotPassword over `/auth`, and a JSON echo on plain node:http, in turn. Ends the last sessions of the
 * fixture and takes them out of it.
 *
 * @param {Fixture} fixture
 * @param {Product} product
 */
export async function measureHttp({ sessions, users, apiKey }, product) {
  const reference = new NodeProcess('references/json-echo.js');
  const address = await reference.prints(/address (\S+)\n/);
  const inUse = sessions.slice(0, SESSIONS_IN_USE);
  const bare = inUse.map((session) => postRequest('/auth/validate', { ...session }));
  const withKey = inUse.map((session) => postRequest('/auth/validate', { ...session, api_key: apiKey }));
  const fooBar = users.map(({ email }) => postRequest('/auth/fooBar', { identity: email }));
  const fooBarWithKey = users.map(({ email }) => postRequest('/auth/fooBar', { identity: email, api_key: apiKey }));
  const forgotten = users.map(({ email }) => postRequest('/auth/forgot-password', { email, api_key: apiKey }));
  const ours = await connectCallers(product.httpAddress);
  const theirs = await connectCallers(address);
  const results = await inTurn({
    validate: () => httpRound(product.process, ours, endless(bare)),
    withKey: () => httpRound(product.process, ours, endless(withKey)),
    reference: () => httpRound(reference, theirs, endless(bare)),
    fooBar: () => httpRound(product.process, ours, endless(fooBar)),
    fooBarWithKey: () => httpRound(product.process, ours, endless(fooBarWithKey)),
    logout: async () => {
      const ended = sessions.splice(-LOGOUTS_PER_ROUND);
      // As Validate's: a token that logs out was shown before, so its signature is known.
      await httpRound(product.process, ours, requests('/auth/validate', ended, apiKey));
      return httpRound(product.process, ours, requests('/auth/logout', ended, apiKey));
    },
    forgotPassword: () => httpRound(product.process, ours, endless(forgotten)),
    firstLogout: () =>
      httpRound(product.process, ours, requests('/auth/logout', sessions.splice(-LOGOUTS_PER_ROUND), apiKey)),
  });
  for (const caller of [...ours, ...theirs]) {
    caller.close();
  }
  await reference.stop();
  return {
    validate: summary(results.validate),
    withKey: summary(results.withKey),
    reference: summary(results.reference),
    fooBar: summary(results.fooBar),
    fooBarWithKey: summary(results.fooBarWithKey),
    logout: summary(results.logout),
    firstLogout: summary(results.firstLogout),
    forgotPassword: summary(results.forgotPassword),
  };
}

/**
 * @param {string} address
 * @param {number} [callers]
 */
export function connectCallers(address, callers = CALLERS) {
  return Promise.all(Array.from({ length: callers }, () => HttpCaller.connect(address)));
}

/**
 * @param {NodeProcess} server
 * @param {Awaited<ReturnType<typeof connectAll>>} connections
 * @param {readonly Buffer[]} frames
 * @param {Play} [play]
 */
export function grpcRound(server, connections, frames, play = {}) {
  const next = endless(frames);
  const callers = Array.from({ length: play.callers ?? CALLERS }, (_, index) => {
    const connection = connections[index % connections.length];
    return async () => {
      await connection?.call(next.next().value ?? Buffer.alloc(0));
      return true;
    };
  });
  return observed(server, callers, play);
}

/**
 * @param {NodeProcess} server
 * @param {readonly HttpCaller[]} connections
 * @param {Iterator<Buffer>} requests
 * @param {Play} [play] a caller for each connection
 */
export function httpRound(server, connections, requests, play = {}) {
  const callers = connections.map((connection) => async () => {
    const { value, done } = requests.next();
    if (done) {
      return false;
    }
    await connection.call(value);
    return true;
  });
  return observed(server, callers, play);
}

/**
 * @param {NodeProcess} server
 * @param {readonly import('./load/closed-loop.js').Caller[]} callers
 * @param {Play} play
 * @returns {Promise<Throughput>}
 */
async function observed(server, callers, { database = null, perSecond: rate }) {
  let peakBytes = server.residentBytes();
  const sampling = setInterval(() => {
    peakBytes = Math.max(peakBytes ?? 0, server.residentBytes() ?? 0) || null;
  }, ROUND_MS / 5);
  const before = [server, database].map(cpuMicrosOf);
  const { calls, perSecond } = await (rate === undefined ? closedLoop(callers) : pacedLoop(callers, rate));
  const [cpuMicrosPerCall = null, databaseMicrosPerCall = null] = [server, database].map((each, index) => {
    const [from = null, to] = [before[index], cpuMicrosOf(each)];
    return from === null || to === null ? null : (to - from) / calls;
  });
  clearInterval(sampling);
  return { perSecond, cpuMicrosPerCall, databaseMicrosPerCall, peakBytes };
}

/** @param {Busy | null} process */
function cpuMicrosOf(process) {
  return process === null ? null : process.cpuMicros();
}

/**
 * @param {readonly Throughput[]} rounds
 * @returns {Throughput}
 */
export function summary(rounds) {
  const cpu = rounds.flatMap(({ cpuMicrosPerCall }) => cpuMicrosPerCall ?? []);
  const database = rounds.flatMap(({ databaseMicrosPerCall }) => databaseMicrosPerCall ?? []);
  const peaks = rounds.flatMap(({ peakBytes }) => peakBytes ?? []);
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    cpuMicrosPerCall: cpu.length === 0 ? null : median(cpu),
    databaseMicrosPerCall: database.length === 0 ? null : median(database),
    peakBytes: peaks.length === 0 ? null : Math.max(...peaks),
  };
}

/**
 * @param {string} path
 * @param {readonly import('./fixture.js').Session[]} sessions
 * @param {string} apiKey
 */
function requests(path, sessions, apiKey) {
  return sessions.map((session) => postRequest(path, { ...session, api_key: apiKey })).values();
}

/**
 * @param {readonly Buffer[]} buffers
 * @returns {Generator<Buffer, never>}
 */
export function* endless(buffers) {
  for (;;) {
    yield* buffers;
  }
}

/** @param {{ sessionToken: string, email: string, apiKey?: string }} parameters */
export function validateFrame(parameters) {
  return grpcFrame(toBinary(ValidateRequestSchema, create(ValidateRequestSchema, parameters)));
}
