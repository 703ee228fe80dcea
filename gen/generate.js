// Runs buf.gen.yaml for the languages named, or for all: `node gen/generate.js [--check] [ts|go|python]…`.
// With --check it generates elsewhere, compares, and skips, aloud, a language whose generator this machine lacks; where
// CI is set it fails instead.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';

/** @typedef {{ readonly out: string }} Plugin */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CHECKED = 'node_modules/.cache/generated';
const { positionals, values } = parseArgs({ allowPositionals: true, options: { check: { type: 'boolean' } } });
const template = parse(readFileSync(`${ROOT}buf.gen.yaml`, 'utf8'));
const languages = [...new Set(template.plugins.map(languageOf))];
const unknown = positionals.filter((language) => !languages.includes(language));
if (unknown.length > 0) {
  fail(`unknown language ${unknown.join(', ')}: choose from ${languages.join(', ')}`);
}

for (const language of positionals.length > 0 ? positionals : languages) {
  const needed = missing(language);
  if (needed === null) {
    generate(language);
  } else if (values.check && process.env.CI === undefined) {
    console.log(`gen/${language}: not compared, needs ${needed}`);
  } else {
    fail(`gen/${language} needs ${needed}`);
  }
}

/** @param {string} language */
function generate(language) {
  const plugins = template.plugins.filter((/** @type {Plugin} */ plugin) => languageOf(plugin) === language);
  const out = values.check ? CHECKED : '.';
  if (values.check) {
    rmSync(`${ROOT}${CHECKED}/gen/${language}`, { recursive: true, force: true });
  }
  run('buf', ['generate', '--template', JSON.stringify({ ...template, plugins }), '--output', out]);
  if (language === 'python') {
    renamePythonPackage(`${ROOT}${out}/gen/python/src`);
  }
  if (values.check) {
    const generated = new Set(plugins.map((/** @type {Plugin} */ plugin) => plugin.out));
    for (const folder of generated) {
      run('diff', ['-r', '-x', '__pycache__', `${folder}`, `${CHECKED}/${folder}`]);
    }
    console.log(`gen/${language}: up to date`);
  }
}

/**
 * Python's `authflow` is another project's on PyPI, so ours is imported as `authflow_stubs`. Only modules are renamed: the
 * descriptors keep the names of their files and messages, by which reflection finds them.
 * @param {string} folder
 */
function renamePythonPackage(folder) {
  renameSync(`${folder}/authflow`, `${folder}/authflow_stubs`);
  for (const file of readdirSync(`${folder}/authflow_stubs/v1`)) {
    const path = `${folder}/authflow_stubs/v1/${file}`;
    const renamed = readFileSync(path, 'utf8')
      .replace(/^from authflow\.v1 import /gm, 'from authflow_stubs.v1 import ')
      .replace(/\bauthflow\.v1\.(\w+_pb2)\b/g, 'authflow_stubs.v1.$1');
    writeFileSync(path, renamed);
  }
}

/**
 * What this machine lacks to generate for a language; null when nothing.
 * @param {string} language
 * @returns {string | null}
 */
function missing(language) {
  switch (language) {
    case 'go':
      return succeeds('go', ['version']) ? null : 'Go 1.21 or later';
    case 'python': {
      const requirements = 'gen/python/generators.txt';
      const pins = readFileSync(`${ROOT}${requirements}`, 'utf8').trim().split('\n');
      const script = `import importlib.metadata as m, sys\nfor p in sys.argv[1:]: n, v = p.split('=='); assert m.version(n) == v`;
      return succeeds('python3', ['-c', script, ...pins]) ? null : `pip install -r ${requirements}`;
    }
    default:
      return existsSync(`${ROOT}node_modules/.bin/buf`) ? null : 'npm ci';
  }
}

/**
 * @param {Plugin} plugin
 * @returns {string}
 */
function languageOf({ out }) {
  return out.split('/')[1] ?? '';
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function succeeds(command, args) {
  return spawnSync(command, args, { cwd: ROOT, stdio: 'ignore' }).status === 0;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  const env = { ...process.env, PATH: `${ROOT}node_modules/.bin:${process.env.PATH}` };
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', env });
  if (status !== 0) {
    fail(`${command} ended with ${status}`);
  }
}

/**
 * @param {string} sentence
 * @returns {never}
 */
function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
