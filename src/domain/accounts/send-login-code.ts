import { challengeSeed } from '../auth/open-session.ts';
import { AuthError } from '../errors.ts';
import { settingsOf } from '../organizations/settings.ts';
import type { Checked } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import type { KeyTenant } from '../tenant.ts';
import { type AskForMailParameters, askForMail } from './ask-for-mail.ts';

/**
 * Asks for a code that logs in to be mailed to an address, whoever has it, and gives the challenge that takes it. Nobody is looked up: the
 * answer and its cost are the same for every address. Throws ACCESS_DENIED where the organization takes no logins by mail, RATE_LIMITED.
 */
export async function sendLoginCode(
  ports: Ports,
  parameters: Checked<AskForMailParameters>,
  tenant: KeyTenant,
): Promise<{ readonly challenge: string; readonly expiresAt: number }> {
  const { orgId, callerClass } = tenant;
  const organization = await ports.storage.findOrganization(orgId);
  if (organization === null || !settingsOf(organization).loginByEmail) {
    throw new AuthError('ACCESS_DENIED', { message: 'The organization takes no logins by mail.' });
  }
  const { challengeId, expiresAt } = challengeSeed(ports, ports.clock.now(), { callerClass, countedAs: null });
  await askForMail(ports, 'login_code', parameters, tenant, { challengeId, expiresAt });
  const challenge = ports.challengeTokens.sign({ kind: 'login_code', orgId, challengeId, expiresAt });
  return { challenge, expiresAt };
}
