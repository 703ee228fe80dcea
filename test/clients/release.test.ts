import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { unpack } from '../../release/archive.js';
import { changelogOf } from '../../release/changelog.js';
import { faultsOf } from '../../release/check.js';
import { LANGUAGES } from '../../release/languages.js';
import { releaseKey } from '../../release/provenance.js';
import { commitRelease, recordRelease } from '../../release/record.js';
import { refusals } from '../../release/refusals.js';
import { compareVersions, parseVersion } from '../../release/semver.js';
import { withVersion } from '../../release/set-version.js';
import { needs } from '../support/needs.ts';
import { ROOT } from '../support/readme-blocks.ts';
import { pass } from './beside-servers.ts';

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

describe('a release is refused', () => {
  test('with changes that are not committed; a dry run leaves them out', () => {
    const repository = newRepository();
    expect(refused(repository, '0.3.0')).toEqual([]);
    writeFileSync(join(repository, 'new.txt'), '');
    expect(refused(repository, '0.3.0')).toEqual([expect.stringContaining('?? new.txt')]);
    expect(refusals(repository, { version: '0.3.0', isDryRun: true })).toEqual([]);
  });

  test('with a version that is none, that one of the five languages does not know, or that is not newer', () => {
    const repository = newRepository();
    for (const version of ['', '1', '1.2', 'v0.3.0', '0.3.0-snapshot', '0.3.0+build', '00.3.0', '2.0.0', '0.1.9']) {
      expect(refused(repository, version)).toHaveLength(1);
    }
    expect(refused(repository, '0.2.0')).toEqual([]);
    git(repository, 'tag', 'v0.2.0');
    expect(refused(repository, '0.2.0')).toEqual(['0.2.0 is not newer than v0.2.0']);
    expect(refused(repository, '0.2.0-rc.1')).toEqual(['0.2.0-rc.1 is not newer than v0.2.0']);
    expect(refused(repository, '0.3.0-rc.1')).toEqual([]);
  });

  test('of which the changelog says nothing', () => {
    const repository = newRepository('# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n- All.\n');
    expect(refused(repository, '0.3.0')).toEqual(['CHANGELOG.md has nothing under [0.3.0] or [Unreleased]']);
  });

  test('with a key that is none of Ed25519', () => {
    const file = join(temporaryFolder(), 'key.pem');
    expect(() => releaseKey(file)).toThrow('AUTHFLOW_RELEASE_KEY');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => releaseKey(file)).toThrow('Ed25519');
  });

  function refused(repository: string, version: string): readonly string[] {
    return refusals(repository, { version, isDryRun: false });
  }
});

describe('a release that is no dry run', () => {
  test('is a commit of the repository, with a tag for each way to find it', () => {
    const repository = newRepository();
    const checkout = cloneOf(repository);
    writeFileSync(join(checkout, 'VERSION'), '0.3.0');
    const commit = commitRelease(checkout, { version: '0.3.0', root: repository, isDryRun: false });
    recordRelease(repository, { checkout, commit, version: '0.3.0' });
    expect(git(repository, 'log', '-1', '--format=%H %an %ae %s')).toBe(
      `${commit} Ada ada@example.com chore(release): 0.3.0`,
    );
    expect(git(repository, 'status', '--porcelain')).toBe('');
    expect(git(repository, 'tag', '--points-at', commit).split('\n')).toEqual([
      'clients/go/v0.3.0',
      'gen/go/v0.3.0',
      'v0.3.0',
    ]);
  });

  test('changes nothing where the repository has moved on meanwhile', () => {
    const repository = newRepository();
    const checkout = cloneOf(repository);
    const commit = commitRelease(checkout, { version: '0.3.0', root: repository, isDryRun: false });
    git(repository, 'commit', '--quiet', '--allow-empty', '--message', 'meanwhile');
    expect(() => recordRelease(repository, { checkout, commit, version: '0.3.0' })).toThrow('--ff-only');
    expect(git(repository, 'log', '-1', '--format=%s')).toBe('meanwhile');
    expect(git(repository, 'tag')).toBe('');
  });

  test('changes nothing where it has one of the tags', () => {
    const repository = newRepository();
    git(repository, 'tag', 'gen/go/v0.3.0');
    const checkout = cloneOf(repository);
    const commit = commitRelease(checkout, { version: '0.3.0', root: repository, isDryRun: false });
    expect(() => recordRelease(repository, { checkout, commit, version: '0.3.0' })).toThrow('gen/go/v0.3.0');
    expect(git(repository, 'log', '-1', '--format=%s')).toBe('all');
  });
});

