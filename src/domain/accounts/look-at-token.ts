import { type OrganizationSettings, settingsOf } from '../organizations/settings.ts';
import type { Ports } from '../ports.ts';
import type { MailTokenKind } from './mail-token.ts';
import { proveMailToken } from './spend-token.ts';

/** What a person is shown of a token before they use it. */
export interface TokenView {
  /** The organization's name. */
  readonly organization: string;
  /** The address that it speaks of: of a change the one to come, of a warning the one to go back to, else the user's. */
  readonly email: string;
  readonly locale: OrganizationSettings['locale'];
}

/**
 * What a token of one of these kinds opens at this instant; changes nothing, because mail scanners follow links. Throws TOKEN_INVALID,
 * TOKEN_EXPIRED, UNAVAILABLE.
 */
export async function lookAtMailToken(
  ports: Pick<Ports, 'storage' | 'clock' | 'mailTokens'>,
  text: string,
  kinds: readonly MailTokenKind[],
): Promise<TokenView> {
  const { token, user, organization } = await proveMailToken(ports, text, kinds);
  return {
    organization: organization.name,
    email: token.address ?? user.email,
    locale: settingsOf(organization).locale,
  };
}
