import pg from 'pg';
import type { PostgresDatabase, PostgresHost } from '../database.ts';
import {
  ConnectionLostError,
  endsConnection,
  isReadOnlyTransaction,
  isStalePlan,
  OutOfTimeError,
  StalePlanError,
} from './errors.ts';
import type { Queries, Statement, StatementTexts } from './statement.ts';

/** int8, of which every value here is a whole number below 2^53. */
const INT8 = 20;
/** So that a connection whose other end is gone is noticed while it is idle, too. */
const KEEP_ALIVE_MS = 10_000;
/** How long a server is waited for that does not close a connection after it was said goodbye to. */
const GOODBYE_MS = 1_000;
/** How long a server is asked to end a statement that nobody waits for any more. */
const CANCEL_MS = 1_000;
/** SQLSTATE of a warning that has none of its own. */
const WARNING = '01000';

/** What the driver's types leave out. */
type BackendClient = pg.Client & { readonly processID: number | null; readonly secretKey: number | null };
type CancelConnection = pg.Connection & {
  connect(port: number | string, host?: string): void;
  cancel(processID: number, secretKey: number): void;
};

/** A result in the driver's words. */
export interface SessionResult {
  readonly rows: readonly unknown[];
  readonly rowCount: number | null;
  readonly command: string;
}

/**
 * A connection to one host. Statements go out as they are asked for, without waiting for the answers of those before, and are
 * answered in order. A statement that takes longer than its time destroys the connection: a server that wakes up later
 * answers it no more.
 */
export class Session implements Queries {
  /** Where it leads. */
  readonly host: PostgresHost;
  readonly #client: pg.Client;
  readonly #texts: StatementTexts;
  readonly #onEnd = new Set<() => void>();
  #isBroken = false;
  #isServerInDoubt = false;
  #isServerReadOnly = false;
  #isClosing = false;
  #cancelsLate = false;
  #isCommitting = false;
  #warnings = 0;

