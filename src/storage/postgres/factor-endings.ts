import type { ProvenSession } from '../../domain/accounts/storage.ts';
import type { UserCredentials } from '../../domain/auth/storage.ts';
import type {
  ChallengeAnswer,
  ChallengedPasswordChange,
  CodeAttempt,
  Confirmation,
  FactorOwner,
} from '../../domain/second-factors/storage.ts';
import type { AskedWrite } from '../asked-write.ts';
import type { WriteName } from '../operations.ts';
import type { UserKey, WriteRows } from '../rows.ts';
import { setDemandedPassword } from '../steps/challenges.ts';
import { spendCode } from '../steps/codes.ts';
import { endSessionByCodes } from '../steps/reserve-code.ts';
import { disableFactor, putOnFactor, renewRecoveryCodes } from '../steps/second-factors.ts';
import { ask, type Steps } from '../steps/steps.ts';

/**
 * Writes of second factors that end what was handed out: sessions, a password, codes that were replaced or spent, and logins without a
 * factor. Whoever asked for one by a session or a challenge may have lost that with it, so each is done again for the user.
 */
export const FACTOR_ENDINGS: ReadonlySet<WriteName> = new Set<WriteName>([
  'reserveCode',
  'completeChallenge',
  'confirmSecret',
  'removeSecondFactor',
  'replaceRecoveryCodes',
  'changePasswordByChallenge',
]);

/** Whether one of {@link FACTOR_ENDINGS} ended something. */
export function isFactorEnding({ name, args }: AskedWrite, written: unknown): boolean {
  const { outcome } = written as { readonly outcome: string };
  switch (name) {
    case 'reserveCode':
      return outcome === 'session_ended' && (args[0] as CodeAttempt).by === 'session';
    case 'completeChallenge':
      return (outcome === 'created' || outcome === 'challenged') && (args[0] as ChallengeAnswer).used.kind !== 'email';
    default:
      return outcome === 'confirmed' || outcome === 'done' || outcome === 'changed';
  }
}

/** Does one of {@link FACTOR_ENDINGS} again, but not where the credentials are those any more by which it was done. */
export function* factorEndingAgain(rows: WriteRows, { name, args }: AskedWrite): Steps<void> {
  const [first] = args;
  switch (name) {
    case 'reserveCode': {
      const attempt = first as CodeAttempt;
      return attempt.by === 'session' ? yield* endSessionByCodes(rows, attempt.session) : undefined;
    }
    case 'completeChallenge': {
      const { used, session } = first as ChallengeAnswer;
      const user = yield* userAt(rows, { orgId: session.tenant.orgId, userId: session.userId }, session);
      // Its session is lost, and a code that was seen would open another.
      if (user?.hasSecondFactor === true && used.kind !== 'email') {
        yield* spendCode(rows, user, used, { besidePassword: false });
      }
      return;
    }
    case 'confirmSecret':
      return yield* confirmAgain(rows, first as FactorOwner, args[1] as Confirmation);
    case 'removeSecondFactor': {
      const proven = first as ProvenSession;
      const user = yield* ownerOf(rows, proven);
      return user === null ? undefined : yield* disableFactor(rows, user, proven);
    }
    case 'replaceRecoveryCodes': {
      const proven = first as ProvenSession;
      const user = yield* ownerOf(rows, proven);
      const digests = args[1] as readonly Uint8Array[];
      return user === null ? undefined : yield* renewRecoveryCodes(rows, user, digests, proven.sessionId);
    }
    case 'changePasswordByChallenge': {
      const { claim, userId, passwordHash, ...at } = first as ChallengedPasswordChange;
      const user = yield* userAt(rows, { orgId: claim.orgId, userId }, at);
      if (user !== null) {
        yield* setDemandedPassword(rows, user, passwordHash, claim.at);
      }
    }
  }
}

/** The secret that waited may have been lost, too: it came with the confirmation. */
function* confirmAgain(rows: WriteRows, by: FactorOwner, confirmation: Confirmation): Steps<void> {
  const asked =
    by.by === 'session'
      ? { orgId: by.session.tenant.orgId, sessionId: by.session.sessionId, at: by.session.at }
      : { orgId: by.claim.orgId, sessionId: null, at: by.claim.at };
  const user = yield* userAt(rows, { orgId: asked.orgId, userId: confirmation.userId }, confirmation);
  if (user !== null) {
    yield* putOnFactor(rows, user, confirmation, asked);
  }
}

function ownerOf(rows: WriteRows, { tenant: { orgId }, userId, ...at }: ProvenSession): Steps<UserCredentials | null> {
  return userAt(rows, { orgId, userId }, at);
}

/** A user, who is held from then on, with these credentials; null where they are others. */
function* userAt(
  rows: WriteRows,
  { orgId, userId }: UserKey,
  { credentialVersion }: Pick<UserCredentials, 'credentialVersion'>,
): Steps<UserCredentials | null> {
  const user = yield* ask(rows.users.findCredentials(orgId, userId));
  return user?.credentialVersion === credentialVersion ? user : null;
}
