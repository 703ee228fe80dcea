import { randomBytes } from 'node:crypto';
import type { CallOptions, Fields, Reply, UserCallName } from './entrance.ts';
import { authReply, formOf } from './entrances/auth.ts';
import { demandSuccess, UUID } from './expectations.ts';
import { type HttpClient, isObject } from './http-client.ts';
import { demand } from './mismatch.ts';
import { once } from './once.ts';
import { type Credentials, FULLNAME, type World } from './world.ts';

/** A way to ask UserService. Rejects when there is no answer at all. */
export type UserDoor = (name: UserCallName, fields: Fields, options: CallOptions) => Promise<Reply>;

/** A user that UserService made, who can log in. */
export interface ManagedUser extends Credentials {
  readonly userId: string;
}

/** UserService through one entrance, as the holder of a management key asks it about the run's own organization. */
export class Desk {
  readonly world: World;
  readonly managementKey: string;
  readonly #door: UserDoor;

  constructor(door: UserDoor, world: World, managementKey: string) {
    this.#door = door;
    this.world = world;
    this.managementKey = managementKey;
  }

  /** A call with the management key. */
  call(name: UserCallName, fields: Fields): Promise<Reply> {
    return this.callAs({ authorization: `Bearer ${this.managementKey}` }, name, fields);
  }

  /** A call of whoever these headers say. */
  async callAs(headers: NonNullable<CallOptions['headers']>, name: UserCallName, fields: Fields): Promise<Reply> {
    return this.world.secrets.keepOf(await this.#door(name, { org_id: this.world.ada.orgId, ...fields }, { headers }));
  }

  /** A new user without a password. */
  async newUser(fields: Fields = {}): Promise<{ readonly userId: string; readonly email: string }> {
    const email = this.world.newEmail();
    const reply = await this.call('createUser', { email, fullname: FULLNAME, ...fields });
    const { user_id } = userIn('createUser', reply);
    demand(UUID.fits(user_id), `createUser: user_id: ${UUID.form}`, 'createUser: another user_id');
    return { userId: String(user_id), email };
  }

  /** A new user with a password. */
  async newPerson(fields: Fields = {}): Promise<ManagedUser> {
    const password = this.world.newPassword();
    return { ...(await this.newUser({ password, ...fields })), password };
  }

  /** A user of this entrance alone, spelled with space and capitals, with all that a user has. */
  readonly created = once(async () => {
    const email = this.world.newEmail();
    const password = this.world.newPassword();
    const fields = { ...this.#described, email: ` ${email.toUpperCase()} `, fullname: ` ${FULLNAME} `, password };
    return { email, password, reply: await this.call('createUser', fields) };
  });

  /** A role that the users of {@link crew} alone have. */
  readonly crewRole = `conformance:${randomBytes(6).toString('hex')}`;

  /** Three users with a role of their own. */
  readonly crew = once(async () => {
    const ids: string[] = [];
    for (let made = 0; made < 3; made += 1) {
      ids.push((await this.newUser({ roles: [this.crewRole] })).userId);
    }
    return ids;
  });

  readonly #described = {
    email_verified: true,
    roles: ['editor', 'billing:read'],
    public_metadata: '{"plan":"pro"}',
    private_metadata: '{"crm":7}',
  };
}

/** The `user` of a success. */
export function userIn(what: string, reply: Reply): Fields {
  const { user } = demandSuccess(what, reply);
  demand(isObject(user), `${what}: user: an object`, `${what}: user: ${typeof user}`);
  return user;
}

/** UserService under `/organizations`. */
export function restDoor(http: HttpClient): UserDoor {
  return async (name, fields, { headers = {} }) => {
    const { org_id, user_id, session_id, ...others } = fields;
    const [method, tail] = REST[name];
    const ids = [org_id, ...(tail === null ? [] : [user_id])].map((id) => encodeURIComponent(String(id)));
    const named = session_id === undefined ? '' : `/${encodeURIComponent(String(session_id))}`;
    const path = `/organizations/${ids.join('/users/')}${tail === null ? '/users' : `${tail}${named}`}`;
    if (method === 'GET' || method === 'DELETE') {
      const query = formOf(others);
      return authReply(await http.send({ method, path: query === '' ? path : `${path}?${query}`, headers }));
    }
    const body = JSON.stringify(others);
    return authReply(
      await http.send({ method, path, headers: { 'content-type': 'application/json', ...headers }, body }),
    );
  };
}

/** The method of each call, and what follows the user's id; null where none is named. */
const REST: Readonly<Record<UserCallName, readonly [method: string, tail: string | null]>> = {
  createUser: ['POST', null],
  listUsers: ['GET', null],
  getUser: ['GET', ''],
  updateUser: ['PATCH', ''],
  deleteUser: ['DELETE', ''],
  setPassword: ['POST', '/password'],
  disableUser: ['POST', '/disable'],
  enableUser: ['POST', '/enable'],
  unlockUser: ['POST', '/unlock'],
  listUserSessions: ['GET', '/sessions'],
  endUserSessions: ['DELETE', '/sessions'],
  resetSecondFactor: ['POST', '/reset-second-factor'],
  createMailToken: ['POST', '/mail-token'],
  impersonate: ['POST', '/impersonate'],
};
