import { ADMIN_TOKEN } from '../../support/admin-token.ts';
import type { WatchedServer } from '../frames/watched-server.ts';
import type { Fuzzer } from './batches.ts';
import type { Delivery, Outcome } from './delivery.ts';
import { knownOf } from './fuzzed-world.ts';
import { RECIPE } from './recipes.ts';
import { type FuzzedRequest, type Known, type Recipe, requestOf } from './requests.ts';

/** Batches after which the values of good requests are made anew. */
const GENERATION = 12;

/** How many inputs came to what end, by entrance and status. */
export class Tally extends Map<string, number> {
  add(title: string): void {
    this.set(title, (this.get(title) ?? 0) + 1);
  }

  get total(): number {
    return [...this.values()].reduce((sum, count) => sum + count, 0);
  }
}

/**
 * Requests to every call of the table through every entrance, which are good but for a few changes. Each must be answered,
 * and never with INTERNAL, UNKNOWN, UNAVAILABLE or a status of 5xx. A server may be tried again under another name.
 */
export function callsFuzzer(
  server: WatchedServer,
  { delivery, tally, name }: { readonly delivery: Delivery; readonly tally: Tally; readonly name: string },
): Fuzzer<Recipe> {
  let known: Known | null = null;
  return {
    inputs: RECIPE,
    async prepare(batch) {
      if (known === null || batch % GENERATION === 0) {
        known = await knownOf(`http://127.0.0.1:${server.ports.http}`, ADMIN_TOKEN, `${name}-${batch}`);
      }
    },
    async faultOf(recipe) {
      if (known === null) {
        throw new Error('there are no good requests yet');
      }
      const request = requestOf(recipe, known);
      const outcome = await delivery.send(request);
      const title = titleOf(request, outcome);
      tally.add(title);
      return isAllowed(request, outcome) ? null : `${title} ${outcome.text.slice(0, 500)}\n${shown(request)}`;
    },
  };
}

function titleOf({ entrance }: FuzzedRequest, { status, grpcStatus }: Outcome): string {
  return `${entrance}: ${grpcStatus === null ? status : `gRPC ${grpcStatus}`}`;
}

const DEADLINE_EXCEEDED = 4;
/** UNKNOWN, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const FAULTS_OF_OURS = [2, 13, 14, 15];

function isAllowed({ headers }: FuzzedRequest, { status, grpcStatus }: Outcome): boolean {
  const hasDeadline = 'grpc-timeout' in headers || 'connect-timeout-ms' in headers;
  if (status === 504 || grpcStatus === DEADLINE_EXCEEDED) {
    return hasDeadline;
  }
  if (grpcStatus !== null) {
    return !FAULTS_OF_OURS.includes(grpcStatus);
  }
  // 501 is Connect's for UNIMPLEMENTED: an unknown encoding.
  return status >= 200 && (status < 500 || status === 501);
}

function shown({ method, path, headers, body }: FuzzedRequest): string {
  const parts = [`${method} ${path}`, JSON.stringify(headers), body?.toString('base64') ?? ''];
  return parts.map((part) => part.slice(0, 2_000)).join('\n');
}
