import { AuthError } from '../../domain/errors.ts';

/**
 * SQLSTATEs that mean "not now" (PostgreSQL documentation, appendix A): the connection (08), a transaction that others
 * rolled back (40), resources (53), locks and cancelled statements (55, 57), the system's own errors (58); a server that takes no
 * writes, as a primary that became a standby (25006); a database, a role or rights that went away meanwhile (28, 3D, 42501), or the
 * tables, as those of a store that was moved (3F, 42P01).
 */
const UNAVAILABLE = /^(08|40|53|55|57|58|28|3D|3F)|^(25006|42501|42P01|25P03)$/;
/** serialization_failure and deadlock_detected: the same transaction may succeed a moment later. */
const ROLLED_BACK_BY_OTHERS = new Set(['40001', '40P01']);
/** feature_not_supported: no statement here is, but one whose plan is stale. */
const STALE_PLAN = '0A000';
const UNIQUE_VIOLATION = '23505';
const READ_ONLY_SQL_TRANSACTION = '25006';
/** Of an error after which the server closes the connection; what it was doing is told by nobody. */
const FATAL = new Set(['FATAL', 'PANIC']);
/** The same where the server speaks another language: the connection, shutdowns, and who was idle for too long. */
const FATAL_STATE = /^(08|57P)|^25P0[34]$/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** The connection went away, or was closed because it did not answer in time; what was under way is not known. */
export class ConnectionLostError extends Error {
  override readonly name: string = 'ConnectionLostError';
}

/** A table was altered since a statement was prepared (0A000, "cached plan must not change result type"): it was not run. */
export class StalePlanError extends ConnectionLostError {
  override readonly name = 'StalePlanError';
}

/** A statement was not answered in its time: its connection was closed, and what became of it is not known. */
export class OutOfTimeError extends ConnectionLostError {
  override readonly name = 'OutOfTimeError';
}

/** The SQLSTATE of an error that the server told; null for any other. */
export function sqlState(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && SQLSTATE.test(code) && 'severity' in (error as object) ? code : null;
}

export function isRolledBackByOthers(error: unknown): boolean {
  return ROLLED_BACK_BY_OTHERS.has(sqlState(error) ?? '');
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === UNIQUE_VIOLATION;
}

export function isStalePlan(error: unknown): boolean {
  return error instanceof StalePlanError || sqlState(error) === STALE_PLAN;
}

export function isOutOfTime(error: unknown): boolean {
  return error instanceof OutOfTimeError;
}

/** Whether the server closes the connection with this error. */
export function endsConnection(error: {
  readonly severity?: string | undefined;
  readonly code?: string | undefined;
}): boolean {
  return FATAL.has(error.severity ?? '') || FATAL_STATE.test(error.code ?? '');
}

export function isReadOnlyTransaction(error: unknown): boolean {
  return sqlState(error) === READ_ONLY_SQL_TRANSACTION;
}

/** The error as the domain knows it: UNAVAILABLE where the store is out of reach, any other error unchanged. */
export function translateError(error: unknown): unknown {
  const state = sqlState(error);
  const isUnavailable =
    error instanceof ConnectionLostError || isOfSystem(error) || (state !== null && UNAVAILABLE.test(state));
  return isUnavailable ? new AuthError('UNAVAILABLE', { cause: error }) : error;
}

/** invalid_schema_name and undefined_table: the store is no longer where it was. */
export function isStoreGone(error: unknown): boolean {
  return ['3F000', '42P01'].includes(sqlState(error) ?? '');
}

/** Whether the store cannot be reached, or not now. */
export function isOutOfReach(error: unknown): boolean {
  const translated = translateError(error);
  return translated instanceof AuthError && translated.reason === 'UNAVAILABLE';
}

/** Of a socket, of name resolution or of TLS. */
function isOfSystem(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^(E[A-Z]|ERR_|CERT_|DEPTH_|SELF_|UNABLE_)/.test(error.code)
  );
}
