import { expect } from 'vitest';
import type { AccountService } from '#gen/authflow/v1/account_service_pb.js';
import { PAGE_OPERATIONS } from '../../../src/operations/account-pages.ts';
import { ACCOUNTS } from '../../../src/operations/accounts.ts';
import type { Operation } from '../../../src/operations/operation.ts';
import { CHALLENGE_MS, countTry, isCode, isOpen, requireToken, takeOff, voidChallenges } from './factors.ts';
import { after, type Challenge, Refusal } from './model.ts';
import { renewedEnd, requireFitPassword, requireFreshProof, requireGoodPassword } from './proofs.ts';
import { keepToken, session, timestamp } from './sessions.ts';
import {
  anyApiKey,
  anyProof,
  anySessionCall,
  credentials,
  type Move,
  type Moves,
  movesOf,
  nothing,
  refuseFaults,
  tellClaim,
} from './step.ts';
import type { World } from './world.ts';

const MOVES: Moves<typeof AccountService> = {
  me: (operation) => (world) => {
    const call = anySessionCall(world, 'email and organization');
    return {
      ...{ operation, headers: call.headers, request: call.fields, about: call.about },
      foresee() {
        refuseFaults(call.isAtFault);
        const live = world.live(call);
        const told = session(call.token, live);
        const { factor, recoveryCodes } = live.session.user;
        const own = { secondFactor: factor !== null, recoveryCodesLeft: recoveryCodes.length };
        return (reply) => expect(reply).toMatchObject({ ...told, ...own, role: told.roles[0] ?? 'user' });
      },
    };
  },

  updateProfile: (operation) => (world) => {
    const call = anySessionCall(world, 'nobody');
    const fullname = world.mistake(8) ? ' ' : world.anyFullname();
    return {
      ...{
        operation,
        headers: call.headers,
        request: { ...call.fields, fullname },
        about: `${call.about} ${fullname}`,
      },
      foresee() {
        refuseFaults(call.isAtFault, fullname === ' ');
        const live = world.own(call);
        live.session.user.fullname = fullname;
        const told = session(call.token, live);
        return (reply) => expect(reply).toMatchObject(told);
      },
    };
  },

  renewSession: (operation) => (world) => {
    const call = anySessionCall(world, 'nobody');
    return {
      ...{ operation, headers: call.headers, request: call.fields, about: call.about },
      foresee() {
        refuseFaults(call.isAtFault);
        const { session: own } = world.own(call);
        own.expiresAt = renewedEnd(own, world.now);
        return (reply) => keepToken(world, reply, own);
      },
    };
  },

  listMySessions: (operation) => (world) => {
    const call = anySessionCall(world, 'nobody');
    return {
      ...{ operation, headers: call.headers, request: call.fields, about: call.about },
      foresee() {
        refuseFaults(call.isAtFault);
        const { session: own } = world.own(call);
        const live = world.sessions.filter((each) => each.user === own.user && !each.isActed && world.isLive(each));
        return ({ sessions }) => {
          expect(idsOf(sessions)).toEqual(idsOf(live));
          const current = sessions.filter((each: { current: boolean }) => each.current);
          expect(idsOf(current)).toEqual([own.sessionId]);
        };
      },
    };
  },

  endMySessions: (operation) => (world) => {
    const call = anySessionCall(world, 'nobody');
    const named = world.chance(2) ? null : world.newest(world.sessionTokens).session;
    const sessionId = named?.sessionId ?? '';
    return {
      ...{ operation, headers: call.headers, request: { ...call.fields, sessionId } },
      about: `${call.about}, ends ${sessionId || 'others'}`,
      foresee() {
        refuseFaults(call.isAtFault);
        const { session: own } = world.own(call);
        const endedSessions = world.end(
          (each) => each.user === own.user && (named === null ? each !== own : each === named),
        );
        return (reply) => expect(reply).toMatchObject({ endedSessions });
      },
    };
  },

  sendVerificationEmail: (operation) => (world) => askForMail(operation, world, 'verify_email'),
  forgotPassword: (operation) => (world) => askForMail(operation, world, 'reset_password'),

  sendLoginCode: (operation) => (world) => {
    const home = world.orgs.find(({ loginByEmail, isClosed }) => loginByEmail && !isClosed) ?? null;
    const own = home?.users.map((user) => user.email) ?? [];
    const email = world.mistake(10) ? 'nobody at all' : own.length > 0 ? world.random.pick(own) : world.anyEmail();
    const apiKey = anyApiKey(world, home);
    const { fields, headers, disagrees } = credentials(world, apiKey);
    return {
      ...{ operation, headers, request: { ...fields, email } },
      about: `${email} ${tellClaim(world, { apiKey, orgId: '' })}`,
      foresee() {
        refuseFaults(email === 'nobody at all', apiKey === '', disagrees);
        const { org, callerClass } = world.namedTenantOf({ apiKey, orgId: '' });
        if (!org.loginByEmail) {
          throw new Refusal('ACCESS_DENIED');
        }
        const expiresAt = after(world.now, CHALLENGE_MS);
        world.waitsForMail = true;
        return (reply) => {
          expect(reply).toMatchObject({ expiresAt: timestamp(expiresAt) });
          const challenge: Challenge = {
            ...{ text: reply.challenge, kind: 'login_code', org, user: null, provedBy: 'email', isEmailProven: false },
            ...{ by: callerClass, tries: 0, code: null, version: 0, createdAt: world.now, expiresAt, isSpent: false },
          };
          world.challenges.push(challenge);
          world.outbox.ask({ kind: 'login_code', org, email, callerClass, challenge });
        };
      },
    };
  },

  verifyEmail: (operation) => (world) => verifyEmail(operation, world),

  resetPassword: (operation) => (world) => {
    const challenges = world.challenges.filter(({ org }) => org !== null);
    const demanded = challenges.filter((each) => isOpen(world, each, 'change_password'));
    if (demanded.length > 0 ? !world.chance(4) : challenges.length > 0 && world.mistake(10)) {
      return changeByChallenge(operation, world, challenges);
    }
    const token = world.newest(world.mailTokens, (token) => world.isSpendable(token, ['reset_password', 'invite']));
    const newPassword = world.anyNewPassword();
    return {
      ...{ operation, headers: besideToken(world), request: { token: token.text, newPassword } },
      about: `${tellToken(token)} ${newPassword}`,
      foresee() {
        requireGoodPassword(newPassword);
        const { user } = world.spendable(token, ['reset_password', 'invite']);
        requireFitPassword(newPassword, user.fullname);
        if (!user.isVerified) {
          user.addressVersion += 1;
        }
        if (!user.isVerified || user.isBeforeProof) {
          takeOff(world, user);
        }
        user.withholdsEmail = true;
        user.isVerified = true;
        user.loginCodeTries.clear();
        const endedSessions = world.giveProvenPassword(user, newPassword);
        const { email, org } = user;
        world.outbox.queue({ kind: 'password_was_reset', user, to: email, newEmail: '' }, 'no_key');
        return (reply) => expect(reply).toMatchObject({ email, orgId: org.orgId, endedSessions });
      },
    };
  },

  changeEmail: (operation) => (world) => {
    const call = anySessionCall(world, 'nobody');
    const newEmail = world.anyEmail();
    const given = anyProof(world, call);
    return {
      ...{ operation, headers: call.headers, request: { ...call.fields, ...given, newEmail } },
      about: `${call.about}, to ${newEmail} by ${JSON.stringify(given)}`,
      foresee() {
        refuseFaults(call.isAtFault, newEmail === call.email, given.code !== '' && !isCode(given.code));
        const { tenant, session: own } = world.own(call);
        requireFreshProof(own, given, world.now);
        const { user } = own;
        const callerClass = tenant?.callerClass ?? 'no_key';
        if (world.outbox.queue({ kind: 'email_change_warning', user, to: user.email, newEmail }, callerClass)) {
          world.outbox.queue({ kind: 'change_email', user, to: newEmail, newEmail }, callerClass);
        }
        return nothing;
      },
    };
  },

  deleteAccount: (operation) => (world) => {
    const call = anySessionCall(world, 'nobody');
    const given = anyProof(world, call);
    return {
      ...{ operation, headers: call.headers, request: { ...call.fields, ...given } },
      about: `${call.about} by ${JSON.stringify(given)}`,
      foresee() {
        refuseFaults(call.isAtFault, given.code !== '' && !isCode(given.code));
        const { session: own } = world.own(call);
        requireFreshProof(own, given, world.now);
        const endedSessions = world.remove(own.user);
        return (reply) => expect(reply).toMatchObject({ endedSessions });
      },
    };
  },
};

