import { expect } from 'vitest';
import { totp } from '../../../clients/typescript/test/support/totp.ts';
import {
  after,
  type CallerClass,
  type Challenge,
  type ChallengeKind,
  MINUTE_MS,
  Refusal,
  type Session,
  type User,
} from './model.ts';
import type { World } from './world.ts';

/*
 * Second factors, as docs/contract.md has them.
 */

export const STEP_MS = 30_000;
export const CHALLENGE_MS = 10 * MINUTE_MS;
const MOST_TRIES = 5;
const MOST_CHALLENGES = 10;
const MOST_WRONG = 50;
const MOST_WRONG_RECOVERY = 20;
const MOST_WRONG_OF_SESSION = 10;
export const MOST_WRONG_BY_MAIL: Readonly<Record<CallerClass, number>> = { private_key: 50, token_key: 20, no_key: 20 };

/** Of a user without a factor. */
export const NO_FACTOR = {
  ...{
    factor: null,
    pending: null,
    recoveryCodes: [],
    wrongCodes: 0,
    wrongRecoveryCodes: 0,
    withholdsEmail: false,
    isBeforeProof: false,
  },
} as const;

export type Method = 'totp' | 'email' | 'recovery' | 'setup' | 'change_password';

/** What is handed out in the place of a session. */
export class Challenged extends Refusal {
  readonly #world: World;
  readonly #challenge: Omit<Challenge, 'text'>;

  constructor(world: World, challenge: Omit<Challenge, 'text'>) {
    super(challenge.kind === 'second_factor' ? 'SECOND_FACTOR_REQUIRED' : 'PASSWORD_CHANGE_REQUIRED');
    this.#world = world;
    this.#challenge = challenge;
  }

