import { join } from 'node:path';
import { run } from '../command.js';
import { pythonVersion } from '../semver.js';

/** In the checkout, ignored by git. */
const ENVIRONMENT = '.venv/release';
const FOLDERS = ['gen/python', 'clients/python'];

/** @type {import('../languages.js').Language} */
export const python = {
  pack({ checkout, out, epoch }) {
    run('python3', ['-m', 'venv', ENVIRONMENT], { cwd: checkout });
    pip(checkout, ['install', '--requirement', 'release/python-tools.txt']);
    pip(
      checkout,
      ['wheel', '--no-deps', '--no-build-isolation', '--wheel-dir', out, ...FOLDERS.map((each) => `./${each}`)],
      {
        SOURCE_DATE_EPOCH: String(epoch),
      },
    );
  },

  archives(version) {
    return ['stubs', 'client'].map((name) => {
      const wheel = `authflow_${name}-${pythonVersion(version)}`;
      return {
        file: wheelOf(name, version),
        belongs: new RegExp(
          `^authflow_${name}/[\\w/]+\\.pyi?$|^authflow_${name}/(?:\\w+/)*py\\.typed$|^${wheel}\\.dist-info/`,
        ),
        holds: [`${wheel}.dist-info/licenses/LICENSE`],
        says: { [`${wheel}.dist-info/METADATA`]: `\nVersion: ${version}\n` },
        packages: [{ name: `authflow-${name}`, purl: purlOf(`authflow-${name}`, pythonVersion(version)) }],
      };
    });
  },

  dependencies({ checkout, out, version }) {
    const [stubs, client] = ['stubs', 'client'].map((name) => join(out, wheelOf(name, version)));
    const purl = (/** @type {string} */ name) => purlOf(name, pythonVersion(version));
    return {
      [purl('authflow-stubs')]: resolved(checkout, [`${stubs}`], 'authflow-stubs'),
      [purl('authflow-client')]: resolved(checkout, [`${stubs}`, `${client}`], 'authflow-client'),
    };
  },

  tools: { python: ['python3', '--version'], pip: ['python3', '-m', 'pip', '--version'] },
};

/**
 * What pip would install for the wheels, by its report.
 *
 * @param {string} checkout
 * @param {readonly string[]} wheels
 * @param {string} own
 * @returns {readonly import('../languages.js').Dependency[]}
 */
function resolved(checkout, wheels, own) {
  const args = ['install', '--dry-run', '--ignore-installed', '--prefer-binary', '--report', '-', ...wheels];
  /** @type {{ install: { metadata: { name: string, version: string, requires_dist?: string[] } }[] }} */
  const { install } = JSON.parse(pip(checkout, args));
  const packages = install.map(({ metadata }) => ({
    ...metadata,
    name: normalized(metadata.name),
    version: pythonVersion(metadata.version),
  }));
  // `protobuf>=4.25; python_version < "3.14"` and the like.
  const required = packages.find(({ name }) => name === own)?.requires_dist ?? [];
  const direct = required.map((each) => normalized(/^[\w.-]+/.exec(each)?.[0] ?? ''));
  return packages
    .filter(({ name }) => name !== own)
    .map(({ name, version }) => ({ name, version, purl: purlOf(name, version), isDirect: direct.includes(name) }));
}

/**
 * @param {string} checkout
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function pip(checkout, args, env) {
  const command = join(checkout, ENVIRONMENT, 'bin/python');
  return run(command, ['-m', 'pip', '--quiet', '--disable-pip-version-check', ...args], { cwd: checkout, env });
}

/** @param {string} name by PyPA's "Name normalization" */
function normalized(name) {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/**
 * @param {string} name
 * @param {string} version
 */
function wheelOf(name, version) {
  return `authflow_${name}-${pythonVersion(version)}-py3-none-any.whl`;
}

/**
 * @param {string} name
 * @param {string} version
 */
function purlOf(name, version) {
  return `pkg:pypi/${name}@${version}`;
}
