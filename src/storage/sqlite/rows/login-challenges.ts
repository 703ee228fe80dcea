import type { CountedAs } from '../../../domain/auth/tries.ts';
import type { LoginChallenge } from '../../../domain/second-factors/storage.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

const CHALLENGE = `org_id AS orgId, challenge_id AS challengeId, user_id AS userId, kind, proved_by AS provedBy,
  email_proven AS isEmailProven, caller_class AS callerClass, counted_as AS countedAs, tries, code_digest AS codeDigest,
  code_until AS codeUntil, credential_version AS credentialVersion, created_at AS createdAt, expires_at AS expiresAt`;

/** As SQLite gives it: it has no boolean; and '' for what counted nothing. */
type ChallengeRow = Omit<LoginChallenge, 'isEmailProven' | 'countedAs'> & {
  readonly isEmailProven: number;
  readonly countedAs: CountedAs | '';
};

/** The table `login_challenges`. One writer works at a time: what it has read is held. */
export function loginChallengeRows(connection: Connection): Rows['loginChallenges'] {
  const find = connection.prepare<[string, string], ChallengeRow>(
    `SELECT ${CHALLENGE} FROM login_challenges WHERE org_id = ? AND challenge_id = ?`,
  );
  const listOfUser = connection.prepare<[string, string], ChallengeRow>(
    `SELECT ${CHALLENGE} FROM login_challenges WHERE org_id = ? AND user_id = ? ORDER BY created_at, challenge_id`,
  );
  const put = connection.prepare<(string | number | Uint8Array | null)[]>(
    `INSERT INTO login_challenges (org_id, challenge_id, user_id, kind, proved_by, email_proven, caller_class, counted_as,
       tries, code_digest, code_until, credential_version, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (org_id, challenge_id) DO UPDATE SET user_id = excluded.user_id, caller_class = excluded.caller_class,
       tries = excluded.tries, code_digest = excluded.code_digest, code_until = excluded.code_until,
       credential_version = excluded.credential_version`,
  );
  const clearCodes = connection.prepare<[string, string, string, string]>(
    `UPDATE login_challenges SET code_digest = NULL
     WHERE org_id = ? AND user_id = ? AND kind = ? AND caller_class = ? AND code_digest IS NOT NULL`,
  );
  const remove = connection.prepare<[string, string]>(
    'DELETE FROM login_challenges WHERE org_id = ? AND challenge_id = ?',
  );
  const removeOfUser = connection.prepare<[string, string]>(
    'DELETE FROM login_challenges WHERE org_id = ? AND user_id = ?',
  );
  const removeExpired = connection.prepare<[number, number]>(
    `DELETE FROM login_challenges WHERE (org_id, challenge_id) IN
       (SELECT org_id, challenge_id FROM login_challenges WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
  );
  return {
    find(orgId, challengeId) {
      const row = find.get(orgId, challengeId);
      return row === undefined ? null : toChallenge(row);
    },
    hold(empty) {
      const row = find.get(empty.orgId, empty.challengeId);
      return row === undefined ? empty : toChallenge(row);
    },
    listOfUser: (orgId, userId) => listOfUser.all(orgId, userId).map(toChallenge),
    put(challenge) {
      const { orgId, challengeId, userId, kind, provedBy, isEmailProven, callerClass, countedAs } = challenge;
      const { tries, codeDigest, codeUntil, credentialVersion, createdAt, expiresAt } = challenge;
      const proof = [kind, provedBy, Number(isEmailProven), callerClass, countedAs ?? ''];
      const code = [tries, codeDigest, codeUntil, credentialVersion, createdAt, expiresAt];
      put.run(orgId, challengeId, userId, ...proof, ...code);
    },
    clearCodes({ orgId, userId, kind, callerClass }) {
      clearCodes.run(orgId, userId, kind, callerClass);
    },
    remove(orgId, challengeId) {
      remove.run(orgId, challengeId);
    },
    removeOfUser(orgId, userId) {
      removeOfUser.run(orgId, userId);
    },
    removeExpired: (before, limit) => removeExpired.run(before, limit).changes,
  };
}

function toChallenge({ isEmailProven, countedAs, ...row }: ChallengeRow): LoginChallenge {
  return { ...row, isEmailProven: isEmailProven === 1, countedAs: countedAs === '' ? null : countedAs };
}
