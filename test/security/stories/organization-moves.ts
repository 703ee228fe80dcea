import { expect } from 'vitest';
import type { AuditService } from '#gen/authflow/v1/audit_service_pb.js';
import type { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import { AUDIT } from '../../../src/operations/audit.ts';
import type { Operation } from '../../../src/operations/operation.ts';
import { ORGANIZATIONS } from '../../../src/operations/organizations.ts';
import { anyBearer, identifyManager, requireAdministrator, requireOrg, requireRight } from './bearers.ts';
import { type KeyKind, NOBODYS_ID, type Org, Refusal } from './model.ts';
import { type Move, type Moves, movesOf, nothing, type Reply, refuseFaults } from './step.ts';
import type { World } from './world.ts';

/** A story has two to four: the more, the less often one is met again. */
const MOST_ORGANIZATIONS = 3;

const MOVES: Moves<typeof OrganizationService> = {
  createOrganization: (operation) => (world) => {
    const bearer = anyBearer(world, null);
    const isTaken = world.orgs.length >= MOST_ORGANIZATIONS || world.chance(2);
    const name = isTaken ? world.random.pick(world.orgs).name : newName(world);
    return {
      ...{ operation, headers: bearer.headers, request: { name }, about: name },
      foresee() {
        requireAdministrator(bearer);
        if (world.orgs.some((org) => org.name === name)) {
          throw new Refusal('ORGANIZATION_EXISTS');
        }
        return (reply) => addOrganization(world, reply);
      },
    };
  },

  listOrganizations: (operation) => (world) => {
    const bearer = anyBearer(world, null);
    return {
      ...{ operation, headers: bearer.headers, request: {}, about: '' },
      foresee() {
        requireAdministrator(bearer);
        return nothing;
      },
    };
  },

  getOrganization: (operation) => (world) => {
    const { orgId, org } = anyOrg(world);
    const bearer = anyBearer(world, org);
    return {
      ...{ operation, headers: bearer.headers, request: { orgId }, about: `${bearer.text.slice(0, 6)} ${orgId}` },
      foresee() {
        requireRight(world, identifyManager(world, bearer), orgId, 'read');
        const { ttlSeconds, sendsItself, name, users, ...found } = requireOrg(world, { orgId });
        const { secondFactor, loginByEmail, requiresVerified: requireVerifiedEmail } = found;
        const settings = {
          ...{ sessionTtlSeconds: ttlSeconds ?? 0, mailDelivery: sendsItself ? 'backend' : 'server' },
          ...{ secondFactor, loginByEmail, requireVerifiedEmail },
        };
        const expected = { organization: { name }, settings, users: users.length };
        return (reply) => expect(reply).toMatchObject(expected);
      },
    };
  },

  updateOrganization: (operation) => (world) => {
    const { orgId, org } = anyOrg(world);
    const bearer = anyBearer(world, org);
    const updateMask = ['session_ttl_seconds', 'mail_delivery'].filter(() => world.chance(2));
    updateMask.push(...['second_factor', 'login_by_email', 'require_verified_email'].filter(() => world.chance(2)));
    const isOthersName = world.chance(4);
    if (world.chance(6)) {
      updateMask.push('name');
    }
    const sessionTtlSeconds = world.random.pick([0, 0, 600, 7_200, 86_400, -1]);
    const mailDelivery = world.random.pick(['', 'server', 'server', 'backend']);
    const name = isOthersName ? world.random.pick(world.orgs).name : newName(world);
    const secondFactor = world.random.pick(['optional', 'optional', 'required', 'off'] as const);
    const loginByEmail = !world.chance(4);
    const requireVerifiedEmail = world.chance(5);
    const settings = { sessionTtlSeconds, mailDelivery, secondFactor, loginByEmail, requireVerifiedEmail };
    return {
      ...{ operation, headers: bearer.headers, request: { orgId, updateMask, ...settings, name } },
      about: `${orgId} ${updateMask} ${JSON.stringify(settings)} ${name}`,
      foresee() {
        const key = identifyManager(world, bearer);
        const isNamed = (field: string) => updateMask.includes(field);
        refuseFaults(updateMask.length === 0, isNamed('session_ttl_seconds') && sessionTtlSeconds < 0);
        requireRight(world, key, orgId, 'write');
        if (key !== null && isNamed('name')) {
          throw new Refusal('ACCESS_DENIED');
        }
        const found = requireOrg(world, { orgId });
        if (isNamed('name') && world.orgs.some((other) => other !== found && other.name === name)) {
          throw new Refusal('ORGANIZATION_EXISTS');
        }
        if (isNamed('name')) {
          found.name = name;
        }
        if (isNamed('session_ttl_seconds')) {
          found.ttlSeconds = sessionTtlSeconds || null;
        }
        if (isNamed('mail_delivery')) {
          found.sendsItself = mailDelivery === 'backend';
        }
        if (isNamed('second_factor')) {
          found.secondFactor = secondFactor;
        }
        if (isNamed('login_by_email')) {
          found.loginByEmail = loginByEmail;
        }
        if (isNamed('require_verified_email')) {
          found.requiresVerified = requireVerifiedEmail;
        }
        return nothing;
      },
    };
  },

  closeOrganization: (operation) => (world) =>
    administer(operation, world, {}, (org) => {
      org.isClosed = true;
      return counted(world.end(({ user }) => user.org === org));
    }),

  reopenOrganization: (operation) => (world) =>
    administer(operation, world, {}, (org) => {
      org.isClosed = false;
      return nothing;
    }),

  createApiKey: (operation) => (world) => {
    const kind = world.random.pick<KeyKind>(['api', 'api', 'management', 'management', 'management_read']);
    const impersonate = world.chance(3);
    const inTokens = world.chance(3);
    const isAtFault = (inTokens && kind !== 'api') || (impersonate && kind !== 'management');
    return administer(
      operation,
      world,
      { kind, impersonate, inTokens },
      (org) =>
        ({ keyId, apiKey }) =>
          org.keys.push({
            ...{ org, kind, impersonates: impersonate, wasInTokens: inTokens, keyId, text: apiKey },
            isRevoked: false,
          }),
      isAtFault,
    );
  },

  listApiKeys: (operation) => (world) =>
    administer(operation, world, { pageSize: 200 }, ({ keys }) => {
      return ({ apiKeys }) => {
        for (const [index, key] of keys.entries()) {
          key.keyId ||= apiKeys[index].keyId;
        }
        const expected = keys.map(({ keyId, kind, isRevoked }) => ({ keyId, kind, isRevoked }));
        const told = apiKeys.map(
          ({ keyId, kind, revokedAt }: { keyId: string; kind: KeyKind; revokedAt?: object }) => ({
            ...{ keyId, kind, isRevoked: revokedAt !== undefined },
          }),
        );
        expect(told).toEqual(expected);
      };
    }),

  revokeApiKey: (operation) => (world) => {
    const keys = world.orgs.flatMap((org) => org.keys);
    const known = keys.filter(({ keyId }) => keyId !== '');
    const key = world.mistake(8) || known.length === 0 ? null : world.random.pick(known);
    const endSessions = world.chance(4);
    const keyId = key?.keyId ?? NOBODYS_ID;
    return administer(operation, world, { keyId, endSessions }, (org) => {
      if (key === null || key.org !== org) {
        throw new Refusal('API_KEY_NOT_FOUND');
      }
      key.isRevoked = true;
      return counted(endSessions ? world.end(({ user }) => user.org === org) : 0);
    });
  },
};

const OF_AUDIT: Moves<typeof AuditService> = {
  listAuditEvents: (operation) => (world) => {
    const bearer = anyBearer(world, null);
    return {
      ...{ operation, headers: bearer.headers, request: { pageSize: 1 }, about: '' },
      foresee() {
        requireAdministrator(bearer);
        return nothing;
      },
    };
  },
};

/** What the administrator alone does. */
function administer(
  operation: Operation,
  world: World,
  fields: object,
  foresee: (org: Org) => (reply: Reply) => void,
  isAtFault = false,
): ReturnType<Move> {
  const { orgId, org } = anyOrg(world);
  const bearer = anyBearer(world, org);
  return {
    ...{ operation, headers: bearer.headers, request: { ...fields, orgId } },
    about: `${bearer.text.slice(0, 6)} ${orgId} ${JSON.stringify(fields)}`,
    foresee() {
      requireAdministrator(bearer);
      refuseFaults(isAtFault);
      return foresee(requireOrg(world, { orgId }));
    },
  };
}

/** Keeps an organization that was made, with its first key. */
export function addOrganization(world: World, { orgId, name, apiKey }: Reply): Org {
  const settings = { secondFactor: 'optional', loginByEmail: false, requiresVerified: false } as const;
  const org: Org = {
    ...settings,
    orgId,
    name,
    isClosed: false,
    ttlSeconds: null,
    sendsItself: false,
    keys: [],
    users: [],
  };
  org.keys.push({
    ...{ org, kind: 'api', impersonates: false, wasInTokens: true, keyId: '', text: apiKey, isRevoked: false },
  });
  world.orgs.push(org);
  return org;
}

function anyOrg(world: World) {
  const orgId = world.anyOrgId(world.random.pick(world.orgs));
  return { orgId, org: world.orgOf(orgId) };
}

function newName(world: World): string {
  return `${world.name} ${world.random.below(2 ** 31)}`;
}

function counted(endedSessions: number) {
  return (reply: Reply) => expect(reply).toMatchObject({ endedSessions });
}

export const ORGANIZATION_MOVES = movesOf(ORGANIZATIONS, MOVES);
export const AUDIT_MOVES = movesOf(AUDIT, OF_AUDIT);
