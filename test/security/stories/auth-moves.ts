import { expect } from 'vitest';
import type { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { AUTH } from '../../../src/operations/auth.ts';
import { handOut, isCode, nextOf } from './factors.ts';
import { after, MINUTE_MS, Refusal } from './model.ts';
import {
  lifetimeMs,
  requireCurrentPassword,
  requireFitPassword,
  requireGoodPassword,
  requireOneThatCan,
  spendOwnCode,
  unprovenAfter,
} from './proofs.ts';
import { newUser, openSession, session } from './sessions.ts';
import {
  anyApiKey,
  anyClaim,
  anyProof,
  anySessionCall,
  credentials,
  type Moves,
  movesOf,
  nothing,
  refuseFaults,
  tellClaim,
} from './step.ts';

const NONCE_MS = 5 * MINUTE_MS;

const MOVES: Moves<typeof AuthService> = {
  fooBar: (operation) => (world) => {
    const identity = world.mistake(10) ? '' : world.anyEmail();
    const apiKey = world.chance(4) ? '' : anyApiKey(world, null);
    const { fields, headers, disagrees } = credentials(world, apiKey);
    return {
      ...{ operation, headers, request: { ...fields, identity } },
      about: `${identity} ${tellClaim(world, { apiKey, orgId: '' })}`,
      foresee() {
        refuseFaults(identity === '', disagrees);
        const org = world.tenantOf({ apiKey, orgId: '' })?.org ?? null;
        const expiresAt = after(world.now, NONCE_MS);
        return ({ token }) =>
          world.nonces.push({ text: token, email: identity, org, expiresAt, isForged: false, isSpent: false });
      },
    };
  },

  signUp: (operation) => (world) => {
    const nonce = world.newest(world.nonces, (each) => world.homesOf(each, false).length > 0);
    const email = world.mistake(5) ? world.anyEmail() : nonce.email;
    const apiKey = anyApiKey(world, world.homesOf(nonce, false).at(-1) ?? nonce.org);
    const password = world.anyNewPassword();
    const fullname = world.anyFullname();
    const disclaimed = !world.mistake(8);
    const { fields, headers, disagrees } = credentials(world, apiKey);
    return {
      ...{ operation, headers, request: { ...fields, foobar: nonce.text, email, password, fullname, disclaimed } },
      about: `${email} ${password} ${tellClaim(world, { apiKey, orgId: '' })}`,
      foresee() {
        refuseFaults(apiKey === '', disagrees);
        requireGoodPassword(password);
        requireFitPassword(password, fullname);
        if (!disclaimed) {
          throw new Refusal('DISCLAIMER_REQUIRED');
        }
        const tenant = world.namedTenantOf({ apiKey, orgId: '' });
        const { org } = tenant;
        world.provenNonce(nonce, email, tenant);
        world.spend(nonce);
        world.requireFree(org, email);
        return ({ userId }) => {
          const begins = { ...newUser(), isVerified: false, roles: [] };
          org.users.push({ ...begins, org, userId, email, fullname, password });
        };
      },
    };
  },

  login: (operation) => (world) => {
    const nonce = world.newest(world.nonces, (each) => world.homesOf(each, true).length > 0);
    const email = world.mistake(5) ? world.anyEmail() : nonce.email;
    const org = world.homesOf(nonce, true).at(-1) ?? nonce.org;
    const claim = anyClaim(world, org);
    const password = world.anyPasswordOf(org && world.userAt(org, email));
    // A session that is shown along is a hint, and fails nothing.
    const hint = world.chance(3) ? world.newest(world.sessionTokens).text : '';
    const { fields, headers, disagrees } = credentials(world, claim.apiKey);
    const names = { ...fields, orgId: claim.orgId, sessionToken: hint };
    return {
      ...{ operation, headers, request: { ...names, foobar: nonce.text, email, password } },
      about: `${email} ${password} ${tellClaim(world, claim)}`,
      foresee() {
        refuseFaults(claim.apiKey === '' && claim.orgId === '', disagrees);
        const tenant = world.namedTenantOf(claim);
        world.provenNonce(nonce, email, tenant);
        world.spend(nonce);
        const user = world.userAt(tenant.org, email);
        if (user === null) {
          throw new Refusal('USER_NOT_FOUND');
        }
        if (user.password !== password) {
          throw new Refusal('CREDENTIALS_INVALID');
        }
        if (user.isDisabled) {
          throw new Refusal('USER_DISABLED');
        }
        if (user.org.requiresVerified && !user.isVerified) {
          throw new Refusal('EMAIL_NOT_VERIFIED');
        }
        const kind = nextOf(user, false);
        if (kind !== null) {
          throw handOut(world, user, { kind, provedBy: 'password', isEmailProven: false, by: tenant.callerClass });
        }
        const expiresAt = after(world.now, lifetimeMs(user.org));
        return (reply) => openSession(world, reply, { user, expiresAt, isActed: false });
      },
    };
  },

  validate: (operation) => (world) => {
    const call = anySessionCall(world, 'organization');
    return {
      ...{ operation, headers: call.headers, request: call.fields, about: call.about },
      foresee() {
        refuseFaults(call.isAtFault);
        const live = world.live(call);
        const told = session(call.token, live);
        return ({ email, fullname, orgId, userId, sessionId, emailVerified, roles, expiresAt }) =>
          expect({ email, fullname, orgId, userId, sessionId, emailVerified, roles, expiresAt }).toMatchObject(told);
      },
    };
  },

  changePassword: (operation) => (world) => {
    const call = anySessionCall(world, 'organization');
    const newPassword = world.anyNewPassword();
    const given = anyProof(world, call);
    const { currentPassword, code } = given;
    return {
      ...{ operation, headers: call.headers, request: { ...call.fields, ...given, newPassword } },
      about: `${call.about}, from '${currentPassword}' by '${code}' to ${newPassword}`,
      foresee() {
        refuseFaults(call.isAtFault, code !== '' && !isCode(code));
        requireGoodPassword(newPassword);
        const { tenant, session: own } = world.own(call);
        const { user } = own;
        requireFitPassword(newPassword, user.fullname);
        if (user.factor !== null) {
          requireOneThatCan(own, given, world.now);
        }
        if (currentPassword !== '') {
          requireCurrentPassword(own, currentPassword);
        }
        spendOwnCode(own, given, world.now, true);
        if (currentPassword !== '' || user.factor !== null) {
          own.wrongPasswords = 0;
        }
        // The session may be of a login by mail.
        user.withholdsEmail ||= user.factor === null && currentPassword === '';
        const unprovenSince = unprovenAfter(own, currentPassword, world.now);
        const version = user.version + 1;
        Object.assign(user, { password: newPassword, version, unprovenSince, mustChange: false });
        world.outbox.tell(user, 'password_changed', tenant?.callerClass ?? 'no_key');
        const endedSessions = world.end((other) => other.user === user && other !== own);
        return (reply) => expect(reply).toMatchObject({ endedSessions });
      },
    };
  },

  logout: (operation) => (world) => {
    const call = anySessionCall(world, 'organization');
    return {
      ...{ operation, headers: call.headers, request: call.fields, about: call.about },
      foresee() {
        refuseFaults(call.isAtFault);
        const { session: proven } = world.proven(call);
        if (!proven.user.isGone && proven.user.email !== call.token.email) {
          throw new Refusal('SESSION_INVALID');
        }
        world.end((each) => each === proven);
        return nothing;
      },
    };
  },
};

export const AUTH_MOVES = movesOf(AUTH, MOVES);
