import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../command.js';

const FOLDER = 'clients/rust';
const CRATE = 'authflow-client';

/** @type {import('../languages.js').Language} */
export const rust = {
  pack({ checkout, out, version }) {
    // Whether it builds is shown by those who use it: compiling it here would take longer than all other archives.
    run('cargo', ['package', '--quiet', '--no-verify', '--allow-dirty', '--target-dir', 'target'], {
      cwd: join(checkout, FOLDER),
    });
    copyFileSync(join(checkout, FOLDER, 'target/package', fileOf(version)), join(out, fileOf(version)));
  },

  archives(version) {
    const top = `${CRATE}-${version}`;
    return [
      {
        file: fileOf(version),
        belongs: new RegExp(
          `^${top}/(?:LICENSE|README\\.md|Cargo\\.(?:toml|toml\\.orig|lock)|\\.cargo_vcs_info\\.json|build\\.rs|src/[\\w/]+\\.rs|proto/authflow/[\\w/]+\\.proto)$`,
        ),
        holds: [`${top}/LICENSE`, `${top}/proto/authflow/v1/auth_service.proto`],
        says: { [`${top}/Cargo.toml`]: `\nname = "${CRATE}"\nversion = "${version}"\n` },
        packages: [{ name: CRATE, purl: purlOf(CRATE, version) }],
      },
    ];
  },

  dependencies({ checkout, version }) {
    return { [purlOf(CRATE, version)]: resolved(join(checkout, FOLDER)) };
  },

  tools: { cargo: ['cargo', '--version'], rustc: ['rustc', '--version'] },
};

/**
 * @typedef {object} Node
 * @property {string} id
 * @property {readonly { readonly pkg: string, readonly dep_kinds: readonly { readonly kind: 'dev' | 'build' | null }[] }[]} deps
 */

/**
 * Every crate that Cargo resolves for the crate with all its features, for any platform; those of its build script are for building.
 *
 * @param {string} cwd
 * @returns {readonly import('../languages.js').Dependency[]}
 */
function resolved(cwd) {
  /** @type {{ packages: { id: string, name: string, version: string }[], resolve: { root: string, nodes: Node[] } }} */
  const { packages, resolve } = JSON.parse(
    run('cargo', ['metadata', '--quiet', '--format-version', '1', '--all-features'], { cwd }),
  );
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const inProgram = reached(nodes, resolve.root, [null]);
  const direct = new Set(needed(nodes, resolve.root, [null, 'build']));
  const all = reached(nodes, resolve.root, [null, 'build']);
  return packages
    .filter(({ id }) => all.has(id) && id !== resolve.root)
    .map(({ id, name, version }) => ({
      name,
      version,
      purl: purlOf(name, version),
      isDirect: direct.has(id),
      isForBuilding: !inProgram.has(id),
    }));
}

/**
 * @param {ReadonlyMap<string, Node>} nodes
 * @param {string} root
 * @param {readonly (string | null)[]} kinds
 * @returns {ReadonlySet<string>}
 */
function reached(nodes, root, kinds) {
  const found = new Set([root]);
  for (const id of found) {
    for (const next of needed(nodes, id, kinds)) {
      found.add(next);
    }
  }
  return found;
}

/**
 * @param {ReadonlyMap<string, Node>} nodes
 * @param {string} id
 * @param {readonly (string | null)[]} kinds
 */
function needed(nodes, id, kinds) {
  const deps = nodes.get(id)?.deps ?? [];
  return deps.filter(({ dep_kinds }) => dep_kinds.some(({ kind }) => kinds.includes(kind))).map(({ pkg }) => pkg);
}

/** @param {string} version */
function fileOf(version) {
  return `${CRATE}-${version}.crate`;
}

/**
 * @param {string} name
 * @param {string} version
 */
function purlOf(name, version) {
  return `pkg:cargo/${name}@${version}`;
}
