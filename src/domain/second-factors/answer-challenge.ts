import { challengeError, type LoginResult, loginResult, unsignedSession, writeSigned } from '../auth/open-session.ts';
import type { UserCredentials } from '../auth/storage.ts';
import type { CallerClass } from '../caller.ts';
import { AuthError } from '../errors.ts';
import { accountNotice } from '../mail/account-notice.ts';
import type { CallContext, Ports } from '../ports.ts';
import { type IdentifiedTenant, refusal } from '../tenant.ts';
import { codeInvalid } from './prove-code.ts';
import type { ChallengeAnswer, ChallengeClaim } from './storage.ts';

/** A challenge whose code was right. */
export interface AnsweredChallenge {
  readonly claim: ChallengeClaim;
  readonly user: UserCredentials;
  readonly used: ChallengeAnswer['used'];
  readonly tenant: IdentifiedTenant | null;
}

/** A login that is complete; `recoveryCodesLeft` where one of them completed it. */
export interface CompletedLogin extends LoginResult {
  readonly recoveryCodesLeft: number;
}

/** Spends a challenge and opens its session, or throws what the login needs next, with a challenge. */
export async function completeLogin(
  ports: Ports,
  { claim, user, used, tenant }: AnsweredChallenge,
  call: CallContext,
): Promise<CompletedLogin> {
  const { orgId, keyId } = claim;
  const callerClass: CallerClass = tenant?.callerClass ?? 'no_key';
  const opening = { tenant: { orgId, keyId }, callerClass, countedAs: null, user, rehash: null, attempt: null };
  const session = unsignedSession(ports, opening, call);
  const notice =
    used.kind === 'recovery' ? accountNotice(ports, user, 'recovery_code_used', callerClass, session.createdAt) : null;
  const answer = { claim: { ...claim, at: session.createdAt }, used, notice };
  const { kid, result } = await writeSigned(ports, session, (signed) =>
    ports.storage.completeChallenge({ ...answer, session: signed }),
  );
  switch (result.outcome) {
    case 'created':
      return {
        ...loginResult(ports, user, session, { kid, issued: result.session }),
        recoveryCodesLeft: result.recoveryCodesLeft ?? 0,
      };
    case 'challenged':
      throw challengeError(ports, user, result.challenge);
    case 'code_invalid':
      throw codeInvalid(user);
    case 'challenge_invalid':
      throw new AuthError('CHALLENGE_INVALID');
    default:
      throw refusal(result.outcome);
  }
}
