/** Of Semantic Versioning what all five ecosystems have a form for: Go and npm drop build metadata, Python knows these three before a release. */
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(alpha|beta|rc)\.(0|[1-9]\d*))?$/;

/**
 * The numbers of a version, in the order of their weight; null where it is none that can be released.
 *
 * @param {string} version
 */
export function parseVersion(version) {
  const [match, major, minor, patch, stage, count] = VERSION.exec(version) ?? [];
  if (match === undefined) {
    return null;
  }
  const stages = ['alpha', 'beta', 'rc'];
  return [major, minor, patch, stage === undefined ? stages.length : stages.indexOf(stage), count ?? 0].map(Number);
}

/**
 * Negative where `left` comes before `right`, 0 where they are the same.
 *
 * @param {readonly number[]} left
 * @param {readonly number[]} right
 */
export function compareVersions(left, right) {
  const index = left.findIndex((number, each) => number !== right[each]);
  return index < 0 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}

/**
 * As PEP 440 writes it: `1.0.0rc1`.
 *
 * @param {string} version
 */
export function pythonVersion(version) {
  return version.replace(
    /-(alpha|beta|rc)\.(\d+)$/,
    (_, stage, count) => `${stage === 'rc' ? 'rc' : stage[0]}${count}`,
  );
}
