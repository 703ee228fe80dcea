import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { expect } from 'vitest';
import { UserService } from '#gen/authflow/v1/user_service_pb.js';
import { AuthError } from '../../src/domain/errors.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { USERS } from '../../src/operations/users.ts';
import { perform } from '../operations/called.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import {
  closeOrganization,
  createApiKey,
  createOrganization,
  reopenOrganization,
  revokeApiKey,
} from '../support/asked.ts';
import type { Random } from './random.ts';

const NOBODYS_ORG = '00000000-0000-4000-8000-000000000000';
const EMAILS = ['ada@example.com', 'bob@example.com', 'eve@example.com'];
const PROTECTED = 'owner';
const KINDS = ['api', 'management', 'management_impersonate', 'management_read'] as const;

type Kind = (typeof KINDS)[number];
type Call = keyof typeof UserService.method;

const READS: readonly Call[] = ['getUser', 'listUsers', 'listUserSessions'];
const CALLS = UserService.methods.map(({ localName }) => localName as Call);

interface Key {
  readonly org: Org;
  readonly kind: Kind;
  readonly keyId: string;
  readonly text: string;
  isRevoked: boolean;
}

interface User {
  readonly userId: string;
  readonly email: string;
  roles: readonly string[];
  isDisabled: boolean;
}

/** What the contract says that an organization is. */
interface Org {
  readonly orgId: string;
  readonly users: User[];
  isClosed: boolean;
}

/** Two organizations with keys of every kind, and random calls of UserService that mix them up. */
export class ManagementStory {
  readonly #ports: Ports;
  readonly #random: Random;
  readonly #orgs: Org[] = [];
  readonly #keys: Key[] = [];
  /** Reasons by how often they came, `OK` among them. */
  readonly outcomes = new Map<string, number>();

  constructor(ports: Ports, random: Random) {
    this.#ports = { ...ports, rules: { ...ports.rules, protectedRoles: [PROTECTED] } };
    this.#random = random;
  }

