import type { Ports } from '../ports.ts';
import type { MailRequest } from './mail.ts';

/**
 * Asks for a mail to an address, whoever has it: nobody is looked up, so that it costs and answers the same for every address. The
 * sender finds the user later. `too_many`: RATE_LIMITED to the caller.
 */
export function requestMail(
  { storage, mails, clock }: Pick<Ports, 'storage' | 'mails' | 'clock'>,
  request: MailRequest,
): Promise<'requested' | 'too_many'> {
  return storage.requestMail(mails.sealRequest(request, clock.now()));
}
