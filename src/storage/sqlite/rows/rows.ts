import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';
import { apiKeyRows } from './api-keys.ts';
import { appliedMigrationRows } from './applied-migrations.ts';
import { auditEventRows } from './audit-events.ts';
import { leftAddressRows } from './left-addresses.ts';
import { loginChallengeRows } from './login-challenges.ts';
import { loginTriesRows } from './login-tries.ts';
import { mailBudgetRows } from './mail-budgets.ts';
import { mailRequestRows } from './mail-requests.ts';
import { mailRows } from './mails.ts';
import { organizationRows } from './organizations.ts';
import { secondFactorRows } from './second-factors.ts';
import { sessionRows } from './sessions.ts';
import { signingKeyRows } from './signing-keys.ts';
import { spentNonceRows } from './spent-nonces.ts';
import { identityRows } from './store-identity.ts';
import { userRows } from './users.ts';

/** The rows of one connection, every statement prepared once. All of them answer at once. */
export function sqliteRows(connection: Connection): Rows {
  return {
    // A file has no clock but this machine's.
    clock: { notAfter: (at) => at },
    appliedMigrations: appliedMigrationRows(connection),
    identity: identityRows(connection),
    organizations: organizationRows(connection),
    apiKeys: apiKeyRows(connection),
    users: userRows(connection),
    sessions: sessionRows(connection),
    spentNonces: spentNonceRows(connection),
    leftAddresses: leftAddressRows(connection),
    secondFactors: secondFactorRows(connection),
    loginChallenges: loginChallengeRows(connection),
    loginTries: loginTriesRows(connection),
    mailRequests: mailRequestRows(connection),
    mailBudgets: mailBudgetRows(connection),
    mails: mailRows(connection),
    signingKeys: signingKeyRows(connection),
    auditEvents: auditEventRows(connection),
  };
}
