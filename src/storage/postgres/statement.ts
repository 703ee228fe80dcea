import { createHash } from 'node:crypto';

/** SQL as it is written here; `{schema}` stands for the schema. Made once, at the top of a file. */
export interface Statement {
  readonly sql: string;
}

/** A statement as a connection takes it. */
export interface StatementText {
  readonly text: string;
  /** Prepared once on each connection under this name; without one it is parsed each time. */
  readonly name?: string;
}

/** What runs statements: a connection by itself, or a transaction on one. */
export interface Queries {
  /** The rows that come back. */
  all<Row>(statement: Statement, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** How many rows were written. */
  count(statement: Statement, values?: readonly unknown[]): Promise<number>;
  /** Sends it and goes on: in a transaction what it throws fails the commit. Its place in the order is kept. */
  send(statement: Statement, values?: readonly unknown[]): void;
}

export function statement(sql: string): Statement {
  return { sql };
}

/** The texts of all statements for one schema, each made once. */
export class StatementTexts {
  readonly #schema: string;
  readonly #areNamed: boolean;
  readonly #texts = new Map<Statement, StatementText>();

  /** `schema`: a name that needs no quotes. */
  constructor(schema: string, areNamed: boolean) {
    this.#schema = schema;
    this.#areNamed = areNamed;
  }

  of(statement: Statement): StatementText {
    const known = this.#texts.get(statement);
    if (known !== undefined) {
      return known;
    }
    const text = inSchema(statement.sql, this.#schema);
    // Equal names are equal texts, whoever else shares a connection through a pool.
    const name = `af_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
    const made = this.#areNamed ? { text, name } : { text };
    this.#texts.set(statement, made);
    return made;
  }
}

/** SQL with the schema's name in its place. */
export function inSchema(sql: string, schema: string): string {
  return sql.replaceAll('{schema}', `"${schema}"`);
}
