const RELEASE = /^(\d+)\.(\d+)\.(\d+)(?:[-+]|$)/;

/**
 * Whether a release is `oldest` or a later one, by their three numbers (semver.org, clause 11). A pre-release counts as the
 * release that it leads to: their schema is the same. False where either is no release.
 */
export function isSince(release: string, oldest: string): boolean {
  const [ours, theirs] = [RELEASE.exec(release), RELEASE.exec(oldest)];
  if (ours === null || theirs === null) {
    return false;
  }
  for (const place of [1, 2, 3]) {
    const difference = Number(ours[place]) - Number(theirs[place]);
    if (difference !== 0) {
      return difference > 0;
    }
  }
  return true;
}
