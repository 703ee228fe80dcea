/** An address with the name beside it; '' for none. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** A mail as it goes out. */
export interface Message {
  /** With angle brackets (RFC 5322, 3.6.4): the same however often the mail is sent. */
  readonly messageId: string;
  readonly from: Mailbox;
  readonly to: string;
  /** Null for nowhere. */
  readonly replyTo: string | null;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Why a mail was not taken. */
export class MailRefusedError extends Error {
  override readonly name = 'MailRefusedError';
  /** A code of SMTP or of the system, as `550` or `ECONNREFUSED`: never what a server said, which may hold addresses. */
  readonly fault: string;
  /** `message`: this one, for good. `later`: this one, now. `server`: any. */
  readonly refused: 'message' | 'later' | 'server';

  constructor(fault: string, refused: MailRefusedError['refused'], cause: unknown) {
    super(`The mail server did not take a mail: ${fault}.`, { cause });
    this.fault = fault;
    this.refused = refused;
  }
}

/** What sends mails. */
export interface Transport {
  /** Fulfilled once a server has taken the message. Throws {@link MailRefusedError}, within `withinMs`. */
  send(message: Message, withinMs: number): Promise<void>;
  /** Ends what is under way. */
  close(): void;
}
