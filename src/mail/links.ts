import type { MailTokenKind } from '../domain/accounts/mail-token.ts';
import type { MailKind } from '../domain/mail/mail.ts';
import { TOKEN_PLACEHOLDER } from '../domain/organizations/link-template.ts';
import type { OrganizationSettings } from '../domain/organizations/settings.ts';

type Templates = Pick<OrganizationSettings, 'verifyUrl' | 'resetUrl'>;

interface LinkTarget {
  /** The organization's; '' for none. */
  readonly templateOf: (templates: Templates) => string;
  /** The server's own page. */
  readonly path: string;
}

/** Where the link of a mail leads. VerifyEmail takes the token of a change, too, and ResetPassword that of an invitation. */
const TARGETS: Readonly<Record<MailTokenKind, LinkTarget>> = {
  verify_email: { templateOf: ({ verifyUrl }) => verifyUrl, path: '/account/verify-email' },
  reset_password: { templateOf: ({ resetUrl }) => resetUrl, path: '/account/reset-password' },
  invite: { templateOf: ({ resetUrl }) => resetUrl, path: '/account/reset-password' },
  change_email: { templateOf: ({ verifyUrl }) => verifyUrl, path: '/account/change-email' },
  email_change_warning: { templateOf: () => '', path: '/account/not-me' },
  not_me: { templateOf: () => '', path: '/account/not-me' },
};

/** What the token of a mail of this kind does; null where it holds none. */
export function tokenKindOf(kind: MailKind): MailTokenKind | null {
  switch (kind) {
    case 'verify_email':
    case 'reset_password':
    case 'invite':
    case 'change_email':
    case 'email_change_warning':
      return kind;
    case 'password_changed':
    case 'second_factor_enabled':
    case 'second_factor_disabled':
    case 'recovery_codes_replaced':
    case 'recovery_code_used':
      return 'not_me';
    case 'password_was_reset':
    case 'email_was_changed':
    case 'login_code':
    case 'second_factor_code':
      return null;
  }
}

/** The address of a link. `publicUrl`: where the server is reached, without a slash at its end. */
export function linkOf(kind: MailTokenKind, token: string, templates: Templates, publicUrl: string): string {
  const { templateOf, path } = TARGETS[kind];
  const template = templateOf(templates);
  return template === ''
    ? `${publicUrl}${path}?token=${encodeURIComponent(token)}`
    : template.split(TOKEN_PLACEHOLDER).join(encodeURIComponent(token));
}
