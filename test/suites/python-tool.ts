import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { needs } from '../support/needs.ts';
import { ROOT } from '../support/readme-blocks.ts';

/**
 * Installs, once for each list, the packages that `test/suites/<suite>/requirements.txt` pins into a folder beside it, and gives
 * the path of one of their commands. Skips the test where Python is missing.
 */
export function pythonTool(context: Pick<TestContext, 'skip'>, suite: string, command: string): string {
  const folder = `test/suites/${suite}`;
  const install =
    `cd ${folder} && { cmp -s requirements.txt .venv/installed || { python3 -m venv .venv && ` +
    '.venv/bin/pip install -q -r requirements.txt && cp requirements.txt .venv/installed; }; }';
  needs(context, 'Python 3.10 or later with venv, and packages of PyPI or the network', ['sh', '-c', install]);
  return join(ROOT, folder, '.venv/bin', command);
}
