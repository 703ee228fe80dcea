import type { MailedCode, MailRequest, RequestedChallenge } from '../domain/mail/mail.ts';
import type { MailRequestRecord } from '../domain/mail/storage.ts';
import { isWanted } from '../domain/mail/wanted.ts';
import { settingsOf } from '../domain/organizations/settings.ts';
import type { MailOpener, Ports } from '../domain/ports.ts';
import type { LoginCodes } from '../domain/second-factors/codes.ts';
import type { LoginChallenge } from '../domain/second-factors/storage.ts';

/** So many are answered before anything else is looked at. */
const ANSWERED_AT_ONCE = 50;
/** A part of the store's connections, and enough that their writes share a commit. */
const WRITTEN_AT_ONCE = 4;
/** So many are passed over at most that this process cannot open, and another may: looking past more would cost too much. */
const MOST_PASSED_OVER = 5_000;

export interface RequestsOptions {
  readonly ports: Pick<Ports, 'storage' | 'mails' | 'clock' | 'loginCodes'>;
  readonly opener: MailOpener;
}

/**
 * Answers requests for mails by an address: looks for its user, and queues the mail where there is one who may have it. Whoever the address
 * is, the request is gone after that. One that another process may be able to open waits for it, and holds up none that came later. Gives
 * whether there may be more.
 */
export async function answerRequests(options: RequestsOptions): Promise<boolean> {
  const passedOver = new Set<string>();
  let answered = 0;
  for (;;) {
    // More than were passed over each time, so that few lists are read of however many.
    const limit = ANSWERED_AT_ONCE + 2 * passedOver.size;
    const requests = await options.ports.storage.listMailRequests(limit);
    const next = requests.filter(({ requestKey }) => !passedOver.has(requestKey));
    // Some at a time, whose writes share a commit; not all, for calls need the store's connections too.
    for (let first = 0; first < next.length && answered < ANSWERED_AT_ONCE; first += WRITTEN_AT_ONCE) {
      const together = next.slice(first, first + WRITTEN_AT_ONCE);
      const outcomes = await Promise.all(together.map((request) => answer(request, options)));
      for (const [index, { requestKey }] of together.entries()) {
        if (outcomes[index] === true) {
          answered += 1;
        } else {
          passedOver.add(requestKey);
        }
      }
    }
    if (answered >= ANSWERED_AT_ONCE) {
      return true;
    }
    if (requests.length < limit || passedOver.size >= MOST_PASSED_OVER) {
      return false;
    }
  }
}

/** False where another process may be able to open it. */
async function answer(record: MailRequestRecord, { ports, opener }: RequestsOptions): Promise<boolean> {
  const { storage, mails, clock, loginCodes } = ports;
  const request = opener.openRequest(record);
  if ('unopened' in request) {
    const isForGood = request.unopened === 'for_good';
    if (isForGood) {
      await storage.answerMailRequest({ ...record, mail: null });
    }
    return isForGood;
  }
  const { kind, orgId, email, callerClass, challenge } = request;
  const now = clock.now();
  const organization = await storage.findOrganization(orgId);
  const found = await storage.findUserByEmail(orgId, email);
  const user = found && (await storage.findUserCredentials(orgId, found.userId));
  const isOpen = organization !== null && organization.closedAt === null;
  const isOurs = isOpen && settingsOf(organization).mailDelivery === 'server';
  if (user === null || !isOurs) {
    await storage.answerMailRequest({ ...record, mail: null });
    return true;
  }
  const { userId, credentialVersion } = user;
  const loginCode = challenge === undefined ? null : newLoginCode(loginCodes, { ...challenge, ...request }, now);
  const mail = {
    ...{ kind, orgId, userId, to: email, newEmail: null },
    // A code that was asked for before other credentials opens nothing after them.
    credentialVersion: loginCode === null ? null : credentialVersion,
    ...(loginCode === null ? {} : { code: loginCode.mailed }),
  };
  const isQueued = isWanted(mail, user) && (loginCode === null || loginCode.mailed.until > now);
  await storage.answerMailRequest({
    ...record,
    mail: isQueued ? mails.seal(mail, callerClass, now) : null,
    loginCode: loginCode && { ...loginCode.challenge, userId, credentialVersion },
  });
  return true;
}

/** The code that a challenge takes, whose row may be there by then: somebody tried one before. */
function newLoginCode(
  loginCodes: LoginCodes,
  { orgId, challengeId, callerClass, expiresAt }: RequestedChallenge & Pick<MailRequest, 'orgId' | 'callerClass'>,
  now: number,
): { readonly mailed: MailedCode; readonly challenge: LoginChallenge } {
  const { code, digest } = loginCodes.createEmailCode({ orgId, challengeId });
  return {
    mailed: { code, until: expiresAt },
    challenge: {
      ...{ orgId, challengeId, callerClass, expiresAt, createdAt: now },
      ...{ userId: '', credentialVersion: 0, kind: 'login_code', provedBy: '', isEmailProven: false },
      ...{ countedAs: null, tries: 0, codeDigest: digest, codeUntil: expiresAt },
    },
  };
}
