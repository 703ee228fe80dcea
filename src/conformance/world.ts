import { randomBytes } from 'node:crypto';
import type { CallName, Entrance, Fields, Reply } from './entrance.ts';
import { demandSuccess, JWT, TOKEN, UUID } from './expectations.ts';
import type { HttpClient } from './http-client.ts';
import { inTime } from './in-time.ts';
import { Mismatch } from './mismatch.ts';
import type { Secrets } from './secrets.ts';

/** What somebody logs in with. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** A user of the run. */
export interface User extends Credentials {
  readonly userId: string;
  readonly orgId: string;
}

/** A user with a live session. */
export interface LoggedInUser extends User {
  readonly sessionToken: string;
}

/** The name of every user of a run. */
export const FULLNAME = 'Zoë 例え';

/** Nothing can be checked: no entrance signs up a user and logs them in. */
export class UnusableServerError extends Error {
  override readonly name = 'UnusableServerError';
  /** What happened, one sentence for each entrance. */
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join(' '));
    this.lines = lines;
  }
}

/**
 * What every check of a run works with: the key, and users that the run makes through the first entrance that can, so
 * that a fault of one entrance is not told of the others.
 */
export class World {
  readonly apiKey: string;
  /** What opens UserService: a management key of the organization, or the admin token. Null without one. */
  readonly managementKey: string | null;
  readonly http: HttpClient;
  readonly secrets: Secrets;
  /** A user whose password never changes and whose session never ends. Checks only look at them. */
  readonly ada: LoggedInUser;
  /**
   * A session of theirs that has ended. Calls that end or change something are refused with it, so that a server that
   * should have refused them for another reason does no harm to what other checks need.
   */
  readonly endedSessionToken: string;
  readonly #home: Hands;
  readonly #newEmail: () => string;

  /** Use {@link settle}. */
  constructor({ home, ada, endedSessionToken, newEmail, http, managementKey }: Settled) {
    this.#home = home;
    this.managementKey = managementKey;
    this.apiKey = home.apiKey;
    this.secrets = home.secrets;
    this.ada = ada;
    this.endedSessionToken = endedSessionToken;
    this.#newEmail = newEmail;
    this.http = http;
  }

  /** An e-mail that nobody has. */
  newEmail(): string {
    return this.#newEmail();
  }

  newPassword(): string {
    return newPassword(this.secrets);
  }

  /** A nonce for an e-mail alone. */
  nonce(email: string): Promise<string> {
    return this.#home.nonce(email);
  }

  newUser(): Promise<User> {
    return this.#home.signUp(this.newEmail());
  }

  /** A new session token. */
  newSession(user: Credentials): Promise<string> {
    return this.#home.logIn(user);
  }

  /** What a login is told. */
  tryLogin(user: Credentials): Promise<Reply> {
    return this.#home.tryLogin(user);
  }

  /** A call with the key, through the entrance that made the world. */
  ask(name: CallName, fields: Fields): Promise<Reply> {
    return this.#home.ask(name, fields);
  }
}

interface Settled extends Pick<World, 'ada' | 'endedSessionToken' | 'http' | 'managementKey'> {
  readonly home: Hands;
  readonly newEmail: () => string;
}

/** What a world is made with. */
export interface Means {
  readonly apiKey: string;
  readonly managementKey: string | null;
  /** What the key's organization must be; null when the server is believed. */
  readonly orgId: string | null;
  readonly http: HttpClient;
  readonly secrets: Secrets;
}

/** Looks for an entrance that works, and makes the world through it. Throws {@link UnusableServerError}. */
export async function settle(
  entrances: readonly Entrance[],
  { apiKey, managementKey, orgId, http, secrets }: Means,
): Promise<World> {
  const run = randomBytes(6).toString('hex');
  let users = 0;
  const newEmail = (): string => {
    users += 1;
    return `conformance-${run}-${users}@example.com`;
  };
  const lines: string[] = [];
  for (const entrance of entrances) {
    const hands = new Hands(entrance, apiKey, secrets);
    try {
      const user = await hands.signUp(newEmail());
      const endedSessionToken = await hands.logIn(user);
      await hands.logOut(user, endedSessionToken);
      const ada = { ...user, orgId: orgId ?? user.orgId, sessionToken: await hands.logIn(user) };
      return new World({ home: hands, ada, endedSessionToken, newEmail, http, managementKey });
    } catch (error) {
      lines.push(secrets.mask(`${entrance.name}: ${error instanceof Mismatch ? error.message : noReply(error)}.`));
    }
  }
  throw new UnusableServerError(lines);
}

/** What to say when there was no answer: the code of the error alone, where Node gives one. */
export function noReply(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return `no reply (${error.code})`;
  }
  return error instanceof Error ? `no readable reply (${error.name})` : 'no reply';
}

/** The round trip through one entrance, as a caller makes it. */
class Hands {
  readonly apiKey: string;
  readonly secrets: Secrets;
  readonly #entrance: Entrance;

  constructor(entrance: Entrance, apiKey: string, secrets: Secrets) {
    this.#entrance = entrance;
    this.apiKey = apiKey;
    this.secrets = secrets;
  }

  async nonce(email: string): Promise<string> {
    const reply = await this.#entrance.call('fooBar', { identity: email });
    return this.#secret(demandSuccess('fooBar', reply, { token: TOKEN }).token);
  }

  async signUp(email: string): Promise<User> {
    const password = newPassword(this.secrets);
    const foobar = await this.nonce(email);
    const fields = { foobar, api_key: this.apiKey, email, password, fullname: FULLNAME, disclaimed: true };
    const reply = await this.#entrance.call('signUp', fields);
    const { user_id, org_id } = demandSuccess('signUp', reply, { user_id: UUID, org_id: UUID });
    return { email, password, userId: String(user_id), orgId: String(org_id) };
  }

  async logIn(user: Credentials): Promise<string> {
    return this.#secret(demandSuccess('login', await this.tryLogin(user), { token: JWT }).token);
  }

  async tryLogin({ email, password }: Credentials): Promise<Reply> {
    const { reply } = await inTime(async () => {
      const foobar = await this.nonce(email);
      return { reply: await this.#entrance.call('login', { foobar, email, password, api_key: this.apiKey }) };
    });
    return reply;
  }

  async ask(name: CallName, fields: Fields): Promise<Reply> {
    return this.secrets.keepOf(await this.#entrance.call(name, { api_key: this.apiKey, ...fields }));
  }

  async logOut({ email }: User, sessionToken: string): Promise<void> {
    demandSuccess('logout', await this.#entrance.call('logout', { sessionToken, email, api_key: this.apiKey }));
  }

  #secret(token: unknown): string {
    return this.secrets.keep(String(token));
  }
}

function newPassword(secrets: Secrets): string {
  return secrets.keep(`Aa1!${randomBytes(15).toString('base64url')}`);
}
