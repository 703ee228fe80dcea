/*
 * Challenges: what a login hands out whose password, or whose code of a mail, was right, and which needs more (docs/contract.md,
 * "Second factors").
 */
import type { UserCredentials } from '../auth/storage.ts';
import type { CountedAs } from '../auth/tries.ts';
import type { CallerClass } from '../caller.ts';
import type { OrganizationSettings } from '../organizations/settings.ts';
import type { LoginChallenge, SecondFactor } from './storage.ts';

/** `login_code`: of SendLoginCode, before anything was proven. The others come after the first proof. */
export const CHALLENGE_KINDS = ['second_factor', 'change_password', 'login_code'] as const;

export type ChallengeKind = (typeof CHALLENGE_KINDS)[number];

/** How a challenge goes on. Public: callers must expect more. */
export type ChallengeMethod = 'totp' | 'email' | 'recovery' | 'setup' | 'change_password';

/** How long a challenge lives, in milliseconds. */
export const CHALLENGE_MS = 10 * 60 * 1000;

/** How long the code of a mail is good, in milliseconds. */
export const EMAIL_CODE_MS = 10 * 60 * 1000;

/** Tries at a challenge, over all methods. */
export const MOST_CHALLENGE_TRIES = 5;

/** Live challenges of a user, of each class of callers; one more takes the place of the oldest of its class. */
export const MOST_CHALLENGES = 10;

/** Wrong codes of a user in a row, over every call that takes one: then none is compared any more (docs/security.md, F2). */
export const MOST_WRONG_CODES = 50;

/** The same of recovery codes, which are compared even then. */
export const MOST_WRONG_RECOVERY_CODES = 20;

/** What a challenge is made of that a login may need. */
export interface ChallengeSeed {
  readonly challengeId: string;
  readonly expiresAt: number;
  readonly callerClass: CallerClass;
  /** The counter of failed passwords that the completed login begins anew; null where no password was tried. */
  readonly countedAs: CountedAs | null;
}

/** A challenge that was handed out. */
export interface OpenChallenge {
  readonly challengeId: string;
  readonly kind: Exclude<ChallengeKind, 'login_code'>;
  readonly methods: readonly ChallengeMethod[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A challenge of a token that this service signed under the store's present epoch. Its row decides whether it still counts. */
export interface ProvenChallenge {
  readonly kind: ChallengeKind;
  readonly orgId: string;
  readonly challengeId: string;
  /** Milliseconds since 1970, in whole seconds. */
  readonly expiresAt: number;
  readonly epoch: string;
}

export interface ChallengeTokens {
  /** The token of a challenge. Stores nothing. Throws RangeError for ids that are no UUIDs. */
  sign(challenge: Omit<ProvenChallenge, 'epoch'>): string;
  /** What a token made by {@link sign} says, at once; null for any other text. Age is for the caller to judge. */
  read(token: string): ProvenChallenge | null;
}

/** What a login still needs, in this order; null where it needs nothing. `hasProvenFactor`: whether this login did. */
export function nextKind(
  { secondFactor }: Pick<OrganizationSettings, 'secondFactor'>,
  { hasSecondFactor, mustChangePassword }: Pick<UserCredentials, 'hasSecondFactor' | 'mustChangePassword'>,
  hasProvenFactor: boolean,
): OpenChallenge['kind'] | null {
  if (!hasProvenFactor && (hasSecondFactor || secondFactor === 'required')) {
    return 'second_factor';
  }
  return mustChangePassword ? 'change_password' : null;
}

/**
 * What a challenge takes. A mailbox is no second factor beside itself: whoever logged in by it, or set the password by it since the
 * factor was last proven beside the password, is not offered it. `setup` is taken where nothing stands beside it. A login by mail goes
 * on where the organization still takes those.
 */
export function methodsOf(
  { kind, provedBy, isEmailProven }: Pick<LoginChallenge, 'kind' | 'provedBy' | 'isEmailProven'>,
  { hasSecondFactor, emailVerifiedAt }: Pick<UserCredentials, 'hasSecondFactor' | 'emailVerifiedAt'>,
  { withholdsEmail }: Pick<SecondFactor, 'withholdsEmail'>,
  { mailDelivery, loginByEmail }: Pick<OrganizationSettings, 'mailDelivery' | 'loginByEmail'>,
): readonly ChallengeMethod[] {
  if (provedBy !== 'password' && !loginByEmail) {
    return [];
  }
  if (kind !== 'second_factor') {
    return kind === 'login_code' ? ['email'] : ['change_password'];
  }
  const canMail = emailVerifiedAt !== null && mailDelivery === 'server';
  if (hasSecondFactor) {
    return canMail && provedBy === 'password' && !withholdsEmail ? ['totp', 'email', 'recovery'] : ['totp', 'recovery'];
  }
  return canMail && !isEmailProven ? ['email', 'setup'] : ['setup'];
}

/** Whether a challenge that takes these methods takes this one now. */
export function takes(methods: readonly ChallengeMethod[], method: ChallengeMethod): boolean {
  return method === 'setup' ? methods[0] === 'setup' : methods.includes(method);
}
