import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';
import { ROOT } from './readme-blocks.ts';

/**
 * Skips the test, saying what it needs, where a probe such as `go version` does not succeed. Where CI is set it fails
 * instead: CI skips nothing.
 */
export function needs({ skip }: Pick<TestContext, 'skip'>, what: string, probe: readonly [string, ...string[]]): void {
  const [command, ...args] = probe;
  if (spawnSync(command, args, { cwd: ROOT, stdio: 'ignore' }).status === 0) {
    return;
  }
  if (process.env.CI !== undefined) {
    throw new Error(`CI needs ${what}`);
  }
  skip(`needs ${what}`);
}
