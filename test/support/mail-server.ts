import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { CERTIFICATES } from './certificates.js';

/** A mail as the server was given it. */
export interface ReceivedMail {
  readonly raw: string;
  readonly from: string;
  readonly to: readonly string[];
  /** Whether it came over TLS. */
  readonly isSecure: boolean;
  /** Who signed in to send it; null for nobody. */
  readonly user: string | null;
  readonly parsed: ParsedMail;
}

export interface MailServerOptions {
  /** By default any free one. */
  readonly port?: number;
  /** What STARTTLS is offered with; by default it is not. */
  readonly isTlsOffered?: boolean;
  /** TLS from the first byte on. */
  readonly isTlsImplicit?: boolean;
  /** What it proves itself with; by default that of this machine. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** Without these nobody may send; by default everybody may. */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** The reply to a recipient, as 550; undefined: it is taken. */
  readonly replyTo?: (address: string) => number | undefined;
  /** Asked for before a mail that has come whole is acknowledged. */
  readonly beforeTaking?: () => Promise<void>;
}

export interface MailServer {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Connections that there were so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A real mail server on a port of this machine, closed when the test ends. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { port = 0, isTlsOffered = false, isTlsImplicit = false, credentials, replyTo, beforeTaking } = options;
  const { certificate = CERTIFICATES.server } = options;
  const mails: ReceivedMail[] = [];
  let connections = 0;
  const hidden = [...(isTlsOffered ? [] : ['STARTTLS']), ...(credentials === undefined ? ['AUTH'] : [])];
  const server = new SMTPServer({
    secure: isTlsImplicit,
    ...certificate,
    disabledCommands: hidden,
    authOptional: credentials === undefined,
    disableReverseLookup: true,
    logger: false,
    onConnect(_, done) {
      connections += 1;
      done();
    },
    onAuth({ username, password }, _, done) {
      const isRight = username === credentials?.user && password === credentials?.password;
      done(isRight ? null : new Error('Wrong user or password.'), isRight ? { user: username } : undefined);
    },
    onRcptTo({ address }, _, done) {
      const responseCode = replyTo?.(address);
      done(responseCode === undefined ? null : Object.assign(new Error(`No ${address} here.`), { responseCode }));
    },
    onData(stream, { envelope, secure, user }, done) {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of stream) {
          chunks.push(chunk);
        }
        const raw = Buffer.concat(chunks);
        await beforeTaking?.();
        mails.push({
          raw: raw.toString(),
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          isSecure: secure,
          user: user ?? null,
          parsed: await simpleParser(raw),
        });
        done();
      })().catch(done);
    },
  });
  // A client that goes away is none of its business.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const connection of server.connections) {
        connection.close();
      }
    });
    return closing;
  };
  onTestFinished(close);
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    get connections() {
      return connections;
    },
    close,
  };
}
