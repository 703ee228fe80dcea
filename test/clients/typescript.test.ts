import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { findNode22, NEEDS_NODE_22 } from '../support/older-node.ts';
import { needs, pass, passBesideServers } from './beside-servers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = 'clients/typescript';
/** Ignored, as build output of any language. */
const TARGET = `${FOLDER}/target`;
const TSC = `${ROOT}node_modules/typescript/bin/tsc`;
const VITEST = `${ROOT}node_modules/vitest/vitest.mjs`;

const RUNTIMES = {
  // The stubs import codegenv2, which came with 2.5.0.
  lowest: { '@bufbuild/protobuf': '2.5.0', '@connectrpc/connect': '2.0.0', '@connectrpc/connect-node': '2.0.0' },
  highest: { '@bufbuild/protobuf': '2.17.0', '@connectrpc/connect': '2.2.0', '@connectrpc/connect-node': '2.2.0' },
};

beforeAll(async () => {
  await pass({ folder: FOLDER, command: process.execPath, args: [TSC, '-p', '.'] });
});

test("the TypeScript client's types and format hold", async () => {
  await pass({ folder: FOLDER, command: process.execPath, args: [TSC, '-p', 'test'] });
  const biome = `${ROOT}node_modules/@biomejs/biome/bin/biome`;
  await pass({ folder: '', command: process.execPath, args: [biome, 'check', FOLDER] });
});

test("the TypeScript client's tests pass in the repository", { timeout: 600_000 }, async () => {
  await passBesideServers({ folder: FOLDER, command: process.execPath, args: [VITEST, 'run'] });
});

test("the TypeScript client's tests pass on Node 22, the oldest that it supports", { timeout: 600_000 }, async ({
  skip,
}) => {
  const node = findNode22();
  skip(node === null, NEEDS_NODE_22);
  await passBesideServers({ folder: FOLDER, command: node ?? '', args: [VITEST, 'run'] });
});

describe('the packages as they are published', () => {
  beforeAll(() => {
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
    "pass the TypeScript client's tests with the %s supported runtime",
    { timeout: 600_000 },
    async ([name, versions], context) => {
      const [[runtime, version] = []] = Object.entries(versions);
      needs(context, 'a package registry', ['npm', 'view', `${runtime}@${version}`, 'version']);
      const folder = `${TARGET}/${name}`;
      await install(folder, versions);
      // No server, above all no SQLite: the tests take vitest, Express and Fastify from the repository.
      expect(readdirSync(`${ROOT}${folder}/node_modules`).filter((each) => !each.startsWith('.'))).toEqual([
        '@authflow',
        '@bufbuild',
        '@connectrpc',
      ]);
      await pass({ folder, command: process.execPath, args: [TSC, '-p', 'test'] });
      await passBesideServers({ folder, command: process.execPath, args: [VITEST, 'run'] });
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
  const args = ['install', '--prefix', into, '--no-audit', '--no-fund', '--ignore-scripts'];
  await pass({ folder, command: 'npm', args });
  for (const [name, version] of Object.entries(versions)) {
    expect(JSON.parse(readFileSync(`${into}/node_modules/${name}/package.json`, 'utf8')).version).toBe(version);
  }
  for (const name of ['README.md', 'tsconfig.json', 'vitest.config.ts', 'test']) {
    cpSync(`${ROOT}${FOLDER}/${name}`, `${into}/${name}`, { recursive: true });
  }
}

function built(name: string): readonly string[] {
  return [`dist/${name}.d.ts`, `dist/${name}.js`];
}
