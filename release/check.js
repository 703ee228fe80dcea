import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { unpack } from './archive.js';

/**
 * What is wrong with an archive: a file that does not belong, a licence or another file that is missing, another version, a path of the
 * machine that made it. Nothing where it can be published.
 *
 * @param {import('./languages.js').Archive} archive
 * @param {{ readonly out: string, readonly into: string, readonly machinePaths: readonly string[] }} folders where it is, an empty
 * folder to unpack it in, and folders that no file may name
 * @returns {readonly string[]}
 */
export function faultsOf({ file, belongs, holds, says }, { out, into, machinePaths }) {
  const paths = unpack(join(out, file), into);
  const text = (/** @type {string} */ path) => (paths.includes(path) ? readFileSync(join(into, path), 'utf8') : '');
  const forbidden = [...machinePaths, `${homedir()}/`].map((path) => Buffer.from(path));
  return [
    ...paths.filter((path) => !belongs.test(path)).map((path) => `${path} does not belong`),
    ...holds.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
    ...Object.entries(says)
      .filter(([path, version]) => !text(path).includes(version))
      .map(([path, version]) => `${path} does not say ${version.trim()}`),
    ...paths
      .filter((path) => statSync(join(into, path)).size > 0 && names(readFileSync(join(into, path)), forbidden))
      .map((path) => `${path} names a folder of this machine`),
  ].map((fault) => `${file}: ${fault}`);
}

/**
 * @param {Buffer} bytes
 * @param {readonly Buffer[]} paths
 */
function names(bytes, paths) {
  return paths.some((path) => bytes.includes(path));
}
