import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { ROOT } from '../support/readme-blocks.ts';
import { pythonTool } from './python-tool.ts';

const MANIFESTS = join(ROOT, 'deploy/kubernetes');
/** The oldest release that knows every field, and the newest whose schemas the validator carries. */
const RELEASES = ['1.27', '1.37'];

const files = readdirSync(MANIFESTS).map((name) => join(MANIFESTS, name));

let validator: string;

beforeEach((context) => {
  validator = pythonTool(context, 'kubernetes', 'kubernetes-validate');
});

test.each(RELEASES)('the manifests are what Kubernetes %s takes, field by field', (release) => {
  const { status, output } = validate(files, release);
  expect(output).not.toContain('ERROR');
  expect(output.match(/ passed for resource /g)).toHaveLength(5);
  expect(status).toBe(0);
});

test.each([
  { fault: 'a field that does not exist', from: 'readinessProbe:', to: 'readynessProbe:' },
  { fault: 'a number in quotes', from: 'replicas: 2', to: 'replicas: "2"' },
  { fault: 'a field that is missing', from: '        - name: authflow\n          image:', to: '        - image:' },
  { fault: 'a field in the wrong place', from: 'spec:\n  replicas: 2', to: 'replicas: 2\nspec:' },
])('$fault is told', ({ from, to }) => {
  const text = readFileSync(join(MANIFESTS, 'authflow.yaml'), 'utf8');
  expect(text).toContain(from);
  const file = join(temporaryFolder(), 'authflow.yaml');
  writeFileSync(file, text.replace(from, to));
  const { status, output } = validate([file], RELEASES[0] ?? '');
  expect(output).toContain('did not validate for resource deployment/authflow');
  expect(status).toBe(1);
});

function validate(
  paths: readonly string[],
  release: string,
): { readonly status: number | null; readonly output: string } {
  const options = ['--strict', '--kubernetes-version', release, ...paths];
  const { status, stdout, stderr } = spawnSync(validator, options, { cwd: ROOT, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
