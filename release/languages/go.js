import { join } from 'node:path';
import { writeTarGz } from '../archive.js';
import { listed } from '../checkout.js';
import { run } from '../command.js';

/** By their modules. The archive keeps the repository's folders, since one replaces the other by its path. */
const FOLDERS = { 'go.authflow.dev/gen': 'gen/go', 'go.authflow.dev/authflow': 'clients/go' };
const TESTS = /_test\.go$|\/testdata\//;

/** @type {import('../languages.js').Language} */
export const go = {
  pack({ checkout, out, version, epoch }) {
    const files = listed(checkout, Object.values(FOLDERS)).filter((file) => !TESTS.test(file));
    writeTarGz(join(out, fileOf(version)), { from: checkout, files, folder: 'authflow-go', epoch });
  },

  archives(version) {
    return [
      {
        file: fileOf(version),
        belongs:
          /^authflow-go\/(?:gen|clients)\/go\/(?:LICENSE|README\.md|\w+\.(?:mod|sum)|(?!.*_test\.go)[\w/.]+\.go)$/,
        holds: Object.values(FOLDERS).map((folder) => `authflow-go/${folder}/LICENSE`),
        says: {
          'authflow-go/gen/go/go.mod': 'module go.authflow.dev/gen\n',
          'authflow-go/clients/go/go.mod': `go.authflow.dev/gen v${version}\n`,
        },
        packages: Object.keys(FOLDERS).map((name) => ({ name, purl: purlOf(name, version) })),
      },
    ];
  },

  dependencies({ checkout, version }) {
    return Object.fromEntries(
      Object.entries(FOLDERS).map(([name, folder]) => [purlOf(name, version), resolved(join(checkout, folder), name)]),
    );
  },

  tools: { go: ['go', 'env', 'GOVERSION'] },
};

/**
 * The modules whose packages get into a program that imports all of a module's own; those of its tests are not among them.
 *
 * @param {string} cwd
 * @param {string} own
 * @returns {readonly import('../languages.js').Dependency[]}
 */
function resolved(cwd, own) {
  const format = '{{with .Module}}{{.Path}} {{.Version}} {{.Indirect}}{{end}}';
  const lines = new Set(run('go', ['list', '-deps', '-f', format, './...'], { cwd }).split('\n'));
  return [...lines]
    .filter((line) => line !== '' && !line.startsWith(`${own} `))
    .map((line) => {
      const [name = '', version = '', indirect] = line.split(' ');
      return { name, version, purl: purlOf(name, version.slice(1)), isDirect: indirect !== 'true' };
    });
}

/** @param {string} version */
function fileOf(version) {
  return `authflow-go-${version}.tar.gz`;
}

/**
 * @param {string} module
 * @param {string} version
 */
function purlOf(module, version) {
  return `pkg:golang/${module}@v${version}`;
}