  /** Compares what came with the refusal, and keeps the challenge. */
  keep(next: { readonly challenge: string; readonly methods: readonly string[]; readonly expiresAt: number }): void {
    const { expiresAt } = this.#challenge;
    expect({ methods: next.methods, expiresAt: next.expiresAt }).toEqual({
      methods: methodsOf(this.#challenge),
      expiresAt,
    });
    this.#world.challenges.push({ ...this.#challenge, text: next.challenge });
  }
}

/** What a login needs beside what it has; null where that is nothing. */
export function nextOf({ org, factor, mustChange }: User, hasProvenFactor: boolean): ChallengeKind | null {
  if (!hasProvenFactor && (factor !== null || org.secondFactor === 'required')) {
    return 'second_factor';
  }
  return mustChange ? 'change_password' : null;
}

export function methodsOf({ kind, org, user, provedBy, isEmailProven }: Omit<Challenge, 'text'>): readonly Method[] {
  if (provedBy === 'email' && org?.loginByEmail !== true) {
    return [];
  }
  if (user === null || kind !== 'second_factor') {
    return kind === 'change_password' ? ['change_password'] : ['email'];
  }
  const canMail = user.isVerified && !user.org.sendsItself;
  if (user.factor === null) {
    return canMail && !isEmailProven ? ['email', 'setup'] : ['setup'];
  }
  return canMail && provedBy === 'password' && !user.withholdsEmail
    ? ['totp', 'email', 'recovery']
    : ['totp', 'recovery'];
}

/** Hands a challenge out, in the place of the oldest where its class of callers has ten. */
export function handOut(
  world: World,
  user: User,
  proof: Pick<Challenge, 'kind' | 'provedBy' | 'isEmailProven' | 'by'>,
): Challenged {
  const idOf = ({ text }: Challenge) => Buffer.from(text, 'base64url').toString('hex', 24, 40);
  const others = world.challenges
    .filter((each) => each.user === user && each.kind !== 'login_code' && !each.isSpent)
    .sort((a, b) => a.createdAt - b.createdAt || (idOf(a) < idOf(b) ? -1 : 1));
  const live = others.filter(({ expiresAt, version }) => expiresAt > world.now && version === user.version);
  const ofClass = live.filter(({ by }) => by === proof.by);
  const pushedOut = new Set(ofClass.slice(0, Math.max(0, ofClass.length - MOST_CHALLENGES + 1)));
  const kept = new Set(live.filter((each) => !pushedOut.has(each)));
  for (const other of others) {
    other.isSpent = !kept.has(other);
  }
  const { org, version } = user;
  const begins = { tries: 0, code: null, isSpent: false, createdAt: world.now };
  return new Challenged(world, { ...proof, ...begins, org, user, version, expiresAt: after(world.now, CHALLENGE_MS) });
}

/** Throws CHALLENGE_INVALID for a token that is none, of another kind or organization, or too old. */
export function requireToken(
  world: World,
  challenge: Challenge,
  tenant: { readonly org: Challenge['org'] } | null,
  kinds: readonly ChallengeKind[],
): void {
  const isOther = tenant !== null && tenant.org !== challenge.org;
  if (!kinds.includes(challenge.kind) || challenge.expiresAt <= world.now || challenge.org === null || isOther) {
    throw new Refusal('CHALLENGE_INVALID');
  }
}

/** Whose challenge it is. Throws CHALLENGE_INVALID where it counts no more. */
export function holderOf({ user, isSpent, version, provedBy }: Challenge): User {
  if (user === null || isSpent || user.isGone || user.isDisabled || user.org.isClosed || user.version !== version) {
    throw new Refusal('CHALLENGE_INVALID');
  }
  if (user.org.requiresVerified && !user.isVerified && provedBy === 'password') {
    throw new Refusal('CHALLENGE_INVALID');
  }
  return user;
}

export function takes(challenge: Challenge, method: Method): boolean {
  const methods = methodsOf(challenge);
  return method === 'setup' ? methods[0] === 'setup' : methods.includes(method);
}

/** Whether a challenge takes this now. */
export function isOpen(world: World, challenge: Challenge, method: Method): boolean {
  const { expiresAt, isSpent, user, tries, version } = challenge;
  const isGood = expiresAt > world.now && !isSpent && tries < MOST_TRIES;
  return isGood && user !== null && !user.isGone && user.version === version && takes(challenge, method);
}

/** Counts a try at a challenge. Throws CHALLENGE_INVALID. */
export function countTry(challenge: Challenge, method: Method): User {
  const user = holderOf(challenge);
  if (!takes(challenge, method) || challenge.tries >= MOST_TRIES) {
    throw new Refusal('CHALLENGE_INVALID');
  }
  challenge.tries += 1;
  return user;
}

/** The same of one by mail, which may be nobody's: null then, and where nothing is compared any more. */
export function countTryByMail(challenge: Challenge): User | null {
  if (challenge.tries >= MOST_TRIES || challenge.org?.isClosed !== false || !challenge.org.loginByEmail) {
    throw new Refusal('CHALLENGE_INVALID');
  }
  challenge.tries += 1;
  const { user, version, by } = challenge;
  if (user === null || user.isGone || user.isDisabled || user.version !== version) {
    return null;
  }
  const wrong = user.loginCodeTries.get(by) ?? 0;
  if (wrong >= MOST_WRONG_BY_MAIL[by]) {
    return null;
  }
  user.loginCodeTries.set(by, wrong + 1);
  return user;
}

/** Counts a code of a user before it is compared. Throws ACCOUNT_LOCKED. */
export function countCode(user: User, isRecovery: boolean): void {
  if (isRecovery ? user.wrongRecoveryCodes >= MOST_WRONG_RECOVERY : user.wrongCodes >= MOST_WRONG) {
    throw new Refusal('ACCOUNT_LOCKED');
  }
  user.wrongCodes += isRecovery ? 0 : 1;
  user.wrongRecoveryCodes += isRecovery ? 1 : 0;
}

/** Counts a try of a session; one more than it has ends it. Throws SESSION_REVOKED. */
export function countOfSession(session: Session): void {
  session.wrongPasswords += 1;
  if (session.wrongPasswords > MOST_WRONG_OF_SESSION) {
    session.isEnded = true;
    throw new Refusal('SESSION_REVOKED');
  }
}

/** Compares a code with the user's factor and spends it. Throws CODE_INVALID. `besidePassword`: which takes the mailbox back in. */
export function spendCode(user: User, code: string, now: number, besidePassword: boolean): void {
  if (isDigits(code)) {
    const step = user.factor && matchingStep(user.factor.secret, code, now);
    if (user.factor === null || step === null || step <= user.factor.lastStep) {
      throw new Refusal('CODE_INVALID');
    }
    user.factor.lastStep = step;
  } else {
    const left = user.recoveryCodes.filter((each) => spelled(each) !== spelled(code));
    if (left.length === user.recoveryCodes.length) {
      throw new Refusal('CODE_INVALID');
    }
    Object.assign(user, { recoveryCodes: left, wrongRecoveryCodes: 0 });
  }
  Object.assign(user, { wrongCodes: 0, withholdsEmail: user.withholdsEmail && !besidePassword });
}

/** Leaves nothing of a user's factor; whoever logs in with it starts anew. */
export function takeOff(world: World, user: User): void {
  const { withholdsEmail } = user;
  user.version += user.factor === null ? 0 : 1;
  Object.assign(user, NO_FACTOR, { withholdsEmail });
  voidChallenges(world, user);
}

export function voidChallenges(world: World, user: User): void {
  for (const challenge of world.challenges.filter((each) => each.user === user)) {
    // One of a login by mail is nobody's again.
    Object.assign(
      challenge,
      challenge.kind === 'login_code' ? { user: null, tries: 0, code: null } : { isSpent: true },
    );
  }
}

/** Whether a code looks like one of an app or a mail. */
export function isDigits(code: string): boolean {
  return /^[0-9]{6}$/.test(code);
}

/** Whether it looks like either. */
export function isCode(code: string): boolean {
  return isDigits(code) || spelled(code).length === 16;
}

function spelled(code: string): string {
  return code.replaceAll('-', '').toUpperCase();
}

export function matchingStep(secret: string, code: string, now: number): number | null {
  const present = Math.floor(now / STEP_MS);
  return [present, present - 1, present + 1].find((step) => codeOf(secret, step) === code) ?? null;
}

export function codeOf(secret: string, step: number): string {
  return totp(secret, step * STEP_MS);
}

/** The next code of an app that was not taken yet, or at times any other text. */
export function anyTotp(world: World, secret: string | null, lastStep = 0): string {
  // A wrong one at times where nothing else is wrong, or none would be compared.
  if (secret === null || world.mistake(3) || world.chance(8)) {
    const old = secret === null ? [] : [codeOf(secret, lastStep), codeOf(secret, Math.floor(world.now / STEP_MS) - 9)];
    return world.random.pick(['000000', '000000', '000000', world.isCareful ? '000000' : '12345', ...old]);
  }
  const present = Math.floor(world.now / STEP_MS);
  return codeOf(secret, Math.max(lastStep + 1, world.random.pick([present - 1, present])));
}

export function anyRecoveryCode(world: World, user: User | null): string {
  const code = user === null || world.mistake(3) || world.chance(8) ? undefined : user.recoveryCodes[0];
  return code ?? world.random.pick(['0000-0000-0000-0000', world.isCareful ? '0000-0000-0000-0000' : 'x']);
}

/** For a session of a user with a factor; '' for one of a user without. */
export function anyOwnCode(world: World, user: User | null): string {
  if (user === null || user.factor === null) {
    return world.mistake(4) ? '000000' : '';
  }
  if (world.mistake(4)) {
    return '';
  }
  return world.chance(5) ? anyRecoveryCode(world, user) : anyTotp(world, user.factor.secret, user.factor.lastStep);
}
