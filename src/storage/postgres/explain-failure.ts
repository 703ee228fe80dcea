import { escapeIdentifier } from 'pg';
import { AuthError } from '../../domain/errors.ts';
import { type PostgresDatabase, placeOf } from '../database.ts';
import { StoreError } from '../store-error.ts';
import { ReadOnlyServerError } from './connecting.ts';
import { ConnectionLostError, sqlState } from './errors.ts';
import { grantOfTables } from './rights.ts';

const TLS_FAULT = /^(CERT_|DEPTH_|SELF_|UNABLE_|ERR_TLS|ERR_SSL|HOSTNAME_|EPROTO)/;

/** What is wrong at the server, and what to do, by SQLSTATE. */
const BY_STATE: Readonly<Record<string, (database: PostgresDatabase) => string>> = {
  '28P01': ({ user }) => `refuses the user "${user}" or its password. Correct them in AUTHFLOW_DATABASE_URL.`,
  '28000': ({ user, tls }) =>
    `refuses the user "${user}" ${tls === null ? 'without TLS' : 'with TLS'} from this machine. Look at its pg_hba.conf, at ` +
    `AUTHFLOW_DATABASE_TLS, and whether the user may log in at all: ALTER ROLE ${user} LOGIN.`,
  '3D000': ({ database, user }) =>
    `has no database "${database}". Let an administrator of PostgreSQL make it: ` +
    `createdb --owner=${user} --encoding=UTF8 --template=template0 ${database}`,
  '3F000': ({ schema }) => `has no schema "${schema}". "authflow migrate" makes it.`,
  '42501': ({ user, schema }) =>
    `does not let the user "${user}" work in the schema "${schema}". Let its owner run "authflow migrate" once, then: ` +
    `GRANT USAGE ON SCHEMA ${escapeIdentifier(schema)} TO ${escapeIdentifier(user)}; ${grantOfTables({ user, schema })}`,
  '42P01': ({ schema }) => `has no store in the schema "${schema}". "authflow migrate" makes one.`,
  '53300': ({ user }) =>
    `has no connection left. Raise its max_connections (or the CONNECTION LIMIT of the user "${user}" or of the database), or lower ` +
    'AUTHFLOW_DATABASE_POOL.',
  '57P03': () => 'is starting or stopping. Try again.',
  '25006': () => STANDBY,
};

const CLOSED =
  'closed the connection. Where it is PostgreSQL, look at its log; otherwise correct AUTHFLOW_DATABASE_URL.';
const STANDBY =
  'takes no writes: it is a standby, or read-only. Name the primary, or all hosts with commas between them.';
const READ_ONLY =
  'is the primary, and default_transaction_read_only keeps this user from writing: set it to off where it was set (ALTER ROLE, ALTER ' +
  'DATABASE or postgresql.conf).';

/** A failure to open or to look at a store as a StoreError; an error that is none of the database's is given back as it is. */
export function explainFailure(error: unknown, database: PostgresDatabase): unknown {
  const cause = rootOf(error);
  if (cause instanceof StoreError) {
    return cause;
  }
  const sentence = sentenceOf(cause, database) ?? (isLost(error) ? CLOSED : null);
  return sentence === null ? error : new StoreError(`${placeOf(database)} ${sentence}`, { cause: error });
}

function sentenceOf(cause: unknown, database: PostgresDatabase): string | null {
  if (cause instanceof ReadOnlyServerError) {
    return cause.isPrimary ? READ_ONLY : STANDBY;
  }
  const state = sqlState(cause);
  if (state !== null) {
    return (
      BY_STATE[state]?.(database) ?? (isOfServer(state) ? `cannot be used now (${state}). Look at its log.` : null)
    );
  }
  if (!(cause instanceof Error)) {
    return null;
  }
  // The driver has no code for these.
  if (database.password === null && /\bpassword\b/i.test(cause.message)) {
    return `asks for a password of the user "${database.user}": give it in AUTHFLOW_DATABASE_URL.`;
  }
  if (cause.message === 'The server does not support SSL connections') {
    return 'speaks no TLS. Turn it on there, or set AUTHFLOW_DATABASE_TLS=disable where nobody else reaches the network.';
  }
  if (/timeout|timed out/i.test(cause.message)) {
    return 'does not answer in time. Look at the host, the port and what lies between.';
  }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
  if (code !== null && TLS_FAULT.test(code)) {
    return `shows a certificate that cannot be verified (${code}). Give its authority by AUTHFLOW_DATABASE_TLS_CA, and the name that it is for as the host.`;
  }
  if (code !== null && /^E[A-Z_]+$/.test(code)) {
    return `cannot be reached (${code}). Start PostgreSQL there, or correct AUTHFLOW_DATABASE_URL.`;
  }
  return /terminated|ended/i.test(cause.message) ? CLOSED : null;
}

function isOfServer(state: string): boolean {
  return /^(08|28|3D|53|55|57|58)/.test(state);
}

/** Whether the connection went away, whatever the reason. */
function isLost(error: unknown): boolean {
  return error instanceof ConnectionLostError || (error instanceof AuthError && isLost(error.cause));
}

/** What an error that was translated, or of a connection that was lost, is about. */
function rootOf(error: unknown): unknown {
  const isWrapped = error instanceof AuthError || error instanceof ConnectionLostError;
  return isWrapped && error.cause !== undefined ? rootOf(error.cause) : error;
}