describe('the one version number', () => {
  test.each([
    [
      'package.json',
      '{ "name": "@authflow/client",\n  "version": "1.2.3", "dependencies": { "@authflow/stubs": "1.2.3" } }',
      2,
    ],
    [
      'Cargo.lock',
      'name = "authflow-client"\nversion = "1.2.3"\n\n[[package]]\nname = "other"\nversion = "1.2.3"\n',
      1,
    ],
    ['go.mod', 'require go.authflow.dev/gen v1.2.3\nrequire example.com/other v1.2.3\n', 1],
    [
      'pom.xml',
      '<groupId>dev.authflow</groupId>\n <artifactId>authflow-client</artifactId>\n <version>1.2.3</version>',
      1,
    ],
    [
      'pom.xml of another',
      '<groupId>com.example</groupId>\n<artifactId>authflow-client</artifactId>\n<version>1.2.3</version>',
      0,
    ],
    [
      'README.md',
      'npm install ./authflow-stubs-1.2.3.tgz, authflow-client-1.2.3-sources.jar, tag gen/go/v1.2.3, accounts-1.2.3.jar',
      3,
    ],
    ['a version that begins alike', 'authflow-client-1.2.34.crate, go.authflow.dev/gen v1.2.3-rc.1', 0],
  ])('is set in %s for what is ours', (_, text, times) => {
    const changed = withVersion(text, { from: '1.2.3', to: '1.3.0-rc.1' });
    expect(changed.split('1.3.0-rc.1')).toHaveLength(times + 1);
    expect(withVersion(changed, { from: '1.3.0-rc.1', to: '1.2.3' })).toBe(text);
  });

  test('is written in Python as Python does', () => {
    const text = 'pip install ./authflow_stubs-1.2.3-py3-none-any.whl "authflow-stubs==1.2.*"';
    expect(withVersion(text, { from: '1.2.3', to: '1.3.0-beta.2' })).toBe(
      'pip install ./authflow_stubs-1.3.0b2-py3-none-any.whl "authflow-stubs==1.3.*"',
    );
  });

  test('is ordered as Semantic Versioning orders it', () => {
    const versions = [
      '0.9.10',
      '1.0.0-alpha.1',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.10.0',
    ];
    const parsed = versions.map((version) => parseVersion(version) ?? []);
    expect(parsed.toReversed().toSorted(compareVersions)).toEqual(parsed);
  });
});

test('what is unreleased in the changelog is put under the version', () => {
  const text = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.1.0] - 2026-01-01\n';
  const changed = changelogOf(text, { version: '0.2.0', date: '2026-02-01' });
  expect(changed).toBe(
    '# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-02-01\n\n### Added\n\n- A thing.\n\n## [0.1.0] - 2026-01-01\n',
  );
  expect(changelogOf(changed ?? '', { version: '0.2.0', date: '2026-03-01' })).toBe(changed);
});

/** A repository as far as a release looks at it, of version 0.2.0. */
function newRepository(changelog = '# Changelog\n\n## [Unreleased]\n\n- A thing.\n'): string {
  const folder = temporaryFolder();
  git(folder, 'init', '--quiet');
  git(folder, 'config', 'user.name', 'Ada');
  git(folder, 'config', 'user.email', 'ada@example.com');
  writeFileSync(join(folder, 'package.json'), '{"version":"0.2.0"}');
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'all');
  return folder;
}

function cloneOf(repository: string): string {
  const folder = join(temporaryFolder(), 'clone');
  git(repository, 'clone', '--quiet', '--shared', '.', folder);
  return folder;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'authflow-release-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** All that a release could change of a repository. */
function state(folder: string): string {
  return git(folder, 'status', '--porcelain') + git(folder, 'show-ref') + git(folder, 'rev-parse', 'HEAD');
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
