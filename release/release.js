// Makes a release of all packages, with one version number: `npm run release -- VERSION [--dry-run] [--out DIR]`.
// Everything happens in a clone, so a release that fails leaves nothing but its archives. When all is checked, the repository gets the
// release's commit and tags; with --dry-run it does not. Nothing is ever published: the commands that do are printed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { currentVersion, made, outFolder, pack, sha256, writeSums } from './archives.js';
import { changelogOf } from './changelog.js';
import { faultsOf } from './check.js';
import { commitEpoch, inCheckout } from './checkout.js';
import { main, Refusal, run } from './command.js';
import { LANGUAGES } from './languages.js';
import { provenance, releaseKey, signed } from './provenance.js';
import { publishCommands } from './publish-commands.js';
import { commitRelease, recordRelease, tagsOf } from './record.js';
import { refusals } from './refusals.js';
import { billOfMaterials } from './sbom.js';
import { setVersion } from './set-version.js';

/** @typedef {import('./languages.js').Packing} Packing */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const KEY_FILE = process.env.AUTHFLOW_RELEASE_KEY ?? '';

main(() => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { 'dry-run': { type: 'boolean', default: false }, out: { type: 'string' } },
  });
  const [version = '', ...others] = positionals;
  if (version === '' || others.length > 0) {
    throw new Refusal('npm run release -- VERSION [--dry-run] [--out DIR]');
  }
  release({
    version,
    isDryRun: values['dry-run'],
    out: values.out === undefined ? `${ROOT}dist/release` : outFolder(values.out),
  });
});

/** @param {{ readonly version: string, readonly isDryRun: boolean, readonly out: string }} options */
function release({ version, isDryRun, out }) {
  const startedAt = new Date();
  const refused = refusals(ROOT, { version, isDryRun });
  if (refused.length > 0) {
    throw new Refusal(refused.join('\n'));
  }
  const key = KEY_FILE === '' ? null : releaseKey(KEY_FILE);
  inCheckout(ROOT, { withChanges: false }, (checkout) => {
    const parent = run('git', ['rev-parse', 'HEAD'], { cwd: checkout }).trim();
    prepare(checkout, version);
    const commit = commitRelease(checkout, { version, root: ROOT, isDryRun });
    const packing = { checkout, out, version, epoch: commitEpoch(checkout) };
    pack(packing);
    check(packing);
    writeBills(packing);
    writeSums(out);
    const subjects = made(out).map((name) => ({ name, sha256: sha256(join(out, name)) }));
    const about = { version, isDryRun, commit, parent, tools: toolVersions(checkout), subjects };
    writeProvenance(out, provenance({ ...about, startedAt, finishedAt: new Date() }), key);
    if (!isDryRun) {
      recordRelease(ROOT, { checkout, commit, version });
    }
  });
  report({ version, isDryRun, out });
}

/**
 * @param {string} checkout
 * @param {string} version
 */
function prepare(checkout, version) {
  setVersion(checkout, { from: currentVersion(checkout), to: version });
  const file = join(checkout, 'CHANGELOG.md');
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(file, changelogOf(readFileSync(file, 'utf8'), { version, date }) ?? '');
}

/** @param {Packing} packing */
function check({ checkout, out, version }) {
  console.error('checking');
  const archives = Object.values(LANGUAGES).flatMap((language) => language.archives(version));
  const names = archives.map(({ file }) => file).sort();
  if (names.join() !== made(out).join()) {
    throw new Refusal(`packed were ${made(out).join(', ')}; a release has ${names.join(', ')}`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'authflow-check-'));
  try {
    const machinePaths = [checkout, ROOT];
    const faults = archives.flatMap((each) => faultsOf(each, { out, into: join(folder, each.file), machinePaths }));
    if (faults.length > 0) {
      throw new Refusal(faults.join('\n'));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {Packing} packing */
function writeBills(packing) {
  const { out, version, epoch } = packing;
  for (const [language, { archives, dependencies }] of Object.entries(LANGUAGES)) {
    console.error(`listing what ${language} resolves`);
    const resolved = dependencies(packing);
    for (const { file, packages } of archives(version)) {
      const archive = { file, sha256: sha256(join(out, file)) };
      for (const each of packages) {
        const bill = billOfMaterials(each, { version, epoch, archive, dependencies: resolved[each.purl] ?? [] });
        writeJson(join(out, billFile(each)), bill);
      }
    }
  }
}

/** @param {{ readonly purl: string }} component `authflow-pypi-authflow-client-1.0.0.cdx.json` */
function billFile({ purl }) {
  const name = decodeURIComponent(purl.slice('pkg:'.length)).replaceAll(/[^\w.-]+/g, '-');
  return `authflow-${name}.cdx.json`;
}

/**
 * @param {string} checkout
 * @returns {Readonly<Record<string, string>>}
 */
function toolVersions(checkout) {
  const tools = Object.assign(
    { git: ['git', '--version'] },
    ...Object.values(LANGUAGES).map((language) => language.tools),
  );
  return Object.fromEntries(
    Object.entries(tools).map(([name, [command, ...args]]) => {
      const [line = ''] = run(command, args, { cwd: checkout }).split('\n');
      // Where a tool lies is the machine's business.
      return [name, stripVTControlCharacters(line).replace(/ from .*/, '')];
    }),
  );
}

/**
 * @param {string} out
 * @param {object} statement
 * @param {import('node:crypto').KeyObject | null} key
 */
function writeProvenance(out, statement, key) {
  if (key === null) {
    writeJson(join(out, 'provenance.json'), statement);
    console.log('The provenance is not signed: AUTHFLOW_RELEASE_KEY names no key.');
  } else {
    writeJson(join(out, 'provenance.dsse.json'), signed(statement, key));
  }
}

/** @param {{ readonly version: string, readonly isDryRun: boolean, readonly out: string }} options */
function report({ version, isDryRun, out }) {
  console.log(`AuthFlow ${version} is packed and checked in ${out}`);
  console.log(
    `${isDryRun ? 'A release would be' : 'It is'} committed as chore(release): ${version} and tagged ${tagsOf(version).join(', ')}.`,
  );
  console.log(`To publish it${isDryRun ? ', after a run without --dry-run' : ''}:\n`);
  console.log(publishCommands({ version, out }).join('\n'));
}

/**
 * @param {string} file
 * @param {object} value
 */
function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
