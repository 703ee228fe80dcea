import { type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Starts the entry of a tree by a Node, in that tree. It is killed when the test ends, should it still run. */
export function spawnEntry(
  node: string,
  tree: string,
  args: readonly string[],
  env: Record<string, string> = {},
  options: SpawnOptionsWithoutStdio = {},
): ChildProcessWithoutNullStreams {
  return spawnIn(tree, [node, join(tree, 'src/cli/authflow.js'), ...args], env, options);
}

/** Starts a command in a folder, with ports of its own. It is killed when the test ends, should it still run. */
export function spawnIn(
  folder: string,
  [command = '', ...args]: readonly string[],
  env: Record<string, string> = {},
  options: SpawnOptionsWithoutStdio = {},
): ChildProcessWithoutNullStreams {
  const child = spawn(command, args, {
    ...options,
    cwd: folder,
    env: { PATH: process.env.PATH, AUTHFLOW_HTTP_PORT: '0', AUTHFLOW_GRPC_PORT: '0', ...env },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Everything that comes by a stream from now on. */
export function collect(child: ChildProcessWithoutNullStreams, name: 'stdout' | 'stderr' = 'stdout'): () => string {
  let text = '';
  child[name].setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  return () => text;
}

/** How a process ends, and all that it wrote. */
export async function endOf(child: ChildProcessWithoutNullStreams) {
  const [stdout, stderr] = [collect(child), collect(child, 'stderr')];
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout: stdout(), stderr: stderr() };
}
