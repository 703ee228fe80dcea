import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listed } from './checkout.js';
import { pythonVersion } from './semver.js';

/** Where packages, and what names them, say their version: manifests, locks, READMEs, examples, tests. */
const PATHS = ['*.json', '*.toml', '*.lock', '*.xml', '*.mod', '*.md', 'compose.yaml', 'test/clients/*.test.ts'];
/** What was released before stays as it was, and so does what speaks of any version. */
const EXCEPT = /^CHANGELOG\.md$|^test\/clients\/release\.test\.ts$|^test\/(?:suites|vectors)\/|^docs\/(?!clients\.md$)/;

/**
 * Sets the one version number of all packages in a checkout, wherever it is told.
 *
 * @param {string} checkout
 * @param {{ readonly from: string, readonly to: string }} versions
 * @returns {readonly string[]} the files that changed
 */
export function setVersion(checkout, { from, to }) {
  return listed(checkout, PATHS).filter((file) => {
    const path = join(checkout, file);
    const text = EXCEPT.test(file) ? '' : readFileSync(path, 'utf8');
    const changed = withVersion(text, { from, to });
    if (changed !== text) {
      writeFileSync(path, changed);
    }
    return changed !== text;
  });
}

/**
 * A text in which each of our packages, and no other, has the new version.
 *
 * @param {string} text
 * @param {{ readonly from: string, readonly to: string }} versions
 */
export function withVersion(text, { from, to }) {
  const series = (/** @type {string} */ version) => version.split('.').slice(0, 2).join('.');
  const old = literally(from);
  return [
    // npm: a package's own, then what requires it.
    new RegExp(`("name": "(?:authflow|@authflow/[\\w-]+)",\\s+"version": ")${old}(?=")`, 'g'),
    new RegExp(`("@authflow/[\\w-]+": ")${old}(?=")`, 'g'),
    // Python and Cargo, manifests and locks.
    new RegExp(`(^name = "authflow-[\\w-]+"\\nversion = ")${old}(?=")`, 'gm'),
    // Maven.
    new RegExp(`(<groupId>dev\\.authflow</groupId>\\s*<artifactId>[\\w-]+</artifactId>\\s*<version>)${old}(?=<)`, 'g'),
    // Go: modules and their tags.
    new RegExp(`(\\bgo\\.authflow\\.dev/\\w+ v)${old}(?![\\w.-]*\\d)`, 'g'),
    new RegExp(`(\\b(?:clients|gen)/go/v)${old}(?![\\w.-]*\\d)`, 'g'),
    // The container image.
    new RegExp(`(\\bimage: authflow:)${old}$`, 'gm'),
    // Archives, and the folders that they unpack to.
    new RegExp(`(\\bauthflow-(?:[a-z]+-)*)${old}(?![\\w]|\\.\\d)`, 'g'),
  ]
    .reduce((result, pattern) => result.replaceAll(pattern, `$1${to}`), text)
    .replaceAll(
      new RegExp(`(\\bauthflow_[a-z]+-)${literally(pythonVersion(from))}(?=-)`, 'g'),
      `$1${pythonVersion(to)}`,
    )
    .replaceAll(`authflow-stubs==${series(from)}.*`, `authflow-stubs==${series(to)}.*`);
}

/** @param {string} text */
function literally(text) {
  return text.replaceAll('.', '\\.');
}
