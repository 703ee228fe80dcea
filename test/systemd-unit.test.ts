import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings } from '../src/config/settings.ts';
import { needs } from './support/needs.ts';

const ROOT = resolve(import.meta.dirname, '..');
const UNIT = resolve(ROOT, 'deploy/authflow.service');
/** Where the unit expects the checkout. */
const INSTALLED = '/opt/authflow';
const lines = readFileSync(UNIT, 'utf8').split('\n');

test('the unit is one that systemd understands', (context) => {
  needs(context, 'systemd-analyze: apt-get install systemd', ['systemd-analyze', '--version']);
  const { stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', UNIT], { encoding: 'utf8' });
  // Other units of the machine may have faults of their own.
  expect(stderr.split('\n').filter((line) => line.includes('authflow'))).toEqual([]);
  expect(status).toBe(0);
});

test('the unit starts what is there, on the Node that npm brought, as npm start does', () => {
  const { scripts, optionalDependencies } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'));
  const [command = ''] = valuesOf('ExecStart');
  expect(command.replaceAll(`${INSTALLED}/`, '').replace('/usr/bin/env ', '')).toBe(scripts.start.split('exec ')[1]);
  const paths = command.split(' ').filter((word) => word.startsWith(INSTALLED));
  expect(paths.filter((path) => !existsSync(path.replace(INSTALLED, ROOT)))).toEqual([]);

  const path = valuesOf('Environment').find((value) => value.startsWith('PATH=')) ?? '';
  const folders = path.slice('PATH='.length).split(':');
  const brought = Object.keys(optionalDependencies).filter((name) => name.startsWith('node-'));
  expect(folders.slice(0, brought.length).sort()).toEqual(
    brought.map((name) => `${INSTALLED}/node_modules/${name}/bin`).sort(),
  );
});

test('a stop by systemd waits longer than the server drains, and a reload is a signal', () => {
  const seconds = Number(/^(\d+)s$/.exec(valuesOf('TimeoutStopSec')[0] ?? '')?.[1]);
  expect(seconds * 1_000).toBeGreaterThan(readSettings({}).drainTimeoutMs);
  expect(valuesOf('KillSignal')).toEqual(['SIGTERM']);
  expect(valuesOf('ExecReload')).toEqual(['/bin/kill -HUP $MAINPID']);
});

test('the service writes its own folders alone, as a user of its own, without a way to more rights', () => {
  expect(valuesOf('User')).toEqual(['authflow']);
  expect(valuesOf('StateDirectory')).toEqual(['authflow']);
  expect(valuesOf('StateDirectoryMode')).toEqual(['0700']);
  expect(valuesOf('ProtectSystem')).toEqual(['strict']);
  expect(valuesOf('ReadOnlyPaths')).toEqual([INSTALLED]);
  expect(valuesOf('NoNewPrivileges')).toEqual(['yes']);
  expect(valuesOf('CapabilityBoundingSet')).toEqual(['']);
  expect(valuesOf('UMask')).toEqual(['0077']);
  // Compiled code lies where this user alone writes, and no other user runs it.
  expect(valuesOf('Environment')).toContain('NODE_COMPILE_CACHE=%C/authflow');
  expect(valuesOf('CacheDirectoryMode')).toEqual(['0700']);
});

function valuesOf(key: string): readonly string[] {
  return lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
}
