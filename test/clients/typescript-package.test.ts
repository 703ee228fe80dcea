import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { ROOT } from '../support/readme-blocks.ts';
import { pass } from './beside-servers.ts';
import { build, checkTypes, FOLDER, passTests } from './typescript-client.ts';

/** Ignored, as build output of any language. */
const TARGET = `${FOLDER}/target`;

/** What it runs on and with, at both ends of what it supports. */
const RUNTIMES = {
  lowest: {
    node: '22',
    // The stubs import codegenv2, which came with 2.5.0.
    packages: { '@bufbuild/protobuf': '2.5.0', '@connectrpc/connect': '2.0.0', '@connectrpc/connect-node': '2.0.0' },
  },
  highest: {
    node: '26',
    packages: { '@bufbuild/protobuf': '2.17.0', '@connectrpc/connect': '2.2.0', '@connectrpc/connect-node': '2.2.0' },
  },
};

describe("the TypeScript client's packages as they are published", () => {
  beforeAll(async () => {
    await build();
    rmSync(`${ROOT}${TARGET}`, { recursive: true, force: true });
    mkdirSync(`${ROOT}${TARGET}`, { recursive: true });
  });

  test('hold what is imported and nothing else', async () => {
    expect(await packed(FOLDER, 'client')).toEqual([
      'LICENSE',
      'README.md',
      ...['api-key', 'calls', 'client', 'deadline', 'errors', 'express', 'fastify', 'fetch'].flatMap(built),
      ...['grpc-connection', 'grpc-errors', 'grpc-wire', 'http-errors', 'http-wire', 'middleware'].flatMap(built),
      ...['remembered-sessions', 'repeating-calls', 'repeats', 'session-token'].flatMap(built),
      'package.json',
    ]);
    const stubs = await packed('gen/ts', 'stubs');
    expect(stubs.filter((path) => !/^src\/[\w/]+_pb\.(js|d\.ts)$/.test(path))).toEqual([
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    expect(stubs).toContain('src/authflow/v1/auth_service_pb.d.ts');
  });

  test.for(Object.entries(RUNTIMES))(
    'pass its tests with the %s supported packages and Node',
    { timeout: 1_200_000 },
    async ([name, { node, packages }], context) => {
      const [[runtime, version] = []] = Object.entries(packages);
      needs(context, 'a package registry', ['npm', 'view', `${runtime}@${version}`, 'version']);
      const folder = `${TARGET}/${name}`;
      await install(folder, packages);
      // No server, above all no SQLite: the tests take vitest, Express and Fastify from the repository.
      expect(readdirSync(`${ROOT}${folder}/node_modules`).filter((each) => !each.startsWith('.'))).toEqual([
        '@authflow',
        '@bufbuild',
        '@connectrpc',
      ]);
      await checkTypes(folder);
      await passTests(folder, await installNode(`${TARGET}/node-${node}`, node));
    },
  );
});

/** Packs a package into the target folder and tells what is in it, in order. */
async function packed(folder: string, name: string): Promise<readonly string[]> {
  const into = `${ROOT}${TARGET}/${name}`;
  mkdirSync(into, { recursive: true });
  const args = ['pack', '--json', '--loglevel=error', '--pack-destination', into];
  const [{ files }] = JSON.parse(await pass({ folder, command: 'npm', args }));
  return files.map(({ path }: { path: string }) => path).sort();
}

/** A folder with the packed packages, pinned versions below them, and the client's tests. */
async function install(folder: string, versions: Readonly<Record<string, string>>): Promise<void> {
  const into = `${ROOT}${folder}`;
  const [client, stubs] = ['client', 'stubs'].map((name) => {
    const [file] = readdirSync(`${ROOT}${TARGET}/${name}`);
    return `file:../${name}/${file}`;
  });
  const dependencies = { '@authflow/client': client, '@authflow/stubs': stubs, ...versions };
  mkdirSync(into);
  writeFileSync(`${into}/package.json`, JSON.stringify({ private: true, type: 'module', dependencies }));
  await npmInstall(folder);
  for (const [name, version] of Object.entries(versions)) {
    expect(JSON.parse(readFileSync(`${into}/node_modules/${name}/package.json`, 'utf8')).version).toBe(version);
  }
  for (const name of ['README.md', 'tsconfig.json', 'vitest.config.ts', 'test']) {
    cpSync(`${ROOT}${FOLDER}/${name}`, `${into}/${name}`, { recursive: true });
  }
}

/** The latest release of a major version of Node, from npm; gives its program. */
async function installNode(folder: string, major: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  mkdirSync(`${ROOT}${folder}`);
  writeFileSync(`${ROOT}${folder}/package.json`, JSON.stringify({ private: true, dependencies: { [name]: major } }));
  await npmInstall(folder);
  const node = `${ROOT}${folder}/node_modules/${name}/bin/node`;
  expect(await pass({ folder, command: node, args: ['--version'] })).toMatch(new RegExp(`^v${major}\\.`));
  return node;
}

async function npmInstall(folder: string): Promise<void> {
  const args = ['install', '--prefix', `${ROOT}${folder}`, '--no-audit', '--no-fund', '--ignore-scripts'];
  await pass({ folder, command: 'npm', args });
}

function built(name: string): readonly string[] {
  return [`dist/${name}.d.ts`, `dist/${name}.js`];
}
