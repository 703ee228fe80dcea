import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { findOlderNode, NEEDS_OLDER_NODE } from '../support/older-node.ts';
import { BROUGHT, bareTree, treeWith } from './installed-tree.ts';
import { endOf, spawnEntry } from './spawned-entry.ts';

/** Tells the flags that Node was given, and where it keeps what it compiled. */
const TELLER = `
  import { getCompileCacheDir } from 'node:module';
  const told = { flags: process.execArgv, args: process.argv.slice(2), pid: process.pid, cache: getCompileCacheDir() };
  process.send ? process.send(told) : console.log(JSON.stringify(told));
`;
const BOUND = '--max-semi-space-size=4';
const NOBODY = 65_534;

interface Told {
  readonly flags: readonly string[];
  readonly args: readonly string[];
  readonly pid: number;
  readonly cache?: string;
}

describe('the young generation of a server is bounded', () => {
  test('by the entry, in the same process', async () => {
    const child = spawnEntry(process.execPath, treeWith(TELLER), ['serve', '--org', 'Acme, Inc.']);
    expect(await told(child)).toMatchObject({ flags: [BOUND], args: ['serve', '--org', 'Acme, Inc.'], pid: child.pid });
  });

  test('by the entry of an older Node', async ({ skip }) => {
    const older = findOlderNode();
    skip(older === null, NEEDS_OLDER_NODE);
    expect(await told(spawnEntry(older ?? '', treeWith(TELLER, BROUGHT), ['serve']))).toMatchObject({ flags: [BOUND] });
  });

  test('by npm start and the image as by the entry', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(manifest.scripts.start).toContain(`exec node ${BOUND} src/cli/authflow.js serve`);
    const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
    expect(JSON.parse(/^ENTRYPOINT (.+)$/m.exec(dockerfile)?.[1] ?? '')).toContain(BOUND);
  });

  test('unless the operator chose another bound', async () => {
    const tree = treeWith(TELLER);
    const chosen = '--max-semi-space-size=32';
    expect(await told(spawnEntry(process.execPath, tree, ['serve'], { NODE_OPTIONS: chosen }))).toMatchObject({
      flags: [],
    });
    const entry = join(tree, 'src/cli/authflow.js');
    const child = fork(entry, ['serve'], { execArgv: [chosen], stdio: 'inherit' });
    expect((await once(child, 'message'))[0]).toMatchObject({ flags: [chosen] });
  });

  test('but not where that would cut a parent off', async () => {
    const child = fork(join(treeWith(TELLER), 'src/cli/authflow.js'), ['serve'], { execArgv: [], stdio: 'inherit' });
    expect((await once(child, 'message'))[0]).toMatchObject({ flags: [], pid: child.pid });
  });

  test('and other commands start once', async () => {
    expect(await told(spawnEntry(process.execPath, treeWith(TELLER), ['version']))).toMatchObject({ flags: [] });
  });
});

describe('what was compiled is kept', () => {
  test('beside the packages, in a folder of this user', async () => {
    const tree = treeWith(TELLER);
    mkdirSync(join(tree, 'node_modules'));
    const { cache = '' } = await told(spawnEntry(process.execPath, tree, ['version']));
    expect(cache.startsWith(join(tree, 'node_modules/.cache/authflow/'))).toBe(true);
    expect(cache.endsWith(`-${process.getuid?.()}`)).toBe(true);
    expect(readdirSync(cache)).not.toEqual([]);
  });

  test('where the environment says', async () => {
    const folder = temporaryFolder();
    const { cache } = await told(
      spawnEntry(process.execPath, treeWith(TELLER, 'commander'), ['version'], { NODE_COMPILE_CACHE: folder }),
    );
    expect(cache?.startsWith(`${folder}/`)).toBe(true);
  });

  test('nowhere without packages', async () => {
    const tree = bareTree();
    await endOf(spawnEntry(process.execPath, tree, ['version']));
    expect(readdirSync(tree)).not.toContain('node_modules');
  });

  test('not by root in a folder of another user', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'needs root');
    const tree = treeWith(TELLER);
    mkdirSync(join(tree, 'node_modules'));
    chownSync(join(tree, 'node_modules'), NOBODY, NOBODY);
    expect((await told(spawnEntry(process.execPath, tree, ['version']))).cache).toBeUndefined();
    expect(readdirSync(join(tree, 'node_modules'))).toEqual([]);
  });

  test('or not at all, by a user who may not write there: it starts all the same', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'needs root');
    const tree = treeWith(TELLER);
    mkdirSync(join(tree, 'node_modules'));
    chmodSync(tree, 0o755);
    const child = spawnEntry(process.execPath, tree, ['version'], {}, { uid: NOBODY, gid: NOBODY });
    const ended = await endOf(child);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(readdirSync(join(tree, 'node_modules'))).toEqual([]);
  });
});

async function told(child: ReturnType<typeof spawnEntry>): Promise<Told> {
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const { code, stdout, stderr } = await endOf(child);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}
