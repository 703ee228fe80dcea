import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentVersion } from './archives.js';
import { changelogOf } from './changelog.js';
import { run } from './command.js';
import { compareVersions, parseVersion } from './semver.js';

/**
 * Every reason not to release a repository as it is; none where it can be.
 *
 * @param {string} root
 * @param {{ readonly version: string, readonly isDryRun: boolean }} release a dry run is of the last commit, whatever is not committed
 * @returns {readonly string[]}
 */
export function refusals(root, { version, isDryRun }) {
  const git = (/** @type {string[]} */ ...args) => run('git', args, { cwd: root }).trim();
  const changes = git('status', '--porcelain');
  return [
    ...(changes === '' || isDryRun ? [] : [`what is not committed would not be in the release:\n${changes}`]),
    ...versionRefusals(version, {
      current: currentVersion(root),
      tags: git('tag', '--list', 'v*').split('\n').filter(Boolean),
    }),
    ...(changelogOf(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), { version, date: '' }) === null
      ? [`CHANGELOG.md has nothing under [${version}] or [Unreleased]`]
      : []),
  ];
}

/**
 * A release is newer than any before it; the first may have the version that the packages have.
 *
 * @param {string} version
 * @param {{ readonly current: string, readonly tags: readonly string[] }} repository
 */
function versionRefusals(version, { current, tags }) {
  const parsed = parseVersion(version);
  if (parsed === null) {
    return [
      `${JSON.stringify(version)} is no version as 1.2.3 or 1.2.3-rc.1 is (alpha, beta and rc are known in all five languages)`,
    ];
  }
  if ((parsed[0] ?? 0) > 1) {
    return [`${version}: from 2 on the modules of Go need the number in their paths (go.authflow.dev/gen/v2)`];
  }
  const released = tags.find((tag) => {
    const other = parseVersion(tag.slice(1));
    return other !== null && compareVersions(parsed, other) <= 0;
  });
  if (released !== undefined) {
    return [`${version} is not newer than ${released}`];
  }
  return compareVersions(parsed, parseVersion(current) ?? []) < 0
    ? [`${version} is older than the packages' ${current}`]
    : [];
}
