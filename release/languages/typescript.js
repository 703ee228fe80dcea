import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../command.js';

/** @type {import('../languages.js').Language} */
export const typescript = {
  pack({ checkout, out }) {
    run(join(checkout, 'node_modules/.bin/tsc'), ['-p', 'clients/typescript'], { cwd: checkout });
    run('npm', ['pack', '--loglevel=error', '--pack-destination', out, './gen/ts', './clients/typescript'], {
      cwd: checkout,
    });
  },

  archives(version) {
    return [
      archive('stubs', version, /^package\/src\/[\w/]+_pb\.(?:js|d\.ts)$/, {
        'package/package.json': `"version": "${version}"`,
      }),
      archive('client', version, /^package\/dist\/[\w-]+\.(?:js|d\.ts)$/, {
        'package/package.json': `"@authflow/stubs": "${version}"`,
      }),
    ];
  },

  dependencies({ out, version }) {
    const [stubs, client] = ['stubs', 'client'].map((name) => join(out, `authflow-${name}-${version}.tgz`));
    return {
      [purlOf('stubs', version)]: resolved([`${stubs}`], purlOf('stubs', version)),
      [purlOf('client', version)]: resolved([`${stubs}`, `${client}`], purlOf('client', version)),
    };
  },

  tools: { node: ['node', '--version'], npm: ['npm', '--version'], typescript: ['node_modules/.bin/tsc', '--version'] },
};

/**
 * What a project gets that installs an archive: npm's own bill of materials, which says nothing of an optional peer.
 *
 * @param {readonly string[]} archives
 * @param {string} purl the package itself
 * @returns {readonly import('../languages.js').Dependency[]}
 */
function resolved(archives, purl) {
  const cwd = mkdtempSync(join(tmpdir(), 'authflow-npm-'));
  try {
    writeFileSync(join(cwd, 'package.json'), '{"name":"bill","version":"0.0.0","private":true}');
    run('npm', ['install', '--prefix', cwd, '--package-lock-only', '--no-audit', '--no-fund', ...archives], { cwd });
    const args = ['sbom', '--prefix', cwd, '--package-lock-only', '--sbom-format', 'cyclonedx'];
    /** @type {{ components: { purl: string, version: string, 'bom-ref': string }[], dependencies: { ref: string, dependsOn: string[] }[] }} */
    const { components, dependencies } = JSON.parse(run('npm', args, { cwd }));
    const own = components.find((component) => withoutQualifiers(component.purl) === purl)?.['bom-ref'];
    const direct = dependencies.find(({ ref }) => ref === own)?.dependsOn ?? [];
    return components
      .filter((component) => component['bom-ref'] !== own)
      .map((component) => ({
        name: component['bom-ref'].slice(0, component['bom-ref'].lastIndexOf('@')),
        version: component.version,
        purl: withoutQualifiers(component.purl),
        isDirect: direct.includes(component['bom-ref']),
      }));
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/**
 * @param {string} name
 * @param {string} version
 * @param {RegExp} code
 * @param {Readonly<Record<string, string>>} says
 * @returns {import('../languages.js').Archive}
 */
function archive(name, version, code, says) {
  return {
    file: `authflow-${name}-${version}.tgz`,
    belongs: new RegExp(`^package/(?:LICENSE|README\\.md|package\\.json)$|${code.source}`),
    holds: ['package/LICENSE'],
    says,
    packages: [{ name: `@authflow/${name}`, purl: purlOf(name, version) }],
  };
}

/**
 * @param {string} name
 * @param {string} version
 */
function purlOf(name, version) {
  return `pkg:npm/%40authflow/${name}@${version}`;
}

/** @param {string} purl npm says where it has its packages from: that is the machine's business */
function withoutQualifiers(purl) {
  return purl.replace(/\?.*$/, '');
}
