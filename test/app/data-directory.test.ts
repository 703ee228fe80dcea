import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCli } from '../cli/spawned-cli.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { needs } from '../support/needs.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/authflow.js', import.meta.url));

test('a disk without room for the secret is told by its file and code, with 3, and leaves no draft', (context) => {
  needs(context, 'prlimit: apt-get install util-linux', ['prlimit', '--version']);
  const data = temporaryFolder();
  // To the system's calls a file that may not grow is a full disk.
  const { status, stderr } = failureOf('prlimit', ['--fsize=0', process.execPath, MAIN, 'migrate'], data);
  expect(status).toBe(3);
  expect(stderr).toContain(join(data, 'secret'));
  expect(stderr).toContain('EFBIG');
  expect(stderr).not.toContain('fault of AuthFlow');
  expect(readdirSync(data)).toEqual([]);
});

test('a data folder that cannot be made is told by the setting that names it, with 3', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const { code, stderr } = await runCli(['migrate'], { folder, env: { AUTHFLOW_DATA_DIR: 'file/data' } });
  expect(code).toBe(3);
  expect(stderr).toContain(join(folder, 'file/data'));
  expect(stderr).toContain('AUTHFLOW_DATA_DIR');
  expect(stderr).toContain('ENOTDIR');
});

function failureOf(command: string, args: readonly string[], data: string): { status: number; stderr: string } {
  try {
    execFileSync(command, args, { env: { PATH: process.env.PATH, AUTHFLOW_DATA_DIR: data }, encoding: 'utf8' });
  } catch (error) {
    return error as { status: number; stderr: string };
  }
  return expect.fail('it ended with 0');
}
