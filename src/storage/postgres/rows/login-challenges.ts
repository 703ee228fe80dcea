import type { CountedAs } from '../../../domain/auth/tries.ts';
import type { LoginChallenge } from '../../../domain/second-factors/storage.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import type { Holds } from './holds.ts';
import { first } from './paging.ts';

const CHALLENGE = `org_id AS "orgId", challenge_id AS "challengeId", user_id AS "userId", kind, proved_by AS "provedBy",
  email_proven AS "isEmailProven", caller_class AS "callerClass", counted_as AS "countedAs", tries,
  code_digest AS "codeDigest", code_until AS "codeUntil", credential_version AS "credentialVersion",
  created_at AS "createdAt", expires_at AS "expiresAt"`;
const COLUMNS = `org_id, challenge_id, user_id, kind, proved_by, email_proven, caller_class, counted_as, tries,
  code_digest, code_until, credential_version, created_at, expires_at`;
const VALUES = '$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14';

const FIND = statement(`SELECT ${CHALLENGE} FROM {schema}.login_challenges WHERE org_id = $1 AND challenge_id = $2`);
/** What is not there is made, so that two find one row to wait for. */
const HOLD = statement(
  `INSERT INTO {schema}.login_challenges AS c (${COLUMNS}) VALUES (${VALUES})
   ON CONFLICT (org_id, challenge_id) DO UPDATE SET tries = c.tries RETURNING ${CHALLENGE}`,
);
const LIST_OF_USER = statement(
  `SELECT ${CHALLENGE} FROM {schema}.login_challenges WHERE org_id = $1 AND user_id = $2
   ORDER BY created_at, challenge_id`,
);
const PUT = statement(
  `INSERT INTO {schema}.login_challenges (${COLUMNS}) VALUES (${VALUES})
   ON CONFLICT (org_id, challenge_id) DO UPDATE SET user_id = excluded.user_id, caller_class = excluded.caller_class,
     tries = excluded.tries, code_digest = excluded.code_digest, code_until = excluded.code_until,
     credential_version = excluded.credential_version`,
);
const CLEAR_CODES = statement(
  `UPDATE {schema}.login_challenges SET code_digest = NULL
   WHERE org_id = $1 AND user_id = $2 AND kind = $3 AND caller_class = $4 AND code_digest IS NOT NULL`,
);
const REMOVE = statement('DELETE FROM {schema}.login_challenges WHERE org_id = $1 AND challenge_id = $2');
const REMOVE_OF_USER = statement('DELETE FROM {schema}.login_challenges WHERE org_id = $1 AND user_id = $2');
const REMOVE_EXPIRED = statement(
  `DELETE FROM {schema}.login_challenges WHERE (org_id, challenge_id) IN
     (SELECT org_id, challenge_id FROM {schema}.login_challenges WHERE expires_at < $1
      ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
);

type ChallengeRow = Omit<LoginChallenge, 'countedAs'> & { readonly countedAs: CountedAs | '' };

/** The table `login_challenges`: who changes those of a user holds the user; of nobody, the challenge itself. */
export function loginChallengeRows(queries: Queries, holds: Holds): Rows['loginChallenges'] {
  return {
    async find(orgId, challengeId) {
      const row = await first(queries.all<ChallengeRow>(FIND, [orgId, challengeId]));
      return row === null ? null : toChallenge(row);
    },
    async hold(empty) {
      holds.organization(empty.orgId);
      const row = await first(queries.all<ChallengeRow>(HOLD, valuesOf(empty)));
      return row === null ? empty : toChallenge(row);
    },
    listOfUser: async (orgId, userId) =>
      (await queries.all<ChallengeRow>(LIST_OF_USER, [orgId, userId])).map(toChallenge),
    put: (challenge) => queries.send(PUT, valuesOf(challenge)),
    clearCodes: ({ orgId, userId, kind, callerClass }) => queries.send(CLEAR_CODES, [orgId, userId, kind, callerClass]),
    remove: (orgId, challengeId) => queries.send(REMOVE, [orgId, challengeId]),
    removeOfUser: (orgId, userId) => queries.send(REMOVE_OF_USER, [orgId, userId]),
    removeExpired: (before, limit) => queries.count(REMOVE_EXPIRED, [before, limit]),
  };
}

function valuesOf(challenge: LoginChallenge) {
  const { orgId, challengeId, userId, kind, provedBy, isEmailProven, callerClass, countedAs } = challenge;
  const { tries, codeDigest, codeUntil, credentialVersion, createdAt, expiresAt } = challenge;
  const proof = [kind, provedBy, isEmailProven, callerClass, countedAs ?? ''];
  return [orgId, challengeId, userId, ...proof, tries, codeDigest, codeUntil, credentialVersion, createdAt, expiresAt];
}

function toChallenge({ countedAs, ...row }: ChallengeRow): LoginChallenge {
  return { ...row, countedAs: countedAs === '' ? null : countedAs };
}
