import { Refusal, run } from './command.js';

/**
 * Commits everything that changed in a checkout as a release, by who would commit in the repository.
 *
 * @param {string} checkout
 * @param {{ readonly version: string, readonly root: string, readonly isDryRun: boolean }} release
 * @returns {string} the commit
 */
export function commitRelease(checkout, { version, root, isDryRun }) {
  const identity = isDryRun ? ['Dry run', 'dry-run@localhost'] : committer(root);
  const [name, email] = identity;
  const author = ['-c', `user.name=${name}`, '-c', `user.email=${email}`];
  run('git', ['add', '--all'], { cwd: checkout });
  run('git', [...author, 'commit', '--quiet', '--allow-empty', '--message', `chore(release): ${version}`], {
    cwd: checkout,
  });
  return run('git', ['rev-parse', 'HEAD'], { cwd: checkout }).trim();
}

/**
 * Brings a release's commit into the repository it was made from, and tags it. Go finds its modules by tags of their own.
 *
 * @param {string} root
 * @param {{ readonly checkout: string, readonly commit: string, readonly version: string }} release
 * @throws {Refusal} where the repository has moved on, or has such a tag: then nothing is changed
 */
export function recordRelease(root, { checkout, commit, version }) {
  const git = (/** @type {string[]} */ ...args) => run('git', args, { cwd: root });
  const existing = git('tag', '--list', ...tagsOf(version));
  if (existing !== '') {
    throw new Refusal(`there are already tags of ${version}:\n${existing}`);
  }
  git('fetch', '--quiet', '--no-tags', checkout, commit);
  git('merge', '--quiet', '--ff-only', commit);
  for (const tag of tagsOf(version)) {
    git('tag', '--annotate', '--message', `AuthFlow ${version}`, tag, commit);
  }
}

/** @param {string} version */
export function tagsOf(version) {
  return [`v${version}`, `gen/go/v${version}`, `clients/go/v${version}`];
}

/** @param {string} root */
function committer(root) {
  const [, name = '', email = ''] =
    /^(.*) <(.*)>/.exec(run('git', ['var', 'GIT_COMMITTER_IDENT'], { cwd: root })) ?? [];
  return [name, email];
}
