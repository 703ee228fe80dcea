import { execFileSync } from 'node:child_process';
import type { TestContext } from 'vitest';
import { needs } from '../support/needs.ts';
import { ROOT } from '../support/readme-blocks.ts';

/** Builds, once, a tool that `test/suites/<suite>/go.mod` pins, and gives its path. Skips the test where Go is missing. */
export function goTool(context: Pick<TestContext, 'skip'>, suite: string, name: string): string {
  const tool = ['-C', `test/suites/${suite}`, 'tool', '-n', name];
  needs(context, `Go 1.26 or later to build ${name}, and its modules or the network`, ['go', ...tool]);
  return execFileSync('go', tool, { cwd: ROOT, encoding: 'utf8' }).trim();
}
