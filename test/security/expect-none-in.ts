import { expect, vi } from 'vitest';
import type { TestServer } from '../support/running-server.ts';
import { send } from './backend.ts';

/** Expects that a server's log, its metrics and its audit log hold none of these. */
export async function expectNoneIn(server: TestServer, secrets: readonly string[]): Promise<void> {
  const audit = await auditLogOf(server);
  const metrics = (await send(server.httpAddress, '/metrics', { method: 'GET' })).text;
  for (const secret of secrets) {
    expect(server.logLines.filter((line) => holds(line, secret))).toEqual([]);
    expect(holds(metrics, secret)).toBe(false);
    expect(holds(audit, secret)).toBe(false);
  }
}

/** Whether a text holds a secret. Six digits are no secret in the middle of a longer number, such as a time. */
export function holds(text: string, secret: string): boolean {
  return /^\d{6}$/.test(secret)
    ? new RegExp(`(?<![0-9a-f.-])${secret}(?![0-9a-f-])`).test(text)
    : text.includes(secret);
}

/** All of it, once what waited a second is written. */
async function auditLogOf({ ports }: TestServer): Promise<string> {
  const read = () => ports.storage.readAuditFeed({ after: 0, missing: [], limit: 100_000 });
  await vi.waitUntil(async () => (await read()).length > 1, { timeout: 120_000 });
  return JSON.stringify(await read());
}
