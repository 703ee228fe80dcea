import type { Rows } from '../../rows.ts';
import type { Queries } from '../statement.ts';
import { apiKeyRows } from './api-keys.ts';
import { appliedMigrationRows } from './applied-migrations.ts';
import { auditEventRows } from './audit-events.ts';
import { databaseClock } from './clock.ts';
import { type Holds, NO_HOLDS } from './holds.ts';
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

/** The rows that one connection or transaction gives; they answer later. What is found is held as `holds` has it. */
export function postgresRows(queries: Queries, holds: Holds = NO_HOLDS): Rows {
  return {
    clock: databaseClock(queries),
    appliedMigrations: appliedMigrationRows(queries),
    identity: identityRows(queries),
    organizations: organizationRows(queries, holds),
    apiKeys: apiKeyRows(queries, holds),
    users: userRows(queries, holds),
    sessions: sessionRows(queries, holds),
    spentNonces: spentNonceRows(queries),
    leftAddresses: leftAddressRows(queries),
    secondFactors: secondFactorRows(queries),
    loginChallenges: loginChallengeRows(queries, holds),
    loginTries: loginTriesRows(queries, holds),
    mailRequests: mailRequestRows(queries),
    mailBudgets: mailBudgetRows(queries),
    mails: mailRows(queries),
    signingKeys: signingKeyRows(queries, holds),
    auditEvents: auditEventRows(queries),
  };
}
