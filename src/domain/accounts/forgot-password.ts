import type { Checked } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import type { KeyTenant } from '../tenant.ts';
import { type AskForMailParameters, askForMail } from './ask-for-mail.ts';

/** Has a link mailed that sets a new password, if the address is a user's. Throws RATE_LIMITED, alike for every address. */
export function forgotPassword(
  ports: Ports,
  parameters: Checked<AskForMailParameters>,
  tenant: KeyTenant,
): Promise<void> {
  return askForMail(ports, 'reset_password', parameters, tenant);
}
