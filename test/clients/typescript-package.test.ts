import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { ROOT, readmeBlocks } from '../support/readme-blocks.ts';
import { pass } from './beside-servers.ts';
import { build, checkTypes, FOLDER, passTests } from './typescript-client.ts';

/** Ignored, as build output of any language. */
const TARGET = `${FOLDER}/target`;

/** What it runs on and with, at both ends of what it supports; the frameworks that are not named are the repository's. */
const RUNTIMES = {
  lowest: {
    node: '22',
    // The stubs import codegenv2, which came with 2.5.0.
    packages: { '@bufbuild/protobuf': '2.5.0', '@connectrpc/connect': '2.0.0', '@connectrpc/connect-node': '2.0.0' },
    frameworks: {
      '@nestjs/common': '11.0.0',
      '@nestjs/core': '11.0.0',
      '@nestjs/platform-express': '11.0.0',
      express: '5.0.0',
      fastify: '5.0.0',
      hono: '4.0.0',
      'reflect-metadata': '0.2.2',
      rxjs: '7.8.2',
    },
  },
  highest: {
    node: '26',
    packages: { '@bufbuild/protobuf': '2.17.0', '@connectrpc/connect': '2.3.0', '@connectrpc/connect-node': '2.3.0' },
    frameworks: {},
  },
};

describe("the TypeScript client's packages as they are published", () => {
  beforeAll(async () => {
    // What an older build left there would be packed too.
    rmSync(`${ROOT}${FOLDER}/dist`, { recursive: true, force: true });
    await build();
    rmSync(`${ROOT}${TARGET}`, { recursive: true, force: true });
    mkdirSync(`${ROOT}${TARGET}`, { recursive: true });
  });

  test('hold what is imported and nothing else', async () => {
    expect(await packed(FOLDER, 'client')).toEqual([
      'LICENSE',
      'README.md',
      ...['address', 'calls', 'challenge', 'client', 'connection-cause', 'deadline', 'errors', 'express'].flatMap(
        built,
      ),
      ...['fake-accounts', 'fake-challenges', 'fake-clock', 'fake-codes', 'fake-failure', 'fake-mail'].flatMap(built),
      ...['fake-parameters', 'fake-second-factors', 'fake-totp', 'fake-users', 'fake-world'].flatMap(built),
      ...['fake', 'fastify', 'fetch'].flatMap(built),
      ...['grpc-connection', 'grpc-errors', 'grpc-exchange', 'grpc-session', 'grpc-wire'].flatMap(built),
      ...['hono', 'hooks', 'http-errors', 'http-wire', 'middleware', 'nest'].flatMap(built),
      ...['node-request', 'previous-session', 'public-paths', 'remembered-sessions'].flatMap(built),
      ...['repeating-calls', 'repeats', 'results', 'second-factor-calls', 'second-factor-results'].flatMap(built),
      ...['session-token', 'settings', 'web', 'wire'].flatMap(built),
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

  test('come from a clone by the commands that the README begins with', async (context) => {
    needs(context, 'a package registry', ['npm', 'view', '@bufbuild/protobuf@2.17.0', 'version']);
    const folder = `${TARGET}/from-clone`;
    await installVersions(folder, {});
    const commands = readmeBlocks(`${FOLDER}/README.md`)[0]?.text.replaceAll('CLONE', ROOT.replace(/\/$/, '')) ?? '';
    const [prepare = '', ...others] = commands.split('\n');
    // The clone that this test runs in is installed and built; installing it anew would take the tools from under it.
    expect(prepare).toBe(`(cd ${ROOT.replace(/\/$/, '')} && npm ci && npm run build)`);
    await pass({ folder, command: 'sh', args: ['-ec', others.join('\n')] });
    const program = "import { AuthFlowClient } from '@authflow/client'; console.log(typeof AuthFlowClient);";
    expect(await pass({ folder, command: process.execPath, args: ['--input-type=module', '-e', program] })).toBe(
      'function\n',
    );
  });

  test.for(Object.entries(RUNTIMES))(
    'pass its tests with the %s supported packages and Node',
    { timeout: 1_200_000 },
    async ([name, { node, packages, frameworks }], context) => {
      const [[runtime, version] = []] = Object.entries(packages);
      needs(context, 'a package registry', ['npm', 'view', `${runtime}@${version}`, 'version']);
      // Above the packages, so that what they bring along can be told from what the tests need.
      await installVersions(`${TARGET}/${name}`, frameworks);
      const folder = `${TARGET}/${name}/project`;
      await install(folder, packages);
      // No server, above all no SQLite: the tests take vitest and other frameworks from the repository.
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
    return `file:../../${name}/${file}`;
  });
  const dependencies = { '@authflow/client': client, '@authflow/stubs': stubs, ...versions };
  await installVersions(folder, dependencies);
  for (const [name, version] of Object.entries(versions)) {
    expect(JSON.parse(readFileSync(`${into}/node_modules/${name}/package.json`, 'utf8')).version).toBe(version);
  }
  for (const name of ['README.md', 'vitest.config.ts', 'test']) {
    cpSync(`${ROOT}${FOLDER}/${name}`, `${into}/${name}`, { recursive: true });
  }
  writeFileSync(`${into}/tsconfig.json`, JSON.stringify({ extends: `${ROOT}${FOLDER}/tsconfig.json` }));
}

async function installVersions(
  folder: string,
  dependencies: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  mkdirSync(`${ROOT}${folder}`);
  writeFileSync(`${ROOT}${folder}/package.json`, JSON.stringify({ private: true, type: 'module', dependencies }));
  await npmInstall(folder);
}

/** The latest release of a major version of Node, from npm; gives its program. */
async function installNode(folder: string, major: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  await installVersions(folder, { [name]: major });
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