const NOT_ME_KINDS = ['email_change_warning', 'not_me'] as const;

/** The step of the page that takes a change of the address back, or says that something else was somebody else. */
export const NOT_ME: Move = (world) => {
  const token = world.newest(world.mailTokens, (each) => world.isSpendable(each, NOT_ME_KINDS));
  return {
    ...{ operation: PAGE_OPERATIONS['not-me'], headers: {}, request: { token: token.text } },
    about: `not me: ${tellToken(token)}`,
    foresee() {
      const { kind, user, email, addressVersion } = world.spendable(token, NOT_ME_KINDS);
      if (kind === 'not_me') {
        user.version += 1;
        world.endAll(user);
        voidChallenges(world, user);
      } else {
        world.move(user, email);
        user.left = user.left.filter((left) => left.addressVersion < addressVersion);
      }
      Object.assign(user, { password: null, unprovenSince: null, mustChange: false });
      world.outbox.queue({ kind: 'reset_password', user, to: email, newEmail: '' }, 'no_key');
      return (reply) => expect(reply).toMatchObject({ email, userId: user.userId, orgId: user.org.orgId });
    },
  };
};

/** A login demanded another password: its challenge and the present one set it. */
function changeByChallenge(operation: Operation, world: World, given: readonly Challenge[]) {
  const challenge = world.newest(given, (each) => isOpen(world, each, 'change_password'));
  const newPassword = world.anyNewPassword();
  const currentPassword = world.mistake(6) ? '' : world.anyPasswordOf(challenge.user);
  return {
    ...{ operation, headers: besideToken(world), request: { token: challenge.text, newPassword, currentPassword } },
    about: `a challenge of ${challenge.user?.email}: from '${currentPassword}' to ${newPassword}`,
    foresee() {
      requireGoodPassword(newPassword);
      refuseFaults(currentPassword === '');
      requireToken(world, challenge, null, ['change_password']);
      if (newPassword === currentPassword) {
        throw new Refusal('PASSWORD_POLICY');
      }
      const user = countTry(challenge, 'change_password');
      requireFitPassword(newPassword, user.fullname);
      if (user.password !== currentPassword) {
        throw new Refusal('CREDENTIALS_INVALID');
      }
      const endedSessions = world.giveProvenPassword(user, newPassword);
      voidChallenges(world, user);
      world.outbox.tell(user, 'password_changed', 'token_key');
      return (reply: object) =>
        expect(reply).toMatchObject({ email: user.email, orgId: user.org.orgId, endedSessions });
    },
  };
}

