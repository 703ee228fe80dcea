import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './command.js';

/** Of npm's workspaces: what the TypeScript compiler needs. */
const INSTALLED = ['node_modules', 'clients/typescript/node_modules'];

/**
 * Runs something in a clone of the repository in a temporary folder, which goes away after it: nothing that is ignored or left over
 * from an earlier build gets into an archive, and the working tree stays as it is.
 *
 * @template T
 * @param {string} root the repository
 * @param {{ readonly withChanges: boolean }} options `withChanges` copies what is not committed into it, without a commit
 * @param {(checkout: string) => T} use
 * @returns {T}
 */
export function inCheckout(root, { withChanges }, use) {
  const folder = mkdtempSync(join(tmpdir(), 'authflow-release-'));
  const checkout = join(folder, 'authflow');
  try {
    run('git', ['clone', '--quiet', '--shared', root, checkout]);
    if (withChanges) {
      copyChanges(root, checkout);
    }
    linkInstalled(root, checkout);
    return use(checkout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * When the commit of a checkout was made, in seconds since 1970: the one time that archives know.
 *
 * @param {string} checkout
 */
export function commitEpoch(checkout) {
  return Number(run('git', ['log', '-1', '--format=%ct'], { cwd: checkout }));
}

/**
 * @param {string} root
 * @param {string} checkout
 */
function copyChanges(root, checkout) {
  for (const file of listed(root, ['--modified', '--others', '--exclude-standard'])) {
    const target = join(checkout, file);
    rmSync(target, { force: true });
    if (existsSync(join(root, file))) {
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(root, file), target, { verbatimSymlinks: true });
    }
  }
}

/**
 * @param {string} root
 * @param {string} checkout
 */
function linkInstalled(root, checkout) {
  for (const folder of INSTALLED.filter((each) => existsSync(join(root, each)))) {
    symlinkSync(join(root, folder), join(checkout, folder));
  }
  // A link is none of the folders that .gitignore names.
  writeFileSync(join(checkout, '.git/info/exclude'), INSTALLED.map((each) => `/${each}\n`).join(''));
}

/**
 * Files of a git repository, by what `git ls-files` is asked for.
 *
 * @param {string} root
 * @param {readonly string[]} args
 */
export function listed(root, args) {
  const files = run('git', ['ls-files', '-z', ...args], { cwd: root }).split('\0');
  return [...new Set(files.filter((file) => file !== ''))];
}
