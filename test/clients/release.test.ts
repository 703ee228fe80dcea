import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { changelogOf } from '../../release/changelog.js';
import { releaseKey } from '../../release/provenance.js';
import { commitRelease, recordRelease } from '../../release/record.js';
import { refusals } from '../../release/refusals.js';
import { compareVersions, parseVersion } from '../../release/semver.js';
import { withVersion } from '../../release/set-version.js';
import { git } from './git.ts';

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
