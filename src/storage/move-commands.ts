import { DEFAULT_SCHEMA } from './database.ts';

/**
 * What an operator types to go on with a move or to undo it, from the places of its sides as sentences name them (`placeOf`). Whole,
 * but for user and password of PostgreSQL, which no place holds.
 */

/** The command that goes on with a copy. */
export function resumeCommand(from: string, to: string): string {
  return `${schemaOf(from) || schemaOf(to)}authflow copy --resume --from ${urlOf(from)} --to ${urlOf(to)}`;
}

/** The command that lets a store that was moved be opened again. */
export function reopenCommand(place: string): string {
  return `${schemaOf(place)}authflow copy --reopen ${urlOf(place)}`;
}

/** How a store is removed, as an imperative. */
export function removal(place: string): string {
  const { database, schema } = parsed(place) ?? {};
  return schema === undefined
    ? `remove the file ${place}`
    : `run DROP SCHEMA "${schema}" CASCADE in the database "${database}"`;
}

interface PostgresPlace {
  readonly hosts: string;
  readonly database: string;
  readonly schema: string;
}

/** Null for a file. */
function parsed(place: string): PostgresPlace | null {
  const [, hosts, database, schema] = /^postgres:\/\/(.*?:\d+)\/(.*) \(schema (\w+)\)$/s.exec(place) ?? [];
  return hosts === undefined || database === undefined || schema === undefined ? null : { hosts, database, schema };
}

function schemaOf(place: string): string {
  const schema = parsed(place)?.schema ?? DEFAULT_SCHEMA;
  return schema === DEFAULT_SCHEMA ? '' : `AUTHFLOW_DATABASE_SCHEMA=${schema} `;
}

function urlOf(place: string): string {
  const postgres = parsed(place);
  if (postgres === null) {
    return quoted(`sqlite:${place}`);
  }
  const { hosts, database } = postgres;
  const name = encodeURIComponent(database);
  // The folder of a Unix socket.
  const [, folder, port] = /^(\/.*):(\d+)$/.exec(hosts) ?? [];
  return folder === undefined
    ? quoted(`postgres://USER:PASSWORD@${hosts}/${name}`)
    : quoted(`postgres://USER:PASSWORD@:${port}/${name}?host=${folder}`);
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w.,:/@%-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
