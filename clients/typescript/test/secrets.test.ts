import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { newOrganization } from './support/organization.ts';
import { GRPC, HTTP } from './support/stand.ts';

const TELL_ALL = fileURLToPath(new URL('support/tell-all.js', import.meta.url));

test('no key, token or password is printed, nor in anything that could be', async () => {
  const { apiKey } = await newOrganization();
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [TELL_ALL, GRPC, HTTP, apiKey]);
  const [first = '', ...lines] = stdout.split('\n');
  const secrets: string[] = JSON.parse(first);
  expect(secrets.slice(0, 3)).toEqual([apiKey, expect.any(String), expect.stringMatching(/^ey/)]);
  expect(new Set(secrets).size).toBe(2 + 2 * (1 + 5 + 10));
  const printed = `${stderr}\n${lines.join('\n')}`;
  // It has told much, and of every kind.
  for (const word of [
    'SESSION_REVOKED',
    'SECOND_FACTOR_REQUIRED',
    'UNAVAILABLE',
    'AuthFlowClient',
    'AuthFlowFetchClient',
    'apiKey must be',
  ]) {
    expect(printed).toContain(word);
  }
  expect(secrets.filter((secret) => printed.includes(secret))).toEqual([]);
  // The parts of a token that prove it.
  expect(secrets.flatMap((secret) => secret.split('.').slice(2)).filter((part) => printed.includes(part))).toEqual([]);
  expect(stderr).toBe('');
});
