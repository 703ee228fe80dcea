const UNRELEASED = '## [Unreleased]\n';

/**
 * The changelog with what is unreleased put under a version; as it is where it has that version already. Null where it has neither.
 *
 * @param {string} text in the form of Keep a Changelog 1.1.0
 * @param {{ readonly version: string, readonly date: string }} release `date` as YYYY-MM-DD
 */
export function changelogOf(text, { version, date }) {
  if (text.includes(`\n## [${version}]`)) {
    return text;
  }
  const [before, after] = text.split(UNRELEASED);
  const changes = after?.split('\n## ')[0]?.trim() ?? '';
  return changes === '' ? null : `${before}${UNRELEASED}\n## [${version}] - ${date}\n${after}`;
}
