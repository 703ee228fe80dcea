import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { needs } from '../support/needs.ts';
import { ROOT } from '../support/readme-blocks.ts';

/**
 * Installs, once for each list, the packages that `test/suites/<suite>/package-lock.json` pins into a folder beside it, and gives what
 * loads them. They are none of the product's own, so that nobody who runs its tests has to wait for them.
 */
export function nodePackages(context: Pick<TestContext, 'skip'>, suite: string): NodeJS.Require {
  const folder = `test/suites/${suite}`;
  const install =
    `cd ${folder} && { cmp -s package-lock.json node_modules/installed || ` +
    '{ npm ci --no-audit --no-fund && cp package-lock.json node_modules/installed; }; }';
  needs(context, 'packages of npm or the network', ['sh', '-c', install]);
  return createRequire(join(ROOT, folder, 'package.json'));
}
