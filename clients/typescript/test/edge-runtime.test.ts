import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { newOrganization } from './support/organization.ts';
import { HTTP } from './support/stand.ts';

const EDGE_RUNTIME = fileURLToPath(new URL('support/edge-runtime.js', import.meta.url));

test('the fetch client, the web-standard check and the fake need the web globals alone and import nothing but own files', async () => {
  const { apiKey } = await newOrganization();
  const args = ['--experimental-vm-modules', '--no-warnings', EDGE_RUNTIME, HTTP, apiKey];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { specifiers, outcome } = JSON.parse(stdout);
  const told = ['Ada Lovelace', 0, true, 'SESSION_REVOKED', 'DEADLINE_EXCEEDED', 401, 'ada@example.com'];
  expect(outcome).toEqual([...told, 'totp,recovery']);
  const entrances = ['@authflow/client/fetch', '@authflow/client/fake', '@authflow/client/web'];
  expect(specifiers).toEqual(expect.arrayContaining([...entrances, './errors.js']));
  const others = specifiers.filter((specifier: string) => !entrances.includes(specifier));
  expect(others.filter((specifier: string) => !/^\.\/[a-z-]+\.js$/.test(specifier))).toEqual([]);
});
