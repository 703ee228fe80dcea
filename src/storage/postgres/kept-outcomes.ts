import type { LoginAttempt, LoginBeginning, NewSession, SessionCreation } from '../../domain/auth/storage.ts';
import type { AskedWrite } from './asked-write.ts';
import { postgresRows } from './rows/rows.ts';
import type { Queries } from './statement.ts';

/** What came of a write, and what an ending met. */
export interface Written {
  readonly outcome: unknown;
  /** What {@link AskedWrite} found, where it is to be done again on no other; undefined for most. */
  readonly met?: unknown;
}

/** As it is kept: without the password's hash and the sealed key, which are where they belong. */
export function keptOf(name: AskedWrite['name'], { outcome, met }: Written): string {
  const kept =
    name === 'beginLogin' || name === 'createSession'
      ? { outcome: (outcome as LoginBeginning | SessionCreation).outcome }
      : outcome;
  return JSON.stringify({ outcome: kept ?? null, met }, (_, value: unknown) =>
    // Buffer's own toJSON has been asked by then.
    isBufferJson(value) ? { base64: Buffer.from(value.data).toString('base64') } : value,
  );
}

/** The outcome again; what was left out of it is read as it is now. */
export async function writtenOf(queries: Queries, { name, args }: AskedWrite, text: string): Promise<Written> {
  const kept = JSON.parse(text, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'base64' in value
      ? Buffer.from(String(value.base64), 'base64')
      : value,
  ) as Written;
  const { outcome } = (kept.outcome ?? {}) as { readonly outcome?: unknown };
  if (name === 'beginLogin' && outcome === 'begun') {
    return { outcome: await loginBegun(queries, args[0] as LoginAttempt) };
  }
  if (name === 'createSession' && outcome === 'created') {
    const { tenant } = args[0] as NewSession;
    return { outcome: { outcome, tokenKey: await postgresRows(queries).apiKeys.findTokenKey(tenant.orgId) } };
  }
  return kept;
}

async function loginBegun(queries: Queries, { tenant, email }: LoginAttempt): Promise<LoginBeginning> {
  const user = await postgresRows(queries).users.findCredentialsByEmail(tenant.orgId, email);
  return user === null ? { outcome: 'user_not_found' } : { outcome: 'begun', user };
}

function isBufferJson(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;
}
