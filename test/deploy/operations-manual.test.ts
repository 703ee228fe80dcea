import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND_GROUPS } from '../../src/cli/commands.ts';
import { EXIT } from '../../src/cli/exit-code.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { needs } from '../support/needs.ts';
import { ROOT, readmeBlocks } from '../support/readme-blocks.ts';

const FILE = 'docs/operations.md';
const manual = readFileSync(join(ROOT, FILE), 'utf8');

test('every setting, command and exit code that the manual names is there', () => {
  const settings = new Set(manual.match(/\bAUTHFLOW_[A-Z_]+/g));
  const names = SETTINGS.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]));
  expect(names).toEqual(expect.arrayContaining([...settings]));
  const commands = [...manual.matchAll(/(?:`|^)authflow ([a-z-]+)/gm)].map(([, name]) => name);
  expect(COMMAND_GROUPS.map(({ name }) => name)).toEqual(expect.arrayContaining([...new Set(commands)]));
  // What the kernel gives to a process that it ends by SIGKILL: 128 and the signal's number.
  const codes = [...manual.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect([...Object.values<number>(EXIT), 128 + 9]).toEqual(expect.arrayContaining(codes));
  expect([settings.size, commands.length, codes.length].every((count) => count > 3)).toBe(true);
});

test('every link leads to a file, or to a heading of the manual', () => {
  const targets = [...manual.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
  const files = targets.map(([, path = '']) => path).filter((path) => path !== '');
  expect(files.filter((path) => !existsSync(join(ROOT, 'docs', path)))).toEqual([]);
  const headings = Array.from(manual.matchAll(/^#+ (.+)$/gm), ([, heading = '']) => anchorOf(heading));
  const anchors = targets.flatMap(([, path, anchor]) => (path === '' && anchor !== undefined ? [anchor] : []));
  expect(headings).toEqual(expect.arrayContaining(anchors));
  expect(anchors).not.toEqual([]);
});

test('Prometheus takes the configuration that the manual shows, which loads the rules', (context) => {
  needs(context, 'promtool: apt-get install prometheus', ['promtool', '--version']);
  const [block] = readmeBlocks(FILE).filter(({ language }) => language === 'yaml');
  const folder = temporaryFolder();
  const file = join(folder, 'prometheus.yaml');
  writeFileSync(file, block?.text ?? '');
  writeFileSync(join(folder, 'authflow.rules.yaml'), readFileSync(join(ROOT, 'deploy/prometheus/authflow.rules.yaml')));
  const { status, stdout } = spawnSync('promtool', ['check', 'config', file], { encoding: 'utf8' });
  expect(stdout).toContain('9 rules found');
  expect(status).toBe(0);
});

/** As GitHub makes them of headings. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
