import { create } from '@bufbuild/protobuf';
import { AccountService, VerifyEmailResponseSchema } from '#gen/authflow/v1/account_service_pb.js';
import { reportNotMe } from '../domain/accounts/report-not-me.ts';
import { readVerifyEmail } from '../domain/accounts/verify-email.ts';
import { MAIL_TOKEN } from './access.ts';
import { ACCOUNTS_BY_MAIL } from './accounts-by-mail.ts';
import { MAX_CALL_MS } from './call.ts';
import { type Operation, operation } from './operation.ts';

const calls = AccountService.method;

/**
 * What the buttons of the pages do that the links of mails lead to, by the last part of their addresses: the calls that take such tokens, and
 * one that no call does, because no backend has a use for it.
 */
export const PAGE_OPERATIONS = {
  'verify-email': theOne(calls.verifyEmail),
  'reset-password': theOne(calls.resetPassword),
  'change-email': theOne(calls.verifyEmail),
  'not-me': operation({
    method: calls.verifyEmail,
    access: MAIL_TOKEN,
    limits: { longestMs: MAX_CALL_MS },
    rest: { methods: [], path: '', summary: 'Say that it was somebody else', success: 'Everybody is signed out.' },
    reasons: ['TOKEN_INVALID', 'TOKEN_EXPIRED', 'USER_EXISTS'],
    read: (input, faults) => readVerifyEmail(input, faults),
    run: async (ports, parameters) => create(VerifyEmailResponseSchema, await reportNotMe(ports, parameters)),
  }),
} as const;

function theOne(method: Operation['method']): Operation {
  const found = ACCOUNTS_BY_MAIL.find((each) => each.method === method);
  if (found === undefined) {
    throw new Error(`There is no operation for ${method.name}.`);
  }
  return found;
}
