import { expect } from 'vitest';
import type { UserService } from '#gen/authflow/v1/user_service_pb.js';
import { USERS } from '../../../src/operations/users.ts';
import { identifyManager, requireOrg, requireRight, requireUnprotected, requireUser } from './bearers.ts';
import { takeOff } from './factors.ts';
import { anyManaged, anyManager, byId, change, counted, seen, told } from './managed.ts';
import { after, LIVES, Refusal } from './model.ts';
import { requireFitPassword, requireGoodPassword } from './proofs.ts';
import { newUser, openSession, timestamp } from './sessions.ts';
import { type Moves, movesOf, nothing, refuseFaults } from './step.ts';

const MOVES: Moves<typeof UserService> = {
  createUser: (operation) => (world) => {
    const { bearer, orgId, about } = anyManager(world);
    const email = world.anyEmail();
    const fullname = world.anyFullname();
    const roles = world.anyRoles();
    const password = world.chance(2) ? world.anyNewPassword() : '';
    const invite = world.chance(3);
    const emailVerified = world.chance(3);
    return {
      ...{ operation, headers: bearer.headers },
      request: { orgId, email, fullname, roles: [...roles], password, invite, emailVerified },
      about: `${about}: ${email} ${roles} '${password}' ${invite}`,
      foresee() {
        const key = identifyManager(world, bearer);
        refuseFaults(password !== '' && invite);
        if (password !== '') {
          requireGoodPassword(password);
          requireFitPassword(password, fullname);
        }
        requireRight(world, key, orgId, 'write');
        requireUnprotected(key, roles);
        const org = requireOrg(world, { orgId });
        world.requireFree(org, email);
        return ({ user: { userId } }) => {
          const given = { org, userId, email, fullname, roles, password: password || null, isVerified: emailVerified };
          const user = { ...newUser(), ...given };
          org.users.push(user);
          if (invite) {
            world.outbox.queue({ kind: 'invite', user, to: email, newEmail: '' }, 'private_key');
          }
        };
      },
    };
  },

  listUsers: (operation) => (world) => {
    const { bearer, orgId, about } = anyManager(world);
    return {
      ...{ operation, headers: bearer.headers, request: { orgId }, about },
      foresee() {
        const key = identifyManager(world, bearer);
        requireRight(world, key, orgId, 'read');
        const expected = requireOrg(world, { orgId }).users.map(told);
        return ({ users }) => expect(byId(users.map(seen))).toEqual(byId(expected));
      },
    };
  },

  getUser: (operation) => (world) => {
    const { bearer, orgId, userId, user, about } = anyManaged(world);
    return {
      ...{ operation, headers: bearer.headers, request: { orgId, userId }, about },
      foresee() {
        const key = identifyManager(world, bearer);
        requireRight(world, key, orgId, 'read');
        requireOrg(world, { orgId });
        const expected = told(requireUser(user));
        return (reply) => expect(seen(reply.user)).toEqual(expected);
      },
    };
  },

  updateUser: (operation) => (world) => {
    const managed = anyManaged(world);
    const updateMask = ['email', 'fullname', 'email_verified', 'roles'].filter(() => world.chance(3));
    const fields = { email: world.anyEmail(), fullname: world.anyFullname(), roles: [...world.anyRoles()] };
    const emailVerified = world.chance(2);
    const request = { ...fields, emailVerified, updateMask };
    return change(operation, world, managed, request, {
      fault: updateMask.length === 0,
      foresee(user, key) {
        const isNamed = (name: string) => updateMask.includes(name);
        const roles = isNamed('roles') ? fields.roles : user.roles;
        requireUnprotected(key, isNamed('roles') ? roles : []);
        const email = isNamed('email') ? fields.email : user.email;
        const hasMoved = email !== user.email;
        if (hasMoved) {
          world.requireFree(user.org, email, user);
        }
        const hasLostRole = user.roles.some((role) => !roles.includes(role));
        const isVerified = isNamed('email_verified') ? emailVerified : user.isVerified && !hasMoved;
        const versions = hasMoved
          ? { version: user.version + 1, addressVersion: user.addressVersion + 1, left: [] }
          : {};
        const fullname = isNamed('fullname') ? fields.fullname : user.fullname;
        Object.assign(user, { email, roles, isVerified, fullname, ...versions });
        const endedSessions = hasMoved || hasLostRole ? world.endAll(user) : 0;
        const expected = { user: told(user), endedSessions };
        return (reply) => expect({ user: seen(reply.user), endedSessions: reply.endedSessions }).toEqual(expected);
      },
    });
  },

  deleteUser: (operation) => (world) =>
    change(operation, world, anyManaged(world), {}, { foresee: (user) => counted(world.remove(user)) }),

  setPassword: (operation) => (world) => {
    const managed = anyManaged(world);
    const newPassword = world.anyNewPassword();
    const mustChange = world.chance(3);
    return change(
      operation,
      world,
      managed,
      { newPassword, mustChange },
      {
        password: newPassword,
        foresee(user) {
          requireFitPassword(newPassword, user.fullname);
          const endedSessions = world.giveProvenPassword(user, newPassword);
          user.mustChange = mustChange;
          return counted(endedSessions);
        },
      },
    );
  },

  disableUser: (operation) => (world) =>
    change(
      operation,
      world,
      anyManaged(world),
      {},
      {
        foresee(user) {
          user.version += user.isDisabled ? 0 : 1;
          user.isDisabled = true;
          return counted(world.endAll(user));
        },
      },
    ),

  enableUser: (operation) => (world) =>
    change(
      operation,
      world,
      anyManaged(world),
      {},
      {
        foresee(user) {
          user.isDisabled = false;
          return nothing;
        },
      },
    ),

  unlockUser: (operation) => (world) =>
    change(
      operation,
      world,
      anyManaged(world),
      {},
      {
        foresee(user) {
          Object.assign(user, { wrongCodes: 0, wrongRecoveryCodes: 0 });
          user.loginCodeTries.clear();
          return nothing;
        },
      },
    ),

  listUserSessions: (operation) => (world) => {
    const { bearer, orgId, userId, user, about } = anyManaged(world);
    return {
      ...{ operation, headers: bearer.headers, request: { orgId, userId, pageSize: 200 }, about },
      foresee() {
        const key = identifyManager(world, bearer);
        requireRight(world, key, orgId, 'read');
        requireOrg(world, { orgId });
        const found = requireUser(user);
        const expected = world.sessions.filter((session) => session.user === found).map(({ sessionId }) => sessionId);
        return ({ sessions }) =>
          expect(sessions.map(({ sessionId }: { sessionId: string }) => sessionId).sort()).toEqual(expected.sort());
      },
    };
  },

  endUserSessions: (operation) => (world) => {
    const named = world.chance(2) ? null : world.newest(world.sessionTokens).session;
    const managed = anyManaged(world);
    return change(
      operation,
      world,
      managed,
      { sessionId: named?.sessionId ?? '' },
      {
        foresee: (user) => counted(world.end((each) => each.user === user && (named === null || each === named))),
      },
    );
  },

  resetSecondFactor: (operation) => (world) =>
    change(
      operation,
      world,
      anyManaged(world),
      {},
      {
        foresee(user) {
          takeOff(world, user);
          return counted(world.endAll(user));
        },
      },
    ),

  createMailToken: (operation) => (world) => {
    const managed = anyManaged(world);
    const kinds = {
      verify: 'verify_email',
      reset: 'reset_password',
      invite: 'invite',
      change_email: 'change_email',
    } as const;
    const name = world.random.pick(['verify', 'reset', 'invite', 'change_email', 'change_email'] as const);
    const newEmail = world.anyEmail();
    const isUnknown = world.mistake(10);
    return change(
      operation,
      world,
      managed,
      { kind: isUnknown ? 'email_change_warning' : name, newEmail },
      {
        fault: isUnknown,
        foresee(user) {
          const kind = kinds[name];
          const { email, version, addressVersion } = user;
          const expiresAt = after(world.now, LIVES[kind]);
          return (reply) => {
            expect(reply.expiresAt).toMatchObject(timestamp(expiresAt));
            const bound = { kind, user, email, newEmail, version, addressVersion, expiresAt };
            world.mailTokens.push({ text: reply.token, bound });
          };
        },
      },
    );
  },

  impersonate: (operation) => (world) => {
    const managed = anyManaged(world);
    const ttlSeconds = world.random.pick([0, 600, 3_600, 3_601]);
    return change(
      operation,
      world,
      managed,
      { reason: 'a ticket', ttlSeconds },
      {
        fault: ttlSeconds > 3_600,
        right: 'impersonate',
        foresee(user) {
          if (user.isDisabled) {
            throw new Refusal('USER_DISABLED');
          }
          if (user.org.isClosed) {
            throw new Refusal('ORGANIZATION_NOT_FOUND');
          }
          const expiresAt = after(world.now, (ttlSeconds || 3_600) * 1000);
          return (reply) => openSession(world, reply, { user, expiresAt, isActed: true });
        },
      },
    );
  },
};

export const USER_MOVES = movesOf(USERS, MOVES);
