import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readSettings } from '../src/config/settings.ts';
import { temporaryFolder } from './config/temporary-folder.ts';
import { needs } from './support/needs.ts';

const ROOT = resolve(import.meta.dirname, '..');
const UNIT = resolve(ROOT, 'deploy/authflow.service');
const DROP_IN = readFileSync(resolve(ROOT, 'deploy/authflow-postgresql.conf'), 'utf8');
/** Where the unit expects the checkout. */
const INSTALLED = '/opt/authflow';
const lines = readFileSync(UNIT, 'utf8').split('\n');

describe('systemd understands', () => {
  beforeEach((context) => needs(context, 'systemd-analyze: apt-get install systemd', ['systemd-analyze', '--version']));

  test('the unit', () => {
    expect(verify(UNIT)).toEqual({ status: 0, faults: [] });
  });

  test('the unit with what goes beside it over PostgreSQL', () => {
    expect(verify(unitWith(DROP_IN))).toEqual({ status: 0, faults: [] });
    // It was read: a fault in it is told.
    expect(verify(unitWith(DROP_IN.replace('RestartSec=2s', 'RestartSecs=2s'))).faults).not.toEqual([]);
  });
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
  expect(valuesOf('KillMode')).toEqual(['mixed']);
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
  // A core file would hold whatever secrets were in memory.
  expect(valuesOf('LimitCORE')).toEqual(['0']);
  // Compiled code lies where this user alone writes, and no other user runs it.
  expect(valuesOf('Environment')).toContain('NODE_COMPILE_CACHE=%C/authflow');
  expect(valuesOf('CacheDirectoryMode')).toEqual(['0700']);
});

/** What systemd-analyze says of a unit, and of nothing else: other units of the machine may have faults of their own. */
function verify(unit: string): { readonly status: number | null; readonly faults: readonly string[] } {
  const { stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
  return { status, faults: stderr.split('\n').filter((line) => line.includes('authflow')) };
}

/** The path of a copy of the unit with this file beside it. */
function unitWith(dropIn: string): string {
  const folder = temporaryFolder();
  const unit = join(folder, 'authflow.service');
  copyFileSync(UNIT, unit);
  mkdirSync(`${unit}.d`);
  writeFileSync(join(`${unit}.d`, 'postgresql.conf'), dropIn);
  return unit;
}

function valuesOf(key: string): readonly string[] {
  return lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
}
