import type { Settings } from '../config/settings.ts';
import { MailRefusedError } from '../mail/message.ts';
import { SmtpTransport } from '../mail/smtp-transport.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Whether the mail server lets this one in, over TLS where it has to be; nothing is sent. Nothing where the settings name none. */
export async function checkMailServer({ smtp }: Pick<Settings, 'smtp'>): Promise<readonly Diagnosis[]> {
  if (smtp === null) {
    return [];
  }
  const check = 'mail server';
  const place = `${smtp.host}:${smtp.port}`;
  const transport = new SmtpTransport(smtp, 1);
  try {
    await transport.verify();
    return [{ check, ok: true, detail: `${place}, ${smtp.tls === 'none' ? 'clear text within this machine' : 'TLS'}` }];
  } catch (error) {
    if (!(error instanceof MailRefusedError)) {
      throw error;
    }
    return [{ check, ok: false, detail: `${place} does not take mails: ${error.fault}; see AUTHFLOW_SMTP_URL` }];
  } finally {
    transport.close();
  }
}
