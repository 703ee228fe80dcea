import type { Operation } from './operation.ts';

/** The calls of AccountService that tokens of mails belong to. */
export const ACCOUNTS_BY_MAIL: readonly Operation[] = [];
