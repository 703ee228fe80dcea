import type { Ports } from '../ports.ts';
import type { MailRequest } from './mail.ts';

/**
 * Asks for a mail to an address, whoever has it: nobody is looked up, so that it costs and answers the same for every address. The
 * sender finds the user later. `too_many`: RATE_LIMITED to the caller.
 */
export async function requestMail(
  { storage, mails, clock, waitingRequests }: Pick<Ports, 'storage' | 'mails' | 'clock' | 'waitingRequests'>,
  request: MailRequest,
): Promise<'requested' | 'too_many'> {
  const { orgId, callerClass } = request;
  const isCounted = !waitingRequests.letIn(orgId, callerClass);
  const { outcome, waiting } = await storage.requestMail(mails.sealRequest(request, clock.now()), isCounted);
  if (waiting !== null) {
    waitingRequests.counted(orgId, callerClass, waiting);
  }
  return outcome;
}
