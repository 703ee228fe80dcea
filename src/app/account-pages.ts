import { lookAtMailToken } from '../domain/accounts/look-at-token.ts';
import type { MailTokenKind } from '../domain/accounts/mail-token.ts';
import { AuthError } from '../domain/errors.ts';
import type { Ports } from '../domain/ports.ts';
import { PAGE_OPERATIONS } from '../operations/account-pages.ts';
import type { PageKind, PageSources } from '../transport/pages/account-pages.ts';

/** The kinds of tokens that each page is for. */
const TOKEN_KINDS: Readonly<Record<PageKind, readonly MailTokenKind[]>> = {
  'verify-email': ['verify_email'],
  'reset-password': ['reset_password', 'invite'],
  'change-email': ['change_email'],
  'not-me': ['email_change_warning', 'not_me'],
};

const OUTCOMES = { TOKEN_INVALID: 'invalid', TOKEN_EXPIRED: 'expired', UNAVAILABLE: 'busy' } as const;

/** What the pages under `/account/` show and do. */
export function accountPageSources(ports: Ports): PageSources {
  const { minCodePoints: min, maxCodePoints: max, needsEveryKind } = ports.rules.passwordPolicy;
  return {
    async look(kind, token) {
      try {
        return { outcome: 'good', ...(await lookAtMailToken(ports, token, TOKEN_KINDS[kind])) };
      } catch (error) {
        if (error instanceof AuthError && error.reason in OUTCOMES) {
          return { outcome: OUTCOMES[error.reason as keyof typeof OUTCOMES] };
        }
        throw error;
      }
    },
    operations: PAGE_OPERATIONS,
    passwordRule: { needsClasses: needsEveryKind, min, max },
  };
}
