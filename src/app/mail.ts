import type { Settings } from '../config/settings.ts';
import type { MailRecord } from '../domain/mail/storage.ts';
import { type Prepared, prepare } from '../mail/prepare.ts';
import { SENT_AT_ONCE, Sender } from '../mail/sender.ts';
import { SmtpTransport } from '../mail/smtp-transport.ts';
import { errorFields, errorKind, type Logger } from '../observability/logger.ts';
import type { RepeatedLines } from '../observability/repeated-lines.ts';
import type { Core } from './core.ts';
import { publicUrlOf } from './public-url.ts';

/** Where mails would come from that nobody sends (RFC 2606, 2). */
const NO_ADDRESS = 'no-reply@authflow.invalid';

export interface MailOptions {
  readonly settings: Settings;
  readonly core: Pick<Core, 'ports' | 'mailOpener'>;
  readonly logger: Logger;
  readonly repeated: RepeatedLines;
  /** The HTTP port as it is. */
  readonly httpPort: number;
}

/** Starts sending mails, or keeping them where the settings name no mail server. */
export function startMail({ settings, core, logger, repeated, httpPort }: MailOptions): Sender {
  const { ports, mailOpener: opener } = core;
  return new Sender({
    ...preparing(settings, core, httpPort),
    ports,
    opener,
    transport: settings.smtp && new SmtpTransport(settings.smtp, SENT_AT_ONCE),
    random: Math.random,
    onError: (error) =>
      repeated.write({
        level: 'error',
        event: 'mail_error',
        kind: errorKind(error),
        details: () => errorFields(error),
      }),
    onRefused({ mailId, fault, isGivenUp }) {
      if (isGivenUp) {
        logger.error('mail_failed', { mail_id: mailId, fault });
      } else {
        repeated.write({
          level: 'warn',
          event: 'mail_not_sent',
          kind: { fault },
          details: () => ({ mail_id: mailId }),
        });
      }
    },
  });
}

/** What an operator is shown of a mail: `prepared` is null where nobody wants it any more, or it cannot be opened. */
export interface ShownMail {
  /** Null where there is no such mail. */
  readonly record: MailRecord | null;
  readonly prepared: Prepared | null;
}

/** A mail as it would go out now. It is put down in the audit log before anything of it is read. */
export async function showMail(
  settings: Settings,
  core: Pick<Core, 'ports' | 'mailOpener'>,
  mailId: string,
): Promise<ShownMail> {
  const { storage } = core.ports;
  const outcome = await storage.showMail(mailId);
  const row = outcome === 'told' ? await storage.findMail(mailId) : null;
  if (row === null) {
    return { record: null, prepared: null };
  }
  const mail = core.mailOpener.open(row);
  const prepared =
    'unopened' in mail
      ? null
      : await prepare({ ...preparing(settings, core, settings.httpPort), storage }, mail, mailId);
  return { record: row, prepared };
}

function preparing(settings: Settings, { ports }: Pick<Core, 'ports'>, httpPort: number) {
  return {
    mailTokens: ports.mailTokens,
    clock: ports.clock,
    fromAddress: settings.mailFrom ?? NO_ADDRESS,
    publicUrl: () => publicUrlOf(settings, httpPort),
  };
}
