import { expect } from 'vitest';
import type { SecondFactorService } from '#gen/authflow/v1/second_factor_service_pb.js';
import type { Operation } from '../../../src/operations/operation.ts';
import { SECOND_FACTORS } from '../../../src/operations/second-factors.ts';
import {
  anyRecoveryCode,
  anyTotp,
  countCode,
  countOfSession,
  countTry,
  countTryByMail,
  handOut,
  holderOf,
  isCode,
  isDigits,
  isOpen,
  type Method,
  matchingStep,
  NO_FACTOR,
  nextOf,
  requireToken,
  spendCode,
  takeOff,
  takes,
  voidChallenges,
} from './factors.ts';
import { after, type CallerClass, type Challenge, MINUTE_MS, Refusal, type Session, type User } from './model.ts';
import { lifetimeMs, requireFreshProof } from './proofs.ts';
import { openSession, timestamp } from './sessions.ts';
import {
  anyChallengeCall,
  anyProof,
  anySessionCall,
  type ChallengeCall,
  type Moves,
  movesOf,
  nothing,
  type Reply,
  refuseFaults,
  type Step,
} from './step.ts';
import type { World } from './world.ts';

const PENDING_MS = 10 * MINUTE_MS;

const MOVES: Moves<typeof SecondFactorService> = {
  enableTotp: (operation) => (world) =>
    world.challenges.some((each) => isOpen(world, each, 'setup')) || world.mistake(5)
      ? enableByChallenge(operation, world)
      : enableBySession(operation, world),

  confirmTotp: (operation) => (world) =>
    world.challenges.some((each) => isOpen(world, each, 'setup') && each.user?.pending) || world.mistake(5)
      ? confirmByChallenge(operation, world)
      : confirmBySession(operation, world),

  disableTotp: (operation) => (world) =>
    changeFactor(operation, world, (user, own) => {
      takeOff(world, user);
      world.end((each) => each.user === user && each !== own);
      return { kind: 'second_factor_disabled', check: nothing };
    }),

  regenerateRecoveryCodes: (operation) => (world) =>
    changeFactor(operation, world, (user) => {
      Object.assign(user, { version: user.version + 1, wrongRecoveryCodes: 0 });
      const check = ({ recoveryCodes }: Reply) => keepCodes(user, recoveryCodes);
      return { kind: 'recovery_codes_replaced', check };
    }),

  verifyTotp: (operation) => (world) => {
    const call = anyChallengeCall(world, (each) => isOpen(world, each, 'totp'));
    const { factor } = call.challenge.user ?? NO_FACTOR;
    const code = anyTotp(world, factor?.secret ?? null, factor?.lastStep);
    return answer(operation, world, call, { method: 'totp', code, request: { code }, isGood: isDigits });
  },

  verifyRecoveryCode: (operation) => (world) => {
    const call = anyChallengeCall(world, (each) => isOpen(world, each, 'recovery'));
    const code = anyRecoveryCode(world, call.challenge.user);
    const recoveryCode = world.chance(2) ? code : code.replaceAll('-', '').toLowerCase();
    const isGood = (text: string) => isCode(text) && !isDigits(text);
    return answer(operation, world, call, { method: 'recovery', code, request: { recoveryCode }, isGood });
  },

  sendEmailCode: (operation) => (world) => {
    const call = anyChallengeCall(world, (each) => isOpen(world, each, 'email'));
    const { challenge } = call;
    return {
      ...{ operation, headers: call.headers, request: call.fields, about: call.about },
      foresee() {
        refuseFaults(call.isAtFault);
        const tenant = world.tenantOf(call.claim);
        requireToken(world, challenge, tenant, ['second_factor']);
        const user = holderOf(challenge);
        if (!takes(challenge, 'email') || challenge.tries >= 5) {
          throw new Refusal('CHALLENGE_INVALID');
        }
        const before = challenge.code;
        world.outbox.mailCode('second_factor_code', user, challenge);
        world.waitsForMail = true;
        const kept = challenge.code === before ? before : null;
        const until = kept?.until ?? Math.min(world.now + PENDING_MS, challenge.expiresAt);
        return (reply) => expect(reply).toMatchObject({ expiresAt: timestamp(until) });
      },
    };
  },

  verifyEmailCode: (operation) => (world) => {
    const isMailed = (each: Challenge) => isOpen(world, each, 'email') && (each.code?.text ?? '') !== '';
    const call = anyChallengeCall(world, isMailed);
    const { challenge } = call;
    const code = world.mistake(3) ? world.random.pick(['000000', '12345', '']) : challenge.code?.text || '000000';
    const request = { ...call.fields, code };
    return {
      ...{ operation, headers: call.headers, request, about: `${call.about}, code '${code}'` },
      foresee() {
        refuseFaults(call.isAtFault, !isDigits(code));
        const tenant = world.tenantOf(call.claim);
        requireToken(world, challenge, tenant, ['second_factor', 'login_code']);
        const user = challenge.kind === 'login_code' ? countTryByMail(challenge) : countTry(challenge, 'email');
        if (user !== null && challenge.kind === 'second_factor') {
          countCode(user, false);
        }
        const { code: mailed } = challenge;
        // One that was mailed, and not read yet, may be what was guessed: one of a million.
        if (user === null || mailed === null || mailed.until <= world.now || mailed.text !== code) {
          throw new Refusal('CODE_INVALID');
        }
        holderOf(challenge);
        if (challenge.kind === 'login_code') {
          user.loginCodeTries.clear();
          user.isVerified ||= user.factor === null;
        } else {
          user.wrongCodes = 0;
        }
        return complete(world, challenge, user, { isByMail: true });
      },
    };
  },
};

