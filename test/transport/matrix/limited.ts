import type { AccountCallName, AdminCallName, CallName, SecondFactorCallName } from './entrance.ts';

/** The calls that are limited by how often they come: each at every entrance is told RATE_LIMITED. */
export const LIMITED_CALLS: readonly CallName[] = ['fooBar', 'signUp', 'login'];

/** The same of AccountService: what asks for a mail. */
export const LIMITED_ACCOUNT_CALLS = [
  'sendVerificationEmail',
  'forgotPassword',
  'sendLoginCode',
  'changeEmail',
] as const satisfies readonly AccountCallName[];

/** The same of SecondFactorService, where its caller is named. */
export const LIMITED_FACTOR_CALLS = ['sendEmailCode'] as const satisfies readonly SecondFactorCallName[];

export const LIMITED_ADMIN_CALLS: readonly AdminCallName[] = ['createOrganization'];

/** For the checks of what each call can be told. */
export const LIMITED = [
  ...LIMITED_CALLS,
  ...LIMITED_ACCOUNT_CALLS,
  ...LIMITED_FACTOR_CALLS,
  ...LIMITED_ADMIN_CALLS,
].map((call) => ({
  call,
  reason: 'RATE_LIMITED' as const,
}));
