import type { MailRequestRecord } from '../domain/mail/storage.ts';
import { isWanted } from '../domain/mail/wanted.ts';
import { settingsOf } from '../domain/organizations/settings.ts';
import type { MailOpener, Ports } from '../domain/ports.ts';

/** So many are answered before anything else is looked at. */
const ANSWERED_AT_ONCE = 50;
/** A part of the store's connections, and enough that their writes share a commit. */
const WRITTEN_AT_ONCE = 4;

export interface RequestsOptions {
  readonly ports: Pick<Ports, 'storage' | 'mails' | 'clock'>;
  readonly opener: MailOpener;
}

/**
 * Answers requests for mails by an address: looks for its user, and queues the mail where there is one who may have it. Whoever the address
 * is, the request is gone after that. Gives whether there may be more.
 */
export async function answerRequests(options: RequestsOptions): Promise<boolean> {
  const requests = await options.ports.storage.listMailRequests(ANSWERED_AT_ONCE);
  let answered = 0;
  // Some at a time, whose writes share a commit; not all, for calls need the store's connections too.
  for (let first = 0; first < requests.length; first += WRITTEN_AT_ONCE) {
    const together = requests.slice(first, first + WRITTEN_AT_ONCE);
    const outcomes = await Promise.all(together.map((request) => answer(request, options)));
    answered += outcomes.filter((isAnswered) => isAnswered).length;
  }
  return answered === ANSWERED_AT_ONCE;
}

/** False where another process may be able to open it. */
async function answer(record: MailRequestRecord, { ports, opener }: RequestsOptions): Promise<boolean> {
  const { storage, mails, clock } = ports;
  const request = opener.openRequest(record);
  if ('unopened' in request) {
    const isForGood = request.unopened === 'for_good';
    if (isForGood) {
      await storage.answerMailRequest({ ...record, mail: null });
    }
    return isForGood;
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
  return true;
}