function enableBySession(operation: Operation, world: World): Step {
  const call = anySessionCall(world, 'nobody', ({ factor, org }) => factor === null && org.secondFactor !== 'off');
  const { currentPassword } = anyProof(world, call);
  return {
    ...{ operation, headers: call.headers, request: { ...call.fields, currentPassword } },
    about: `${call.about} by '${currentPassword}'`,
    foresee() {
      refuseFaults(call.isAtFault);
      const { session: own } = world.own(call);
      const { user } = own;
      if (user.factor !== null) {
        throw new Refusal('SECOND_FACTOR_ALREADY_ENABLED');
      }
      if (user.org.secondFactor === 'off') {
        throw new Refusal('SECOND_FACTOR_NOT_ENABLED');
      }
      requireFreshProof(own, { currentPassword, code: '' }, world.now);
      return pending(world, user);
    },
  };
}

function enableByChallenge(operation: Operation, world: World): Step {
  const call = anyChallengeCall(world, (each) => isOpen(world, each, 'setup'));
  const { challenge } = call;
  return {
    ...{ operation, headers: call.headers, request: call.fields, about: call.about },
    foresee() {
      refuseFaults(call.isAtFault);
      requireToken(world, challenge, world.tenantOf(call.claim), ['second_factor']);
      const user = holderOf(challenge);
      if (!takes(challenge, 'setup')) {
        throw new Refusal('CHALLENGE_INVALID');
      }
      if (user.org.secondFactor === 'off') {
        throw new Refusal('SECOND_FACTOR_NOT_ENABLED');
      }
      return pending(world, user);
    },
  };
}

function pending(world: World, user: User) {
  const until = after(world.now, PENDING_MS);
  return ({ secret, otpauthUrl, expiresAt }: Reply) => {
    expect(expiresAt).toMatchObject(timestamp(until));
    expect(otpauthUrl).toContain(secret);
    user.pending = { secret, until };
  };
}

function confirmBySession(operation: Operation, world: World): Step {
  const call = anySessionCall(world, 'nobody', (user) => user.pending !== null);
  const code = anyTotp(world, call.token.session?.user.pending?.secret ?? null);
  return {
    ...{ operation, headers: call.headers, request: { ...call.fields, code }, about: `${call.about}, code '${code}'` },
    foresee() {
      refuseFaults(call.isAtFault, !isDigits(code));
      const { tenant, session: own } = world.own(call);
      const { user } = own;
      requireWaiting(world, user);
      countOfSession(own);
      confirm(world, user, { code, own, by: tenant?.callerClass ?? 'no_key' });
      own.wrongPasswords = 0;
      return ({ recoveryCodes, token }) => {
        expect(token).toBe('');
        keepCodes(user, recoveryCodes);
      };
    },
  };
}

function confirmByChallenge(operation: Operation, world: World): Step {
  const call = anyChallengeCall(world, (each) => isOpen(world, each, 'setup') && each.user?.pending != null);
  const { challenge } = call;
  const code = anyTotp(world, challenge.user?.pending?.secret ?? null);
  return {
    ...{ operation, headers: call.headers, request: { ...call.fields, code }, about: `${call.about}, code '${code}'` },
    foresee() {
      refuseFaults(call.isAtFault, !isDigits(code));
      const tenant = world.tenantOf(call.claim);
      requireToken(world, challenge, tenant, ['second_factor']);
      const holder = holderOf(challenge);
      if (isOpen(world, challenge, 'setup')) {
        requireWaiting(world, holder);
      }
      const user = countTry(challenge, 'setup');
      confirm(world, user, { code, own: null, by: tenant?.callerClass ?? 'no_key' });
      const opens = nextOf(user, true) === null;
      const expiresAt = after(world.now, lifetimeMs(user.org));
      return (reply) => {
        keepCodes(user, reply.recoveryCodes);
        if (opens) {
          openSession(world, reply, { user, expiresAt, isActed: false });
        } else {
          expect(reply.token).toBe('');
        }
      };
    },
  };
}

interface Confirming {
  readonly code: string;
  readonly own: Session | null;
  readonly by: CallerClass;
}

