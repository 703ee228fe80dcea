import { MailRefusedError, type Message, type Transport } from './message.ts';

/** A mail server, as the settings have it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `implicit`: from the first byte on. `starttls`: before anything is said. `none`: within this machine. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** Null where it asks for none. */
  readonly credentials: { readonly user: string; readonly password: string } | null;
}

/** A server that has not answered for so long will not: RFC 5321, 4.5.3.2 asks for minutes, which no reset waits for. */
const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
/** An idle connection is closed before the server does so (RFC 5321, 4.5.3.2.7: five minutes). */
const IDLE_MS = 60_000;

type Pool = ReturnType<typeof import('nodemailer').createTransport>;

/** Sends by SMTP over a few connections. nodemailer is loaded with the first mail: most that only try the server out have no mail server. */
export class SmtpTransport implements Transport {
  readonly #server: SmtpServer;
  readonly #connections: number;
  #pool: Promise<Pool> | null = null;

  constructor(server: SmtpServer, connections: number) {
    this.#server = server;
    this.#connections = connections;
  }

  async send(message: Message, withinMs: number): Promise<void> {
    const { messageId, from, to, replyTo, subject, text, html } = message;
    try {
      const pool = await this.#open();
      await pool.sendMail({
        messageId,
        from: { name: from.name, address: from.address },
        // As parts: a name or address is never read as a list of them.
        to: [{ name: '', address: to }],
        ...(replyTo === null ? {} : { replyTo: { name: '', address: replyTo } }),
        envelope: { from: from.address, to: [to] },
        subject,
        text,
        html,
        // RFC 3834, 5: no absence notice answers it.
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
        signal: AbortSignal.timeout(withinMs),
      });
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** Signs in without sending anything. Throws {@link MailRefusedError}. */
  async verify(): Promise<void> {
    try {
      await (await this.#open()).verify();
    } catch (error) {
      throw refusalOf(error);
    }
  }

  close(): void {
    void this.#pool?.then(
      (pool) => pool.close({ force: true }),
      () => undefined,
    );
  }

  #open(): Promise<Pool> {
    this.#pool ??= openPool(this.#server, this.#connections).catch((error: unknown) => {
      this.#pool = null;
      throw error;
    });
    return this.#pool;
  }
}

async function openPool({ host, port, tls, credentials }: SmtpServer, maxConnections: number): Promise<Pool> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    pool: true,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(credentials === null ? {} : { auth: { user: credentials.user, pass: credentials.password } }),
    maxConnections,
    maxRequeues: 1,
    idleTimeout: IDLE_MS,
    connectionTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    logger: false,
  });
}

/** What nodemailer attaches to its errors. */
interface SmtpError {
  readonly code?: string;
  readonly originalCode?: string;
  readonly responseCode?: number;
  readonly permanent?: boolean;
}

/** Codes under which a server, or nodemailer, speaks of the message at hand. */
const OF_MESSAGE: ReadonlySet<string | undefined> = new Set(['EENVELOPE', 'EMESSAGE']);

function refusalOf(error: unknown): MailRefusedError {
  const { code, originalCode, responseCode, permanent } = (error ?? {}) as SmtpError;
  const fault = responseCode === undefined ? (originalCode ?? code ?? 'unknown') : String(responseCode);
  if (!OF_MESSAGE.has(code)) {
    return new MailRefusedError(fault, 'server', error);
  }
  // Without an answer of the server: an address that it cannot be given, such as one of other letters where it lacks SMTPUTF8.
  const isForGood = permanent ?? responseCode === undefined;
  return new MailRefusedError(fault, isForGood ? 'message' : 'later', error);
}
