import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unpack } from '../../release/archive.js';
import { faultsOf } from '../../release/check.js';
import { LANGUAGES } from '../../release/languages.js';
import { needs } from '../support/needs.ts';
import { ROOT } from '../support/readme-blocks.ts';
import { pass } from './beside-servers.ts';
import { git } from './git.ts';
import { StrangeProject } from './strange-project.ts';

/** Newer than any that is released while Go's modules have no number in their paths, and one that Python writes in another way. */
const VERSION = '1.999.0-rc.1';
const ARCHIVES = Object.values(LANGUAGES).flatMap((language) => language.archives(VERSION));
const PACKAGES = ARCHIVES.flatMap(({ packages }) => packages);
/** The commands without which there is no release. */
const TOOLS = [
  ['python3', '-c', 'import ensurepip, venv'],
  ['go', 'version'],
  ['mvn', '-v'],
  ['javac', '-version'],
  ['cargo', '-V'],
];
const hasTools = TOOLS.every(([command = '', ...args]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0);

test('a release has its tools', (context) => {
  for (const [command = '', ...args] of TOOLS) {
    needs(context, `${command}, for a release`, [command, ...args]);
  }
});

describe.runIf(hasTools)('a dry run of a release', () => {
  const folder = mkdtempSync(join(tmpdir(), 'authflow-release-test-'));
  const out = join(folder, 'out');
  const keys = generateKeyPairSync('ed25519');
  let before: string;
  let printed: string;

  beforeAll(async () => {
    const keyFile = join(folder, 'key.pem');
    writeFileSync(keyFile, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    before = state(ROOT);
    const args = ['run', 'release', '--', VERSION, '--dry-run', '--out', out];
    printed = await pass({ folder: '', command: 'npm', args, env: { AUTHFLOW_RELEASE_KEY: keyFile } });
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('leaves the repository as it was, and publishes nothing', () => {
    expect(state(ROOT)).toBe(before);
    expect(printed).toContain(`A release would be committed as chore(release): ${VERSION}`);
    expect(printed).toContain('npm publish');
  });

  test('makes every archive, with its version, its licence and nothing that does not belong', () => {
    expect(made('.cdx.json', false)).toEqual(ARCHIVES.map(({ file }) => file).sort());
    expect(ARCHIVES.flatMap((each) => faults(each))).toEqual([]);
    const otherwise = ARCHIVES.flatMap(({ file, ...archive }) =>
      faults({ ...archive, file, belongs: /^$/, holds: ['NOTICE'], says: { LICENSE: '' } }).map(() => file),
    );
    expect([...new Set(otherwise)]).toEqual(ARCHIVES.map(({ file }) => file));
  });

  test('sets the version in everything that an archive says of itself', () => {
    const wheel = 'authflow_client-1.999.0rc1';
    const metadata = contents(`${wheel}-py3-none-any.whl`, `${wheel}.dist-info/METADATA`);
    expect(metadata).toContain('Requires-Dist: authflow-stubs==1.999.*');
    const manifest = JSON.parse(contents(`authflow-client-${VERSION}.tgz`, 'package/package.json'));
    expect(manifest).toMatchObject({ version: VERSION, dependencies: { '@authflow/stubs': VERSION } });
    const current = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
    expect(ARCHIVES.filter(({ file }) => file.includes(current))).toEqual([]);
  });

  test('has a bill of materials for each package, with what its ecosystem resolves', () => {
    const bills = made('.cdx.json', true).map((file) => JSON.parse(readFileSync(join(out, file), 'utf8')));
    expect(bills.map(({ metadata }) => metadata.component.purl).sort()).toEqual(
      PACKAGES.map(({ purl }) => purl).sort(),
    );
    for (const bill of bills) {
      expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
      expect(bill.serialNumber).toMatch(
        /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
      const [{ url, hashes }] = bill.metadata.component.externalReferences;
      expect(hashes).toEqual([{ alg: 'SHA-256', content: sha256(join(out, url)) }]);
      const purls = bill.components.map(({ purl }: { purl: string }) => purl);
      expect(new Set(purls).size).toBe(purls.length);
      for (const { name, version, purl } of bill.components) {
        expect(purl).toMatch(/^pkg:(?:npm|pypi|golang|maven|cargo)\/[^?#]+@[^?#@]+$/);
        expect(decodeURIComponent(purl)).toContain(`${name.replace(':', '/')}@`);
        expect(purl).toMatch(new RegExp(`@v?${version.replace(/^v/, '').replaceAll(/[.+]/g, '\\$&')}$`));
      }
      const [{ ref, dependsOn }] = bill.dependencies;
      expect(ref).toBe(bill.metadata.component.purl);
      expect(dependsOn).not.toEqual([]);
      expect(purls).toEqual(expect.arrayContaining(dependsOn));
    }
    const direct = (purl: string): string =>
      bills.find(({ metadata }) => metadata.component.purl === purl)?.dependencies[0].dependsOn.join(' ');
    expect(direct(`pkg:npm/%40authflow/client@${VERSION}`)).toContain('pkg:npm/%40connectrpc/connect@');
    expect(direct('pkg:pypi/authflow-client@1.999.0rc1')).toContain('pkg:pypi/grpcio@');
    expect(direct(`pkg:golang/go.authflow.dev/authflow@v${VERSION}`)).toContain('pkg:golang/google.golang.org/grpc@v');
    expect(direct(`pkg:maven/dev.authflow/authflow-client@${VERSION}`)).toContain('pkg:maven/io.grpc/grpc-api@');
    expect(direct(`pkg:cargo/authflow-client@${VERSION}`)).toContain('pkg:cargo/tonic@');
  });

  test('sums up what it made', () => {
    const sums = made('', true).map((file) => `${sha256(join(out, file))}  ${file}\n`);
    expect(readFileSync(join(out, 'SHA256SUMS'), 'utf8')).toBe(sums.join(''));
  });

  test('tells, signed, what it made from which commit', () => {
    const { payloadType, payload, signatures } = JSON.parse(readFileSync(join(out, 'provenance.dsse.json'), 'utf8'));
    const body = Buffer.from(payload, 'base64');
    const encoded = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]);
    const [{ sig, keyid }] = signatures;
    expect(verify(null, encoded, keys.publicKey, Buffer.from(sig, 'base64'))).toBe(true);
    expect(verify(null, body, keys.publicKey, Buffer.from(sig, 'base64'))).toBe(false);
    const der = keys.publicKey.export({ type: 'spki', format: 'der' });
    expect(keyid).toBe(createHash('sha256').update(der).digest('hex'));

    const statement = JSON.parse(body.toString());
    expect(statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          externalParameters: { command: `npm run release -- ${VERSION} --dry-run` },
          internalParameters: { parentCommit: git(ROOT, 'rev-parse', 'HEAD') },
          resolvedDependencies: [{ digest: { gitCommit: expect.stringMatching(/^[0-9a-f]{40}$/) } }],
        },
        runDetails: { builder: { version: { node: process.version, cargo: expect.stringContaining('cargo 1.') } } },
      },
    });
    expect(statement.subject).toEqual(
      made('', true).map((name) => ({ name, digest: { sha256: sha256(join(out, name)) } })),
    );
    expect(made('', true)).toHaveLength(ARCHIVES.length + PACKAGES.length);
    expect(body.includes(ROOT)).toBe(false);
  });

  /** What was made, in order: the files with an ending, or those without it. */
  function made(ending: string, wanted: boolean): readonly string[] {
    return readdirSync(out)
      .filter((file) => file.startsWith('authflow') && file.endsWith(ending) === wanted)
      .sort();
  }

  function faults(archive: (typeof ARCHIVES)[number]): readonly string[] {
    return faultsOf(archive, { out, into: mkdtempSync(join(folder, 'unpacked-')), machinePaths: [ROOT, out] });
  }

  function contents(archive: string, file: string): string {
    const into = mkdtempSync(join(folder, 'unpacked-'));
    unpack(join(out, archive), into);
    return readFileSync(join(into, file), 'utf8');
  }
});

describe.runIf(hasTools)('the archives of npm run pack:clients', { timeout: 600_000 }, () => {
  // Java's take the longest of all.
  test.for(Object.keys(LANGUAGES).filter((language) => language !== 'java'))(
    'packed twice they are the same bytes: %s',
    async (language) => {
      const [one, other] = [new StrangeProject(), new StrangeProject()];
      for (const { folder } of [one, other]) {
        await pass({ folder: '', command: 'npm', args: ['run', 'pack:clients', '--', '--out', folder, language] });
      }
      const sums = [one, other].map(({ folder }) => readFileSync(join(folder, 'SHA256SUMS'), 'utf8'));
      expect(sums[0]).toBe(sums[1]);
    },
  );
});

/** All that a release could change of a repository. */
function state(folder: string): string {
  return git(folder, 'status', '--porcelain') + git(folder, 'show-ref') + git(folder, 'rev-parse', 'HEAD');
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
