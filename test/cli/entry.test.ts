import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { findOlderNode, NEEDS_OLDER_NODE } from '../support/older-node.ts';
import { BROUGHT, bareTree, productionTree, treeWith } from './installed-tree.ts';
import { collect, endOf, spawnEntry, spawnIn } from './spawned-entry.ts';

const olderNode = findOlderNode();

/** Tells what reached it, and ends as it is told. */
const ECHO = `
  import { readFileSync } from 'node:fs';
  const told = { node: process.versions.node, args: process.argv.slice(2), stdin: readFileSync(0, 'utf8') };
  process.stdout.write(JSON.stringify(told));
  process.stderr.write('on standard error');
  process.exit(Number(process.argv[2]));
`;

/** Says which signals reach it. SIGTERM and SIGINT are left to the system at the argument \`default\`. */
const LISTENER = `
  const named = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGQUIT'];
  if (process.argv[2] !== 'default') named.push('SIGINT', 'SIGTERM');
  for (const name of named) process.on(name, () => console.log(name));
  setInterval(() => {}, 60_000);
  console.log('pid ' + process.pid);
`;

describe('started by an older Node', () => {
  const node = olderNode ?? '';
  beforeEach(({ skip }) => skip(olderNode === null, NEEDS_OLDER_NODE));

  test.each([0, 1, 70])(
    'the brought one gets arguments and standard input, and gives output and exit code %i',
    async (code) => {
      const child = spawnEntry(node, treeWith(ECHO, BROUGHT), [String(code), '--two', 'th ree', '']);
      child.stdin.end('from standard input');
      const ended = await endOf(child);
      expect([ended.code, ended.signal, ended.stderr]).toEqual([code, null, 'on standard error']);
      expect(JSON.parse(ended.stdout)).toEqual({
        node: packageVersion(BROUGHT),
        args: [String(code), '--two', 'th ree', ''],
        stdin: 'from standard input',
      });
    },
  );

  test('every signal that an operator sends is handed on, and opens no debugger', async () => {
    const { child, output, untilPrinted } = await listening([]);
    const errors = collect(child, 'stderr');
    const signals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;
    for (const signal of signals) {
      child.kill(signal);
      await untilPrinted(signal);
    }
    expect(output().split('\n').slice(1, -1)).toEqual(signals);
    expect(errors()).toBe('');
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('where %s ends the brought one, it ends both', async (signal) => {
    const { child, pid } = await listening(['default']);
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([null, signal]);
    expect(isRunning(pid)).toBe(false);
  });

  test('it ends as the brought one ends, by a signal that cannot be caught too', async () => {
    const { child, pid } = await listening([]);
    process.kill(pid, 'SIGKILL');
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
  });

  test('where it is killed, the brought one stops as at SIGTERM', async () => {
    const { child, untilPrinted } = await listening([]);
    child.kill('SIGKILL');
    await untilPrinted('SIGTERM');
  });

  test('without the brought one it says in a sentence what to do, with 2', async () => {
    const ended = await endOf(spawnEntry(node, bareTree(), ['serve']));
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^authflow: AuthFlow needs Node 24 .*Run "npm ci".*\n$/);
  });

  test('it asks the brought one to stop where npm, which started it, ends without a word', async () => {
    const tree = treeWith(LISTENER, BROUGHT);
    const command = ['sh', '-c', '"$0" "$1" & wait', node, join(tree, 'src/cli/authflow.js')];
    const { child, untilPrinted } = await listeningTo(spawnIn(tree, command, { npm_lifecycle_event: 'npx' }));
    child.kill('SIGKILL');
    await untilPrinted('SIGTERM');
  });

  function listening(args: readonly string[]) {
    return listeningTo(spawnEntry(node, treeWith(LISTENER, BROUGHT), args));
  }

  async function listeningTo(child: ReturnType<typeof spawnIn>) {
    const output = collect(child);
    const untilPrinted = async (text: string) => {
      while (!output().includes(`${text}\n`)) {
        await once(child.stdout, 'data');
      }
    };
    await untilPrinted('');
    const pid = Number(/^pid (\d+)/.exec(output())?.[1]);
    endWithTest(pid);
    return { child, pid, output, untilPrinted };
  }
});

describe('on this Node', () => {
  test('without its packages it names the first that is missing and what to do, with 2', async () => {
    const ended = await endOf(spawnEntry(process.execPath, bareTree(), ['serve']));
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^authflow: .*\bcommander is missing\. Run "npm ci"\.\n$/);
  });

  test.each([
    ['better-sqlite3', 'serve'],
    ['jsonwebtoken', 'serve'],
    ['@grpc/grpc-js', 'serve'],
  ])('without %s, which %s loads later, it names it just so', async (name, command) => {
    const ended = await endOf(spawnEntry(process.execPath, productionTree([name]), [command]));
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(new RegExp(`^authflow: .*'?${name} is missing\\. Run "npm ci"\\.\n$`));
  });

  test('without a package that is loaded after the start, the log names it', async () => {
    const child = spawnEntry(process.execPath, productionTree(['prom-client']), ['serve']);
    const log = collect(child, 'stderr');
    while (!log().includes('"not_loaded"')) {
      await once(child.stderr, 'data');
    }
    const line = log()
      .split('\n')
      .find((text) => text.includes('"not_loaded"'));
    expect(JSON.parse(line ?? '')).toMatchObject({ library: 'metrics', error_module: 'prom-client' });
    child.kill('SIGTERM');
    expect((await once(child, 'close'))[0]).toBe(0);
  });
});

test('what a first start compiled is kept, even where the server is killed', async () => {
  const tree = productionTree();
  const kept = join(tree, 'node_modules/.cache/authflow');
  const child = spawnEntry(process.execPath, tree, ['serve']);
  const log = collect(child, 'stderr');
  while (!(existsSync(kept) && readdirSync(kept).some((folder) => readdirSync(join(kept, folder)).length > 0))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(child.exitCode).toBeNull();
  }
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(log()).not.toContain('"stopping"');
});

describe('npm start', () => {
  test('runs on the brought Node, in one process, with the packages of NODE_ENV=production alone', async () => {
    const tree = productionTree();
    const child = npmStart(tree);
    const output = collect(child);
    const log = collect(child, 'stderr');
    while (!log().includes('"started"') || !/^ {2}store /m.test(output())) {
      await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]);
    }
    const { pid } = JSON.parse(log().split('\n')[0] ?? '');
    endWithTest(pid);
    expect(readlinkSync(`/proc/${pid}/exe`)).toBe(realpathSync(join(tree, 'node_modules', BROUGHT, 'bin/node')));
    const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    expect(Number(parent)).toBe(child.pid);
    process.kill(pid, 'SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  test('without npm ci says what to do, with 2', async () => {
    const { code, stdout, stderr } = await endOf(npmStart(bareTree()));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^authflow: .*Run "npm ci"/m);
  });
});

function npmStart(tree: string): ChildProcessWithoutNullStreams {
  // As on a machine whose own Node is older.
  const path = [olderNode === null ? '' : dirname(olderNode), process.env.PATH ?? ''].filter(Boolean).join(delimiter);
  return spawnIn(tree, ['npm', 'start', '--silent'], { PATH: path, NODE_ENV: 'production' });
}

/** A server that is nobody's child any more where the test fails. */
function endWithTest(pid: number): void {
  onTestFinished(() => {
    if (isRunning(pid)) {
      process.kill(pid, 'SIGKILL');
    }
  });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function packageVersion(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}
