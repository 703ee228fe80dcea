import { isWanted } from '../domain/mail/wanted.ts';
import { settingsOf } from '../domain/organizations/settings.ts';
import type { MailOpener, Ports } from '../domain/ports.ts';

/** So many are answered before anything else is looked at. */
const ANSWERED_AT_ONCE = 50;

export interface RequestsOptions {
  readonly ports: Pick<Ports, 'storage' | 'mails' | 'clock'>;
  readonly opener: MailOpener;
}

/**
 * Answers requests for mails by an address: looks for its user, and queues the mail where there is one who may have it. Whoever the address
 * is, the request is gone after that. Gives whether there may be more.
 */
export async function answerRequests({ ports, opener }: RequestsOptions): Promise<boolean> {
  const { storage, mails, clock } = ports;
  const requests = await storage.listMailRequests(ANSWERED_AT_ONCE);
  let answered = 0;
  for (const record of requests) {
    const request = opener.openRequest(record);
    if ('unopened' in request) {
      if (request.unopened === 'for_good') {
        await storage.answerMailRequest({ ...record, mail: null });
        answered += 1;
      }
      continue;
    }
    const { kind, orgId, email, callerClass } = request;
    const organization = await storage.findOrganization(orgId);
    const found = await storage.findUserByEmail(orgId, email);
    const user = found && (await storage.findUserCredentials(orgId, found.userId));
    const isOpen = organization !== null && organization.closedAt === null;
    const isOurs = isOpen && settingsOf(organization).mailDelivery === 'server';
    const mail =
      user === null || !isOurs
        ? null
        : { kind, orgId, userId: user.userId, to: email, newEmail: null, credentialVersion: null };
    const isQueued = mail !== null && isWanted(mail, user);
    await storage.answerMailRequest({ ...record, mail: isQueued ? mails.seal(mail, callerClass, clock.now()) : null });
    answered += 1;
  }
  return answered === ANSWERED_AT_ONCE;
}
