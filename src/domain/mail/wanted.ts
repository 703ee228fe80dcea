import type { UserCredentials } from '../auth/storage.ts';
import type { Mail } from './mail.ts';

/**
 * Whether a mail still says what is true, and does what its user may do. `user`: null where they are gone. `wayBack`: of a warning,
 * whether it leads back ({@link leadsBack}).
 */
export function isWanted(mail: Mail, user: UserCredentials | null, wayBack = false): boolean {
  if (user === null || (mail.credentialVersion !== null && mail.credentialVersion !== user.credentialVersion)) {
    return false;
  }
  switch (mail.kind) {
    case 'verify_email':
      return user.disabledAt === null && user.email === mail.to && user.emailVerifiedAt === null;
    case 'reset_password':
    case 'invite':
      return user.disabledAt === null && user.email === mail.to;
    case 'change_email':
      return user.disabledAt === null && user.email !== mail.to;
    case 'email_change_warning':
      return wayBack;
    case 'login_code':
    case 'second_factor_code':
      return user.disabledAt === null && user.email === mail.to;
    case 'password_was_reset':
    case 'email_was_changed':
      return true;
    case 'password_changed':
    case 'second_factor_enabled':
    case 'second_factor_disabled':
    case 'recovery_codes_replaced':
    case 'recovery_code_used':
      // To no address that the user has left: whoever has it now, the link would not open anything.
      return user.email === mail.to;
  }
}
