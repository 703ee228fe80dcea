import type { ReadmeServer } from './readme-server.ts';

/** What differs from run to run. */
const CHANGING: readonly string[] = [
  'org_id',
  'user_id',
  'session_id',
  'created_at',
  'last_used_at',
  'expires_at',
  'api_key',
  'token',
  'challenge',
];

/** A block as written, but for the values that its document tells to fill in and the two addresses. */
export function withAddresses(text: string, { http, grpc, apiKey, orgId }: ReadmeServer): string {
  return text
    .replace(/^HTTP=.*$/m, `HTTP=${http}`)
    .replace(/^GRPC=.*$/m, `GRPC=${grpc}`)
    .replace(/^API_KEY=.*$/m, `API_KEY='${apiKey}'`)
    .replace(/^ORG_ID=.*$/m, `ORG_ID='${orgId}'`);
}

/** A reply with its fields in any order, and only the type of what differs from run to run. */
export function shapeOf(reply: unknown): unknown {
  if (Array.isArray(reply)) {
    return reply.map(shapeOf);
  }
  if (typeof reply !== 'object' || reply === null) {
    return reply;
  }
  return Object.fromEntries(
    Object.entries(reply).map(([name, value]) => [name, CHANGING.includes(name) ? typeof value : shapeOf(value)]),
  );
}
