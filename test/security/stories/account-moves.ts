import { expect } from 'vitest';
import type { AccountService } from '#gen/authflow/v1/account_service_pb.js';
import { PAGE_OPERATIONS } from '../../../src/operations/account-pages.ts';
import { ACCOUNTS } from '../../../src/operations/accounts.ts';
import type { Operation } from '../../../src/operations/operation.ts';
import { renewedEnd, requireFitPassword, requireFreshProof, requireGoodPassword } from './proofs.ts';
import { keepToken, session } from './sessions.ts';
import {
  anyApiKey,
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
        return (reply) => expect(reply).toMatchObject({ ...told, role: told.roles[0] ?? 'user' });
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

  verifyEmail: (operation) => (world) => verifyEmail(operation, world),

  resetPassword: (operation) => (world) => {
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
        user.isVerified = true;
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
    const currentPassword = world.chance(2) ? '' : world.anyPasswordOf(call.token.session?.user ?? null);
    return {
      ...{ operation, headers: call.headers, request: { ...call.fields, newEmail, currentPassword } },
      about: `${call.about}, to ${newEmail} by '${currentPassword}'`,
      foresee() {
        refuseFaults(call.isAtFault, newEmail === call.email);
        const { tenant, session: own } = world.own(call);
        requireFreshProof(own, currentPassword, world.now);
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
    const currentPassword = world.chance(2) ? '' : world.anyPasswordOf(call.token.session?.user ?? null);
    return {
      ...{ operation, headers: call.headers, request: { ...call.fields, currentPassword } },
      about: `${call.about} by '${currentPassword}'`,
      foresee() {
        refuseFaults(call.isAtFault);
        const { session: own } = world.own(call);
        requireFreshProof(own, currentPassword, world.now);
        const endedSessions = world.remove(own.user);
        return (reply) => expect(reply).toMatchObject({ endedSessions });
      },
    };
  },
};

/** The step of the page that takes a change of the address back. */
export const NOT_ME: Move = (world) => {
  const token = world.newest(world.mailTokens, (each) => world.isSpendable(each, ['email_change_warning']));
  return {
    ...{ operation: PAGE_OPERATIONS['not-me'], headers: {}, request: { token: token.text } },
    about: `not me: ${tellToken(token)}`,
    foresee() {
      const { user, email, addressVersion } = world.spendable(token, ['email_change_warning']);
      world.move(user, email);
      user.left = user.left.filter((left) => left.addressVersion < addressVersion);
      Object.assign(user, { password: null, unprovenSince: null });
      world.outbox.queue({ kind: 'reset_password', user, to: email, newEmail: '' }, 'no_key');
      return (reply) => expect(reply).toMatchObject({ email, userId: user.userId, orgId: user.org.orgId });
    },
  };
};

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
