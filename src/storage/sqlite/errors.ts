import { AuthError } from '../../domain/errors.ts';
import { Database } from './driver.ts';

/** Primary result codes that mean "not now" rather than a fault of ours (https://sqlite.org/rescode.html). */
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|PROTOCOL|FULL|IOERR|READONLY|CANTOPEN)(_|$)/;
const LOCKED = /^SQLITE_(BUSY|LOCKED|PROTOCOL)(_|$)/;

/** Whether another connection holds what was asked for: nothing was done, and a repeat may succeed. */
export function isLocked(error: unknown): boolean {
  return error instanceof Database.SqliteError && LOCKED.test(error.code);
}

/** The error as the domain knows it: UNAVAILABLE where the store is out of reach, any other error unchanged. */
export function translateError(error: unknown): unknown {
  const unavailable = error instanceof Database.SqliteError && UNAVAILABLE.test(error.code);
  return unavailable ? new AuthError('UNAVAILABLE', { cause: error }) : error;
}
