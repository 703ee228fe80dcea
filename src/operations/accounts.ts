import { AccountService } from '#gen/authflow/v1/account_service_pb.js';
import { ACCOUNTS_BY_MAIL } from './accounts-by-mail.ts';
import type { Operation, Service } from './operation.ts';

/** The calls that a session opens, and nothing else. */
const BY_SESSION: readonly Operation[] = [];

/** What users do with their own accounts, as the compat profile takes it. */
export const ACCOUNTS: Service = {
  descriptor: AccountService,
  title: 'Accounts',
  sometimes: [],
  mayBeEmpty: [],
  operations: [...BY_SESSION, ...ACCOUNTS_BY_MAIL],
};