  private constructor(client: pg.Client, host: PostgresHost, texts: StatementTexts) {
    this.host = host;
    this.#client = client;
    this.#texts = texts;
    // Without a listener the error of an idle connection would end the process.
    client.on('error', () => this.#endByOthers());
    client.on('end', () => this.#endByOthers());
    client.on('notice', ({ code }) => {
      this.#warnings += code === WARNING ? 1 : 0;
    });
  }

  /** Rejected with the driver's or the system's error. */
  static async connect(database: PostgresDatabase, host: PostgresHost, texts: StatementTexts): Promise<Session> {
    const client = new pg.Client({
      host: host.host,
      port: host.port,
      user: database.user,
      // By a function: where there is none the driver would look for one in PGPASSWORD and in files.
      password: () => database.password ?? '',
      database: database.database,
      ssl: database.tls === null ? false : tlsOptions(database.tls.ca),
      connectionTimeoutMillis: database.connectTimeoutMs,
      query_timeout: database.statementTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      application_name: 'authflow',
      pipeline: true,
      types: { getTypeParser },
    });
    const session = new Session(client, host, texts);
    try {
      await client.connect();
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  /** Whether it has ended: nothing can be asked of it any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /**
   * Whether it ended because a statement's time was over, or by others than this process: what else leads to that server may lead to a
   * former primary.
   */
  get isServerInDoubt(): boolean {
    return this.#isServerInDoubt;
  }

  /** Whether it ended because its server takes no writes: the primary still, or one that was it. */
  get isServerReadOnly(): boolean {
    return this.#isServerReadOnly;
  }

  /** How many warnings it was told until now. */
  get warnings(): number {
    return this.#warnings;
  }

  /** Calls back when it ends, for whatever reason; at most once. */
  onEnd(listener: () => void): void {
    this.#onEnd.add(listener);
  }

  async all<Row>(statement: Statement, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.ask(statement, values)).rows as readonly Row[];
  }

  /** The rows as arrays of their columns, which costs less than objects do. */
  async arrays<Row>(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]> {
    const query = { ...this.#texts.of(statement), values: values as unknown[], rowMode: 'array' };
    return (await this.#run(query)).rows as readonly Row[];
  }

  async count(statement: Statement, values: readonly unknown[] = []): Promise<number> {
    return (await this.ask(statement, values)).rowCount ?? 0;
  }

  send(statement: Statement, values: readonly unknown[] = []): void {
    this.ask(statement, values).catch(() => {});
  }

  /** Rejected with the server's error, or ConnectionLostError. */
  ask(statement: Statement, values: readonly unknown[]): Promise<SessionResult> {
    return this.#run({ ...this.#texts.of(statement), values: values as unknown[] });
  }

  /** Runs SQL without parameters as it stands; several statements in one are one step. */
  command(sql: string): Promise<SessionResult> {
    return this.#run(sql);
  }

  /** Runs SQL that ends with a commit, which is never cancelled. */
  async commit(sql = 'COMMIT'): Promise<SessionResult> {
    this.#isCommitting = true;
    try {
      return await this.#run(sql);
    } finally {
      this.#isCommitting = false;
    }
  }

  /**
   * From now on the server is asked to end a statement whose time is over: a backend that waits for a lock does not notice that its
   * connection was closed. For one that writes by {@link commit} alone: of a write that waits for a synchronous standby and is
   * cancelled, PostgreSQL says that it was done.
   */
  cancelLate(): void {
    this.#cancelsLate = true;
  }

  /** SQL with the schema's name in its place. */
  inSchema(statement: Statement): string {
    return this.#texts.of(statement).text;
  }

  /** Runs SQL as it stands, under no name; with values it is one statement. */
  query(sql: string, values?: readonly unknown[]): Promise<SessionResult> {
    return this.#run(values === undefined ? sql : { text: sql, values: [...values] });
  }

  /** Says goodbye, after what was asked for; breaks it off where the server does not answer that. Never rejected. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const breakOff = setTimeout(() => this.destroy(), GOODBYE_MS);
    await this.#client.end().catch(() => {});
    clearTimeout(breakOff);
  }

  /** Breaks it off at once: what is under way is rejected. */
  destroy(): void {
    this.#client.connection.stream.destroy();
    this.#end();
  }

  async #run(
    query: string | { readonly text: string; readonly name?: string; values: unknown[] },
  ): Promise<SessionResult> {
    try {
      const result = await (typeof query === 'string' ? this.#client.query(query) : this.#client.query(query));
      // Several statements in one have several results.
      return Array.isArray(result) ? (result.at(-1) as SessionResult) : result;
    } catch (error) {
      if (error instanceof pg.DatabaseError && !endsConnection(error) && !isStalePlan(error)) {
        if (isReadOnlyTransaction(error)) {
          // Whoever asks next is to find one that takes them.
          this.#isServerReadOnly = true;
          this.destroy();
        }
        throw error;
      }
      const isLate = isTimeOver(error);
      if (isLate) {
        this.#cancel();
      }
      // In a pipeline nothing can be asked after a statement that did not come back.
      if (isStalePlan(error)) {
        this.destroy();
      } else {
        this.#destroyInDoubt();
      }
      if (isLate) {
        throw new OutOfTimeError('A statement was not answered in its time.', { cause: error });
      }
      if (isStalePlan(error)) {
        throw new StalePlanError('A table was altered since the statement was prepared.', { cause: error });
      }
      throw new ConnectionLostError('The connection to PostgreSQL was lost.', { cause: error });
    }
  }

  #cancel(): void {
    const { host, port, processID, secretKey } = this.#client as BackendClient;
    if (!this.#cancelsLate || this.#isCommitting || !processID || !secretKey) {
      return;
    }
    const connection = new pg.Connection() as CancelConnection;
    const timer = setTimeout(() => connection.stream.destroy(), CANCEL_MS);
    connection.on('error', () => {});
    connection.on('end', () => clearTimeout(timer));
    connection.on('connect', () => {
      connection.cancel(processID, secretKey);
      connection.stream.end();
    });
    if (host.startsWith('/')) {
      connection.connect(`${host}/.s.PGSQL.${port}`);
    } else {
      connection.connect(port, host);
    }
  }

  #destroyInDoubt(): void {
    this.#isServerInDoubt ||= !this.#isBroken;
    this.destroy();
  }

  #endByOthers(): void {
    this.#isServerInDoubt ||= !this.#isBroken && !this.#isClosing;
    this.#end();
  }

  #end(): void {
    if (this.#isBroken) {
      return;
    }
    this.#isBroken = true;
    for (const listener of this.#onEnd) {
      listener();
    }
    this.#onEnd.clear();
  }
}

/** The driver has no code for it. */
function isTimeOver(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

function tlsOptions(ca: string | null) {
  return { rejectUnauthorized: true, ...(ca === null ? {} : { ca }) };
}

const getTypeParser: typeof pg.types.getTypeParser = ((oid: number, format?: 'text') =>
  oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;