  async begin(name: string): Promise<void> {
    for (const half of ['a', 'b']) {
      const { organization } = await createOrganization(this.#ports, { name: `${name} ${half}` });
      const org: Org = { orgId: organization.orgId, users: [], isClosed: false };
      this.#orgs.push(org);
      for (const kind of KINDS) {
        await this.#addKey(org, kind);
      }
    }
  }

  /** Plays so many calls; each must come out as the model says. Then the store holds what the model does. */
  async play(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      await (this.#random.below(20) === 0 ? this.#disturb() : this.#call(step));
    }
    for (const { orgId, users } of this.#orgs) {
      const kept = await this.#ports.storage.listUsers(orgId, { limit: 100, after: null });
      const told = kept.map(({ email, roles, disabledAt }) => ({ email, roles, isDisabled: disabledAt !== null }));
      const expected = users.map(({ email, roles, isDisabled }) => ({ email, roles: [...roles], isDisabled }));
      expect(told.toSorted(byEmail)).toEqual(expected.toSorted(byEmail));
    }
  }

  async #addKey(org: Org, kind: Kind): Promise<void> {
    const [of, impersonate] = kind === 'management_impersonate' ? ['management', true] : [kind, false];
    const input = { orgId: org.orgId, label: '', inTokens: false, kind: String(of), impersonate: Boolean(impersonate) };
    const { key, apiKey } = await createApiKey(this.#ports, input);
    this.#keys.push({ org, kind, keyId: key.keyId, text: apiKey, isRevoked: false });
  }

  /** Ends a key and makes another, or closes an organization, or opens it. */
  async #disturb(): Promise<void> {
    const org = this.#random.pick(this.#orgs);
    if (org.isClosed) {
      await reopenOrganization(this.#ports, org);
      org.isClosed = false;
    } else if (this.#random.below(3) === 0) {
      await closeOrganization(this.#ports, org);
      org.isClosed = true;
    } else {
      const key = this.#random.pick(this.#keys.filter((each) => each.org === org && !each.isRevoked));
      await revokeApiKey(this.#ports, { orgId: org.orgId, keyId: key.keyId, endSessions: false });
      key.isRevoked = true;
      await this.#addKey(org, key.kind);
    }
  }

  async #call(step: number): Promise<void> {
    const call = this.#random.pick(CALLS);
    const key = this.#random.below(5) === 0 ? null : this.#random.pick(this.#keys.slice(-16));
    const bearer = key?.text ?? this.#random.pick([ADMIN_TOKEN, ADMIN_TOKEN, `afadm_${'B'.repeat(43)}`, '']);
    const org = this.#random.below(12) === 0 ? null : this.#random.pick(this.#orgs);
    const anybody = this.#orgs.flatMap(({ users }) => users);
    const user = anybody.length === 0 || this.#random.below(10) === 0 ? null : this.#random.pick(anybody);
    const email = this.#random.pick(EMAILS);
    const roles = this.#random.pick([[], ['editor'], ['editor'], [PROTECTED]]);
    const expected = this.#expected({ call, key, bearer, org, user, email, roles });
    const request = {
      orgId: org?.orgId ?? NOBODYS_ORG,
      userId: user?.userId ?? NOBODYS_ORG,
      ...FIELDS[call],
      ...(call === 'createUser' ? { email, roles } : {}),
      ...(call === 'updateUser' ? { updateMask: ['roles'], roles } : {}),
    };
    const { outcome, reply } = await this.#ask(call, request, bearer);
    expect({ step, call, kind: key?.kind, bearer: bearer.slice(0, 6), outcome }).toEqual({
      ...{ step, call, kind: key?.kind, bearer: bearer.slice(0, 6) },
      outcome: expected,
    });
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (outcome === 'OK' && org !== null) {
      this.#happened(call, { org, user, email, roles, reply });
    }
  }

  /** In the order of the contract: what was shown, whose it is, what it may, and then what there is. */
  #expected({ call, key, bearer, org, user, email, roles }: Asked): string {
    if (key === null || key.kind === 'api') {
      if (bearer !== ADMIN_TOKEN) {
        return 'ADMIN_TOKEN_INVALID';
      }
    } else {
      const refusal = refusalOfKey(key, call, org);
      if (refusal !== null) {
        return refusal;
      }
    }
    const isKey = key !== null;
    if (org === null) {
      return 'ORGANIZATION_NOT_FOUND';
    }
    if (call === 'listUsers') {
      return 'OK';
    }
    if (call === 'createUser') {
      const isTaken = org.users.some((each) => each.email === email);
      return isKey && roles.includes(PROTECTED) ? 'ACCESS_DENIED' : isTaken ? 'USER_EXISTS' : 'OK';
    }
    if (user === null || !org.users.includes(user)) {
      return 'USER_NOT_FOUND';
    }
    if (READS.includes(call)) {
      return 'OK';
    }
    if (isKey && (user.roles.includes(PROTECTED) || (call === 'updateUser' && roles.includes(PROTECTED)))) {
      return 'ACCESS_DENIED';
    }
    if (call !== 'impersonate') {
      return 'OK';
    }
    return user.isDisabled ? 'USER_DISABLED' : org.isClosed ? 'ORGANIZATION_NOT_FOUND' : 'OK';
  }

  async #ask(
    call: Call,
    request: object,
    bearer: string,
  ): Promise<{ readonly outcome: string; readonly reply: unknown }> {
    const operation = USERS.operations.find(({ method }) => method.localName === call);
    if (operation === undefined) {
      throw new Error(`There is no operation ${call}.`);
    }
    const message = create(operation.method.input, request as MessageInitShape<typeof operation.method.input>);
    const header = (name: string) => (name === 'authorization' && bearer !== '' ? `Bearer ${bearer}` : null);
    try {
      return { outcome: 'OK', reply: await perform(operation, this.#ports, message, { header, faults: [] }) };
    } catch (error) {
      if (!(error instanceof AuthError)) {
        throw error;
      }
      return { outcome: error.reason, reply: null };
    }
  }

  #happened(call: Call, { org, user, email, roles, reply }: Happened): void {
    if (call === 'createUser') {
      const { userId } = (reply as { readonly user: { readonly userId: string } }).user;
      org.users.push({ userId, email, roles, isDisabled: false });
    } else if (user !== null && call === 'updateUser') {
      user.roles = roles;
    } else if (user !== null && call === 'deleteUser') {
      org.users.splice(org.users.indexOf(user), 1);
    } else if (user !== null && (call === 'disableUser' || call === 'enableUser')) {
      user.isDisabled = call === 'disableUser';
    }
  }
}

interface Asked {
  readonly call: Call;
  readonly key: Key | null;
  readonly bearer: string;
  readonly org: Org | null;
  readonly user: User | null;
  readonly email: string;
  readonly roles: readonly string[];
}

type Happened = Pick<Asked, 'user' | 'email' | 'roles'> & { readonly org: Org; readonly reply: unknown };

const FIELDS: Readonly<Partial<Record<Call, object>>> = {
  createUser: { fullname: 'Ada Lovelace' },
  setPassword: { newPassword: 'Another-Horse-8' },
  createMailToken: { kind: 'reset' },
  impersonate: { reason: 'a ticket' },
};

function refusalOfKey({ org: own, kind, isRevoked }: Key, call: Call, org: Org | null): string | null {
  if (isRevoked || own.isClosed || own !== org) {
    return 'API_KEY_INVALID';
  }
  const may =
    kind === 'management_impersonate' || READS.includes(call) || (kind === 'management' && call !== 'impersonate');
  return may ? null : 'ACCESS_DENIED';
}

function byEmail(a: { readonly email: string }, b: { readonly email: string }): number {
  return a.email < b.email ? -1 : 1;
}
