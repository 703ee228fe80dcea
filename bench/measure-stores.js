import { CALLERS } from './load/closed-loop.js';
import { connectAll } from './load/grpc-caller.js';
import { postRequest } from './load/http-caller.js';
import {
  connectCallers,
  endless,
  GRPC_VALIDATE,
  grpcRound,
  httpRound,
  summary,
  validateFrame,
} from './measure-calls.js';
import { loginRound } from './measure-logins.js';
import { inTurn, median } from './rounds.js';

/** @typedef {import('./measure-calls.js').Throughput} Throughput */
/**
 * A running server with sessions of its store that are validated in turn, each with the key of its organization.
 * @typedef {object} Subject
 * @property {import('./product.js').Product} product
 * @property {readonly import('./store/make-store.js').KeyedSession[]} sessions
 * @property {import('./measure-calls.js').Busy | null} [database] the processes of its PostgreSQL
 * @property {number} [callers] at once
 * @property {number} [perSecond] calls a second, in the place of as many as come
 */

/**
 * Validate with the key on each of them over `/auth`, in turn.
 *
 * @template {string} Name
 * @param {Record<Name, Subject>} subjects
 * @returns {Promise<Record<Name, Throughput>>}
 */
export function validateOverHttp(subjects) {
  return measure(subjects, async ({ product, sessions, ...play }) => {
    const callers = await connectCallers(product.httpAddress, play.callers);
    const bodies = sessions.map(({ email, sessionToken, apiKey }) => ({ email, sessionToken, api_key: apiKey }));
    const requests = endless(bodies.map((body) => postRequest('/auth/validate', body)));
    return { round: () => httpRound(product.process, callers, requests, play), connections: callers };
  });
}

/**
 * The same over gRPC.
 *
 * @template {string} Name
 * @param {Record<Name, Subject>} subjects
 * @returns {Promise<Record<Name, Throughput>>}
 */
export function validateOverGrpc(subjects) {
  return measure(subjects, async ({ product, sessions, ...play }) => {
    const connections = await connectAll(product.grpcAddress, GRPC_VALIDATE, play.callers ?? CALLERS);
    const frames = sessions.map(validateFrame);
    return { round: () => grpcRound(product.process, connections, frames, play), connections };
  });
}

/**
 * Logins a second on each of them, in turn, as many as come.
 *
 * @template {string} Name
 * @param {Record<Name, { product: import('./product.js').Product, logins: import('./store/make-store.js').SeededStore['logins'] }>} subjects
 * @returns {Promise<Record<Name, number>>}
 */
export async function loginOn(subjects) {
  const names = /** @type {Name[]} */ (Object.keys(subjects));
  const callers = await Promise.all(names.map((name) => connectCallers(subjects[name].product.httpAddress)));
  const rounds = names.map((name, index) => [name, () => loginRound(subjects[name].logins, callers[index] ?? [])]);
  const results = await inTurn(Object.fromEntries(rounds));
  for (const caller of callers.flat()) {
    caller.close();
  }
  return byName(names, (name) => median(results[name]));
}

/**
 * @template {string} Name
 * @param {Record<Name, Subject>} subjects
 * @param {(subject: Subject) => Promise<{ round: () => Promise<Throughput>, connections: readonly { close(): void }[] }>} connect
 * @returns {Promise<Record<Name, Throughput>>}
 */
async function measure(subjects, connect) {
  const names = /** @type {Name[]} */ (Object.keys(subjects));
  const connected = await Promise.all(names.map((name) => connect(subjects[name])));
  const results = await inTurn(Object.fromEntries(connected.map(({ round }, index) => [names[index], round])));
  for (const connection of connected.flatMap(({ connections }) => connections)) {
    connection.close();
  }
  return byName(names, (name) => summary(results[name]));
}

/**
 * @template {string} Name
 * @template Value
 * @param {readonly Name[]} names
 * @param {(name: Name) => Value} value
 */
function byName(names, value) {
  return /** @type {Record<Name, Value>} */ (Object.fromEntries(names.map((name) => [name, value(name)])));
}
