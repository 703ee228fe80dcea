import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from './command.js';
import { LANGUAGES } from './languages.js';

/** What an earlier run has left, and nothing else. */
const OURS = /^authflow[-_][\w.-]+\.(?:tgz|whl|tar\.gz|crate|cdx\.json)$|^provenance(?:\.dsse)?\.json$|^SHA256SUMS$/;
const SUMS = 'SHA256SUMS';

/**
 * Makes the archives of some languages, or of all, and SHA256SUMS beside them. What an earlier run left in the folder is removed.
 *
 * @param {import('./languages.js').Packing} packing
 * @param {readonly string[]} [languages]
 */
export function pack(packing, languages = Object.keys(LANGUAGES)) {
  mkdirSync(packing.out, { recursive: true });
  for (const file of readdirSync(packing.out).filter((each) => OURS.test(each))) {
    rmSync(join(packing.out, file));
  }
  for (const name of languages) {
    console.error(`packing ${name}`);
    LANGUAGES[name]?.pack(packing);
  }
  writeSums(packing.out);
}

/**
 * Writes SHA256SUMS, which `sha256sum --check` reads, of all that was made.
 *
 * @param {string} out
 */
export function writeSums(out) {
  const sums = made(out).map((file) => `${sha256(join(out, file))}  ${file}\n`);
  writeFileSync(join(out, SUMS), sums.join(''));
}

/**
 * The archives and bills of materials in a folder, in order.
 *
 * @param {string} out
 */
export function made(out) {
  return readdirSync(out)
    .filter((file) => file.startsWith('authflow') && OURS.test(file))
    .sort();
}

/** @param {string} file */
export function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/**
 * The version of a repository's packages.
 *
 * @param {string} root
 * @returns {string}
 */
export function currentVersion(root) {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

/**
 * The folder that `--out` names, seen from where npm was called.
 *
 * @param {string} out
 */
export function outFolder(out) {
  if (out === '') {
    throw new Refusal('--out names a folder');
  }
  return join(out.startsWith('/') ? '' : (process.env.INIT_CWD ?? process.cwd()), out);
}
