import type { SealedFactor, SecondFactor } from '../../../domain/second-factors/storage.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { first } from './paging.ts';

const FIND = statement(
  `SELECT org_id AS "orgId", user_id AS "userId", sealed_secret AS "sealedSecret", last_step AS "lastStep",
     pending_secret AS "pendingSecret", pending_until AS "pendingUntil", wrong_codes AS "wrongCodes",
     wrong_recovery_codes AS "wrongRecoveryCodes", withholds_email AS "withholdsEmail",
     before_proof AS "isBeforeProof"
   FROM {schema}.second_factors WHERE org_id = $1 AND user_id = $2`,
);
const PUT = statement(
  `INSERT INTO {schema}.second_factors (org_id, user_id, sealed_secret, last_step, pending_secret, pending_until, wrong_codes,
     wrong_recovery_codes, withholds_email, before_proof) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   ON CONFLICT (org_id, user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, last_step = excluded.last_step,
     pending_secret = excluded.pending_secret, pending_until = excluded.pending_until,
     wrong_codes = excluded.wrong_codes, wrong_recovery_codes = excluded.wrong_recovery_codes,
     withholds_email = excluded.withholds_email, before_proof = excluded.before_proof`,
);
const REMOVE = statement('DELETE FROM {schema}.second_factors WHERE org_id = $1 AND user_id = $2');
const COUNT_CODES = statement(
  'SELECT count(*) AS codes FROM {schema}.recovery_codes WHERE org_id = $1 AND user_id = $2',
);
const INSERT_CODE = statement('INSERT INTO {schema}.recovery_codes (org_id, user_id, code_digest) VALUES ($1, $2, $3)');
const REMOVE_CODE = statement(
  'DELETE FROM {schema}.recovery_codes WHERE org_id = $1 AND user_id = $2 AND code_digest = $3',
);
const REMOVE_CODES = statement('DELETE FROM {schema}.recovery_codes WHERE org_id = $1 AND user_id = $2');
const FIND_TRIES = statement(
  `SELECT wrong_codes AS "wrongCodes" FROM {schema}.login_code_tries
   WHERE org_id = $1 AND user_id = $2 AND caller_class = $3`,
);
const PUT_TRIES = statement(
  `INSERT INTO {schema}.login_code_tries (org_id, user_id, caller_class, wrong_codes) VALUES ($1, $2, $3, $4)
   ON CONFLICT (org_id, user_id, caller_class) DO UPDATE SET wrong_codes = excluded.wrong_codes`,
);
const REMOVE_TRIES = statement('DELETE FROM {schema}.login_code_tries WHERE org_id = $1 AND user_id = $2');
const LIST_SEALED = statement(
  `SELECT org_id AS "orgId", user_id AS "userId", sealed_secret AS "sealedSecret", pending_secret AS "pendingSecret"
   FROM {schema}.second_factors
   WHERE (org_id, user_id) > ($1, $2) AND (sealed_secret IS NOT NULL OR pending_secret IS NOT NULL) ORDER BY org_id, user_id LIMIT $3`,
);

/** The tables `second_factors`, `recovery_codes` and `login_code_tries`: who reads or changes those of a user holds the user. */
export function secondFactorRows(queries: Queries): Rows['secondFactors'] {
  return {
    find: (orgId, userId) => first(queries.all<SecondFactor>(FIND, [orgId, userId])),
    put(factor) {
      const { orgId, userId, sealedSecret, lastStep, pendingSecret, pendingUntil } = factor;
      const { wrongCodes, wrongRecoveryCodes, withholdsEmail, isBeforeProof } = factor;
      const counts = [wrongCodes, wrongRecoveryCodes, withholdsEmail, isBeforeProof];
      queries.send(PUT, [orgId, userId, sealedSecret, lastStep, pendingSecret, pendingUntil, ...counts]);
    },
    remove(orgId, userId) {
      queries.send(REMOVE, [orgId, userId]);
      queries.send(REMOVE_CODES, [orgId, userId]);
    },
    countRecoveryCodes: async (orgId, userId) =>
      (await first(queries.all<{ readonly codes: number }>(COUNT_CODES, [orgId, userId])))?.codes ?? 0,
    putRecoveryCodes(orgId, userId, digests) {
      queries.send(REMOVE_CODES, [orgId, userId]);
      for (const digest of digests) {
        queries.send(INSERT_CODE, [orgId, userId, digest]);
      }
    },
    removeRecoveryCode: async (orgId, userId, digest) =>
      (await queries.count(REMOVE_CODE, [orgId, userId, digest])) === 1,
    findLoginCodeTries: async (orgId, userId, callerClass) =>
      (await first(queries.all<{ readonly wrongCodes: number }>(FIND_TRIES, [orgId, userId, callerClass])))
        ?.wrongCodes ?? 0,
    putLoginCodeTries: (orgId, userId, callerClass, wrongCodes) =>
      queries.send(PUT_TRIES, [orgId, userId, callerClass, wrongCodes]),
    removeLoginCodeTries: (orgId, userId) => queries.send(REMOVE_TRIES, [orgId, userId]),
    listSealed: (after, limit) =>
      queries.all<SealedFactor>(LIST_SEALED, [after?.orgId ?? '', after?.userId ?? '', limit]),
  };
}
