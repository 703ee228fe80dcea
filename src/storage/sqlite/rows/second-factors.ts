import type { SealedFactor, SecondFactor } from '../../../domain/second-factors/storage.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

/** As SQLite gives it: it has no boolean. */
type FactorRow = Omit<SecondFactor, 'withholdsEmail' | 'isBeforeProof'> & {
  readonly withholdsEmail: number;
  readonly isBeforeProof: number;
};

type PutValues = [
  ...[orgId: string, userId: string, sealedSecret: Uint8Array | null, lastStep: number],
  ...[pendingSecret: Uint8Array | null, pendingUntil: number, wrongCodes: number, wrongRecoveryCodes: number],
  ...[withholdsEmail: number, isBeforeProof: number],
];

/** The tables `second_factors`, `recovery_codes` and `login_code_tries`. */
export function secondFactorRows(connection: Connection): Rows['secondFactors'] {
  const find = connection.prepare<[string, string], FactorRow>(
    `SELECT org_id AS orgId, user_id AS userId, sealed_secret AS sealedSecret, last_step AS lastStep,
       pending_secret AS pendingSecret, pending_until AS pendingUntil, wrong_codes AS wrongCodes,
       wrong_recovery_codes AS wrongRecoveryCodes, withholds_email AS withholdsEmail,
       before_proof AS isBeforeProof
     FROM second_factors WHERE org_id = ? AND user_id = ?`,
  );
  const put = connection.prepare<PutValues>(
    `INSERT INTO second_factors (org_id, user_id, sealed_secret, last_step, pending_secret, pending_until, wrong_codes,
       wrong_recovery_codes, withholds_email, before_proof) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (org_id, user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, last_step = excluded.last_step,
       pending_secret = excluded.pending_secret, pending_until = excluded.pending_until,
       wrong_codes = excluded.wrong_codes, wrong_recovery_codes = excluded.wrong_recovery_codes,
       withholds_email = excluded.withholds_email, before_proof = excluded.before_proof`,
  );
  const remove = connection.prepare<[string, string]>('DELETE FROM second_factors WHERE org_id = ? AND user_id = ?');
  const countCodes = connection
    .prepare<[string, string], number>('SELECT count(*) FROM recovery_codes WHERE org_id = ? AND user_id = ?')
    .pluck();
  const insertCode = connection.prepare<[string, string, Uint8Array]>(
    'INSERT INTO recovery_codes (org_id, user_id, code_digest) VALUES (?, ?, ?)',
  );
  const removeCode = connection.prepare<[string, string, Uint8Array]>(
    'DELETE FROM recovery_codes WHERE org_id = ? AND user_id = ? AND code_digest = ?',
  );
  const removeCodes = connection.prepare<[string, string]>(
    'DELETE FROM recovery_codes WHERE org_id = ? AND user_id = ?',
  );
  const findTries = connection
    .prepare<[string, string, string], number>(
      'SELECT wrong_codes FROM login_code_tries WHERE org_id = ? AND user_id = ? AND caller_class = ?',
    )
    .pluck();
  const putTries = connection.prepare<[string, string, string, number]>(
    `INSERT INTO login_code_tries (org_id, user_id, caller_class, wrong_codes) VALUES (?, ?, ?, ?)
     ON CONFLICT (org_id, user_id, caller_class) DO UPDATE SET wrong_codes = excluded.wrong_codes`,
  );
  const removeTries = connection.prepare<[string, string]>(
    'DELETE FROM login_code_tries WHERE org_id = ? AND user_id = ?',
  );
  const listSealed = connection.prepare<[string, string, number], SealedFactor>(
    `SELECT org_id AS orgId, user_id AS userId, sealed_secret AS sealedSecret, pending_secret AS pendingSecret
     FROM second_factors
     WHERE (org_id, user_id) > (?, ?) AND (sealed_secret IS NOT NULL OR pending_secret IS NOT NULL) ORDER BY org_id, user_id LIMIT ?`,
  );
  return {
    find(orgId, userId) {
      const row = find.get(orgId, userId);
      return row === undefined
        ? null
        : { ...row, withholdsEmail: row.withholdsEmail === 1, isBeforeProof: row.isBeforeProof === 1 };
    },
    put(factor) {
      const { orgId, userId, sealedSecret, lastStep, pendingSecret, pendingUntil } = factor;
      const { wrongCodes, wrongRecoveryCodes, withholdsEmail, isBeforeProof } = factor;
      const counts = [wrongCodes, wrongRecoveryCodes, Number(withholdsEmail), Number(isBeforeProof)] as const;
      put.run(orgId, userId, sealedSecret, lastStep, pendingSecret, pendingUntil, ...counts);
    },
    remove(orgId, userId) {
      remove.run(orgId, userId);
      removeCodes.run(orgId, userId);
    },
    countRecoveryCodes: (orgId, userId) => countCodes.get(orgId, userId) ?? 0,
    putRecoveryCodes(orgId, userId, digests) {
      removeCodes.run(orgId, userId);
      for (const digest of digests) {
        insertCode.run(orgId, userId, digest);
      }
    },
    removeRecoveryCode: (orgId, userId, digest) => removeCode.run(orgId, userId, digest).changes === 1,
    findLoginCodeTries: (orgId, userId, callerClass) => findTries.get(orgId, userId, callerClass) ?? 0,
    putLoginCodeTries(orgId, userId, callerClass, wrongCodes) {
      putTries.run(orgId, userId, callerClass, wrongCodes);
    },
    removeLoginCodeTries(orgId, userId) {
      removeTries.run(orgId, userId);
    },
    listSealed: (after, limit) => listSealed.all(after?.orgId ?? '', after?.userId ?? '', limit),
  };
}
