import { inWholeSeconds, MINUTE_MS } from './fake-clock.ts';
import { failure } from './fake-failure.ts';
import type { FakeUser, FakeUsers } from './fake-users.ts';
import type { LoginMethod } from './second-factor-calls.ts';

// docs/contract.md.
const CHALLENGE_TTL_MS = 10 * MINUTE_MS;
const CODE_TTL_MS = 10 * MINUTE_MS;
const TRIES = 5;
const MOST_OF_A_USER = 10;
const PREFIX = 'fake.challenge.';

/** What every challenge has. */
interface AnyChallenge {
  readonly token: string;
  readonly expiresAt: Date;
  triesLeft: number;
  /** That of the latest mail. */
  code: { readonly code: string; readonly expiresAt: number } | null;
}

/** A challenge of a user who has proven something, as the fake keeps one. */
export interface FakeChallenge extends AnyChallenge {
  readonly user: FakeUser;
  readonly credentialVersion: number;
  readonly methods: readonly LoginMethod[];
}

/** The challenge of a login by mail, whose address may be nobody's. */
export interface FakeMailLogin extends AnyChallenge {
  readonly address: string;
  readonly user: FakeUser | undefined;
  readonly credentialVersion: number | undefined;
}

/** The challenges of logins that are not over. */
export class FakeChallenges {
  readonly #users: FakeUsers;
  /** In the order of their making. */
  readonly #challenges = new Map<string, FakeChallenge>();
  readonly #mailLogins = new Map<string, FakeMailLogin>();

  /** Challenges to users. */
  constructor(users: FakeUsers) {
    this.#users = users;
  }

  /** Makes a challenge; the user's oldest makes room for it. */
  open(user: FakeUser, methods: readonly LoginMethod[]): FakeChallenge {
    const others = this.#of(user);
    for (const { token } of others.slice(0, Math.max(0, others.length + 1 - MOST_OF_A_USER))) {
      this.#challenges.delete(token);
    }
    const challenge = { ...newChallenge(), user, credentialVersion: user.credentialVersion, methods };
    this.#challenges.set(challenge.token, challenge);
    return challenge;
  }

  /** Makes the challenge of a login by mail; no code answers the one before of the same address. */
  openMailLogin(address: string, user: FakeUser | undefined): FakeMailLogin {
    for (const each of this.#mailLogins.values()) {
      each.code = each.address === address ? null : each.code;
    }
    const login = { ...newChallenge(), address, user, credentialVersion: user?.credentialVersion };
    this.#mailLogins.set(login.token, login);
    return login;
  }

  /** Whether a token is that of a challenge, good or not. */
  isChallenge(token: string): boolean {
    return token.startsWith(PREFIX);
  }

  /** Whose challenge a token is, good or not. */
  ofToken(token: string): FakeUser | undefined {
    return this.#challenges.get(token)?.user;
  }

  /** A challenge that takes a method. Throws CHALLENGE_INVALID. */
  find(token: string, method: LoginMethod): FakeChallenge {
    const challenge = this.#challenges.get(token);
    if (
      challenge === undefined ||
      !isOpen(challenge) ||
      !this.#isSame(challenge) ||
      !takes(challenge.methods, method)
    ) {
      throw challengeInvalid();
    }
    return challenge;
  }

  /** The same, for one of its tries. */
  take(token: string, method: LoginMethod): FakeChallenge {
    const challenge = this.find(token, method);
    challenge.triesLeft -= 1;
    return challenge;
  }

  /** The login by mail of a token, for one of its tries; null where the token is of no such login. Throws CHALLENGE_INVALID. */
  takeMailLogin(token: string): FakeMailLogin | null {
    const login = this.#mailLogins.get(token);
    if (login === undefined) {
      return null;
    }
    if (!isOpen(login)) {
      throw challengeInvalid();
    }
    login.triesLeft -= 1;
    return login;
  }

  /** Who logs in by mail; null for nobody, and for whoever has other credentials by now: told apart by no reason. */
  userOf(login: FakeMailLogin): FakeUser | null {
    return login.user !== undefined && this.#isSame(login) ? login.user : null;
  }

  /** Keeps the code of a mail, and voids the user's earlier ones. Tells until when it is good. */
  keepCode(challenge: FakeChallenge, code: string): Date {
    for (const each of this.#of(challenge.user)) {
      each.code = null;
    }
    return keepCode(challenge, code);
  }

  /** Ends a challenge: it was answered. */
  spend({ token }: Pick<AnyChallenge, 'token'>): void {
    this.#challenges.delete(token);
    this.#mailLogins.delete(token);
  }

  #of(user: FakeUser): readonly FakeChallenge[] {
    return [...this.#challenges.values()].filter((each) => each.user === user);
  }

  #isSame({ user, credentialVersion }: FakeChallenge | FakeMailLogin): boolean {
    return user?.credentialVersion === credentialVersion && user !== undefined && this.#users.at(user.email) === user;
  }
}

/** Keeps the code of a mail with its challenge. Tells until when it is good. */
export function keepCode(challenge: AnyChallenge, code: string): Date {
  const expiresAt = Math.min(inWholeSeconds(CODE_TTL_MS).getTime(), challenge.expiresAt.getTime());
  challenge.code = { code, expiresAt };
  return new Date(expiresAt);
}

/** Whether a code is that of the latest mail of a challenge. */
export function isMailed({ code: mailed }: AnyChallenge, code: string): boolean {
  return mailed !== null && mailed.code === code && Date.now() < mailed.expiresAt;
}

function newChallenge(): AnyChallenge {
  const token = `${PREFIX}${crypto.randomUUID()}`;
  return { token, expiresAt: inWholeSeconds(CHALLENGE_TTL_MS), triesLeft: TRIES, code: null };
}

function isOpen({ triesLeft, expiresAt }: AnyChallenge): boolean {
  return triesLeft > 0 && Date.now() < expiresAt.getTime();
}

/** `setup` comes after what stands before it. */
function takes(methods: readonly LoginMethod[], method: LoginMethod): boolean {
  return method === 'setup' ? methods[0] === 'setup' : methods.includes(method);
}

function challengeInvalid(): Error {
  return failure('UNAUTHENTICATED', 'CHALLENGE_INVALID', 'The challenge is not valid, or not any more. Log in again.');
}
