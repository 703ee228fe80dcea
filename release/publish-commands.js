import { join } from 'node:path';
import { deployCommands } from './languages/java.js';
import { LANGUAGES } from './languages.js';
import { tagsOf } from './record.js';

/**
 * The commands that publish a release, in their order: stubs come before the clients that require them, tags before all.
 *
 * @param {{ readonly version: string, readonly out: string }} release
 * @returns {readonly string[]}
 */
export function publishCommands({ version, out }) {
  const files = (/** @type {string} */ language) =>
    (LANGUAGES[language]?.archives(version) ?? []).map(({ file }) => join(out, file));
  return [
    `git push --atomic origin HEAD ${tagsOf(version).join(' ')}`,
    ...files('typescript').map(
      (file) => `npm publish --access public${version.includes('-') ? ' --tag next' : ''} ${file}`,
    ),
    `python3 -m twine upload ${files('python').join(' ')}`,
    `tar -xzf ${files('java').join(' ')} -C ${out}`,
    ...deployCommands({ version, folder: out }),
    // Cargo publishes no archive: it packs the commit again.
    'cargo publish --manifest-path clients/rust/Cargo.toml',
  ];
}