function askForMail(operation: Operation, world: World, kind: 'verify_email' | 'reset_password') {
  const email = world.mistake(10) ? 'nobody at all' : world.anyEmail();
  const apiKey = anyApiKey(world, null);
  const { fields, headers, disagrees } = credentials(world, apiKey);
  return {
    ...{ operation, headers, request: { ...fields, email } },
    about: `${email} ${tellClaim(world, { apiKey, orgId: '' })}`,
    foresee() {
      refuseFaults(email === 'nobody at all', apiKey === '', disagrees);
      const { org, callerClass } = world.namedTenantOf({ apiKey, orgId: '' });
      world.outbox.ask({ kind, org, email, callerClass });
      return nothing;
    },
  };
}

function verifyEmail(operation: Operation, world: World) {
  const token = world.newest(world.mailTokens, (each) => world.isSpendable(each, ['verify_email', 'change_email']));
  const text = world.mistake(20) ? '' : token.text;
  return {
    ...{ operation, headers: besideToken(world), request: { token: text }, about: tellToken(token) },
    foresee() {
      refuseFaults(text === '');
      const { user, kind, newEmail } = world.spendable(token, ['verify_email', 'change_email']);
      if (kind === 'change_email') {
        const { email, addressVersion, isVerified: wasProven } = user;
        world.move(user, newEmail);
        user.left = [...user.left, { email, addressVersion, wasProven, leftAt: world.now }];
      }
      user.isVerified = true;
      const { email, userId, org } = user;
      return (reply: object) => expect(reply).toMatchObject({ email, userId, orgId: org.orgId });
    },
  };
}

/** A token of a mail opens by itself: what else is shown is not looked at. */
function besideToken(world: World): Readonly<Record<string, string>> {
  return world.chance(4) ? { authorization: `Bearer ${anyApiKey(world, null) || 'x'}` } : {};
}

function tellToken({ bound }: World['mailTokens'][number]): string {
  return bound === null
    ? 'no token'
    : `${bound.kind} of ${bound.user.userId} at ${bound.email}, to '${bound.newEmail}'`;
}

function idsOf(sessions: readonly { readonly sessionId: string }[]): readonly string[] {
  return sessions.map(({ sessionId }) => sessionId).sort();
}

export const ACCOUNT_MOVES = movesOf(ACCOUNTS, MOVES);