/** What cannot be compared counts for nobody. */
function requireWaiting(world: World, { factor, pending }: User): void {
  if (factor !== null) {
    throw new Refusal('SECOND_FACTOR_ALREADY_ENABLED');
  }
  if (pending === null || pending.until <= world.now) {
    throw new Refusal('SECOND_FACTOR_NOT_ENABLED');
  }
}

function confirm(world: World, user: User, { code, own, by }: Confirming): void {
  const waiting = user.pending;
  if (waiting === null || waiting.until <= world.now) {
    throw new Refusal('SECOND_FACTOR_NOT_ENABLED');
  }
  countCode(user, false);
  const step = matchingStep(waiting.secret, code, world.now);
  if (step === null) {
    throw new Refusal('CODE_INVALID');
  }
  if (user.org.secondFactor === 'off') {
    throw new Refusal('SECOND_FACTOR_NOT_ENABLED');
  }
  const { withholdsEmail } = user;
  const factor = { secret: waiting.secret, lastStep: step };
  const state = { withholdsEmail, isBeforeProof: !user.isVerified };
  Object.assign(user, NO_FACTOR, state, { factor, version: user.version + 1 });
  voidChallenges(world, user);
  world.end((each) => each.user === user && each !== own);
  world.outbox.tell(user, 'second_factor_enabled', by);
}

function keepCodes(user: User, recoveryCodes: readonly string[]): void {
  expect(new Set(recoveryCodes).size).toBe(10);
  user.recoveryCodes = recoveryCodes;
}

interface Changed {
  readonly kind: 'second_factor_disabled' | 'recovery_codes_replaced';
  check(reply: Reply): void;
}

/** What a session does with its user's factor. */
function changeFactor(operation: Operation, world: World, change: (user: User, own: Session) => Changed): Step {
  const call = anySessionCall(world, 'nobody', ({ factor }) => factor !== null);
  const proof = anyProof(world, call);
  const given = { ...proof, code: proof.code || (world.mistake(5) ? '' : '000000') };
  return {
    ...{ operation, headers: call.headers, request: { ...call.fields, ...given } },
    about: `${call.about} by ${JSON.stringify(given)}`,
    foresee() {
      refuseFaults(call.isAtFault, !isCode(given.code));
      const { tenant, session: own } = world.own(call);
      const { user } = own;
      if (user.factor === null) {
        throw new Refusal('SECOND_FACTOR_NOT_ENABLED');
      }
      requireFreshProof(own, given, world.now);
      const { kind, check } = change(user, own);
      world.outbox.tell(user, kind, tenant?.callerClass ?? 'no_key');
      return check;
    },
  };
}

interface Answer {
  readonly method: Extract<Method, 'totp' | 'recovery'>;
  readonly code: string;
  readonly request: object;
  isGood(code: string): boolean;
}

function answer(
  operation: Operation,
  world: World,
  call: ChallengeCall,
  { method, code, request, isGood }: Answer,
): Step {
  const { challenge } = call;
  return {
    ...{ operation, headers: call.headers, request: { ...call.fields, ...request } },
    about: `${call.about}, code '${code}'`,
    foresee() {
      refuseFaults(call.isAtFault, !isGood(code));
      const tenant = world.tenantOf(call.claim);
      requireToken(world, challenge, tenant, ['second_factor']);
      const user = countTry(challenge, method);
      countCode(user, method === 'recovery');
      spendCode(user, code, world.now, challenge.provedBy === 'password');
      // Which the login may prove.
      const wasVerified = user.isVerified;
      try {
        return complete(world, challenge, user, { isByMail: false });
      } finally {
        if (method === 'recovery' && wasVerified) {
          world.outbox.tell(user, 'recovery_code_used', tenant?.callerClass ?? 'no_key');
        }
      }
    },
  };
}

/** Spends a challenge: opens the session, or throws what comes next. */
function complete(world: World, challenge: Challenge, user: User, { isByMail }: { readonly isByMail: boolean }) {
  Object.assign(challenge, challenge.kind === 'login_code' ? { tries: 5, code: null } : { isSpent: true });
  if (challenge.kind === 'second_factor' && challenge.provedBy === 'email') {
    user.isVerified = true;
    user.isBeforeProof = false;
  }
  const kind = nextOf(user, challenge.kind === 'second_factor' && user.factor !== null);
  if (kind !== null) {
    const isEmailProven = challenge.isEmailProven || isByMail;
    const { provedBy, by } = challenge;
    throw handOut(world, user, { kind, provedBy, isEmailProven, by });
  }
  const expiresAt = after(world.now, lifetimeMs(user.org));
  const left = user.recoveryCodes.length;
  return (reply: Reply) => {
    openSession(world, reply, { user, expiresAt, isActed: false });
    if (reply.recoveryCodesLeft !== undefined) {
      expect(reply.recoveryCodesLeft).toBe(left);
    }
  };
}

export const FACTOR_MOVES = movesOf(SECOND_FACTORS, MOVES);
