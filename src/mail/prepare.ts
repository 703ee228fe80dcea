import { KEEP_LEFT_ADDRESSES_MS, leadsBack } from '../domain/accounts/left-address.ts';
import type { MailTokens } from '../domain/accounts/mail-token.ts';
import type { Mail } from '../domain/mail/mail.ts';
import { isWanted } from '../domain/mail/wanted.ts';
import { type OrganizationSettings, settingsOf } from '../domain/organizations/settings.ts';
import type { Clock } from '../domain/ports.ts';
import type { Storage } from '../domain/storage.ts';
import { compose } from './compose.ts';
import { linkOf, tokenKindOf } from './links.ts';
import type { Message } from './message.ts';

export interface PrepareOptions {
  readonly storage: Pick<Storage, 'findOrganization' | 'findUserCredentials' | 'findLeftAddress'>;
  readonly mailTokens: Pick<MailTokens, 'sign'>;
  readonly clock: Clock;
  /** The address that mails come from. */
  readonly fromAddress: string;
  /** Where the server is reached, without a slash at its end. */
  readonly publicUrl: () => string;
}

/** A mail that is ready to go out. */
export interface Prepared {
  readonly message: Message;
  /** Where the mail leads, with its token; null for a notice. */
  readonly link: string | null;
  readonly settings: OrganizationSettings;
}

/** Makes a mail of what waits, with a token that is good from now on. Null where nobody wants it any more. */
export async function prepare(
  { storage, mailTokens, clock, fromAddress, publicUrl }: PrepareOptions,
  mail: Mail,
  mailId: string,
): Promise<Prepared | null> {
  const { orgId, userId, kind, to, newEmail } = mail;
  const organization = await storage.findOrganization(orgId);
  const user = await storage.findUserCredentials(orgId, userId);
  if (organization === null || organization.closedAt !== null || user === null) {
    return null;
  }
  const now = clock.now();
  const addressVersion = mail.addressVersion ?? user.addressVersion;
  const left = kind === 'email_change_warning' ? await storage.findLeftAddress(orgId, userId, addressVersion) : null;
  if (!isWanted(mail, user, leadsBack({ email: to, addressVersion }, user, left, now))) {
    return null;
  }
  const settings = settingsOf(organization);
  if (settings.mailDelivery === 'backend' || (mail.code !== undefined && mail.code.until <= now)) {
    return null;
  }
  const code = mail.code === undefined ? null : { code: mail.code.code, validForMs: mail.code.until - now };
  let link = null;
  const tokenKind = tokenKindOf(kind);
  if (tokenKind !== null) {
    // A warning goes to the address that it leads back to.
    const email = kind === 'email_change_warning' ? to : user.email;
    const subject = { ...user, email, addressVersion, ...(newEmail === null ? {} : { newEmail }) };
    const { token, expiresAt } = mailTokens.sign(tokenKind, subject, now);
    // A warning that is read late tells of what is left to it.
    const keptUntil = left === null ? expiresAt : left.leftAt + KEEP_LEFT_ADDRESSES_MS;
    link = { url: linkOf(tokenKind, token, settings, publicUrl()), validForMs: Math.min(expiresAt, keptUntil) - now };
  }
  const isProven = user.emailVerifiedAt !== null && user.email === to;
  const fullname = isProven ? user.fullname : null;
  return {
    settings,
    link: link?.url ?? null,
    message: compose({
      mail,
      mailId,
      fromAddress,
      organizationName: organization.name,
      settings,
      fullname,
      link,
      code,
    }),
  };
}
