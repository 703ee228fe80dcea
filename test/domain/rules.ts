import { afterAll, beforeAll } from 'vitest';
import { openCore } from '../../src/app/core.ts';
import { readSettings } from '../../src/config/settings.ts';
import { HashPool } from '../../src/crypto/hash-pool.ts';
import type { LoginResult } from '../../src/domain/auth/open-session.ts';
import type { SignUpInput } from '../../src/domain/auth/sign-up.ts';
import { AuthError } from '../../src/domain/errors.ts';
import type { CallContext, HashSlot, MailOpener, Ports } from '../../src/domain/ports.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { createApiKey, createOrganization, fooBar, login, signUp } from '../support/asked.ts';
import { newStore, type TestStore } from '../support/stores.ts';

/** A call that is waited for. */
export const CALL: CallContext = { isAbandoned: () => false };

/** A call that nobody waits for any more. */
export const ABANDONED: CallContext = { isAbandoned: () => true };

/** The password of every user here. */
export const PASSWORD = 'Analytical-1843';

/** An id that nothing has. */
export const NOBODY = '00000000-0000-4000-8000-000000000000';

/** An organization with its token key, and what is asked of it. */
export interface Tenant {
  readonly orgId: string;
  readonly apiKey: string;
}

/** A user who has signed up. */
export interface SignedUp extends Tenant {
  readonly userId: string;
  readonly email: string;
}

const BCRYPT_COST = 4;

/** What the rules stand on: a real store, real tokens, the cheapest hash, and a clock that a test moves. */
export class RulesStand {
  readonly #pool = new HashPool({ parameters: { algorithm: 'bcrypt', cost: BCRYPT_COST } });
  #core: Awaited<ReturnType<typeof openCore>> | null = null;
  #store: TestStore | null = null;
  #offsetMs = 0;
  #count = 0;

  /** What the use cases are given. */
  get ports(): Ports {
    return { ...this.#opened.ports, clock: { now: () => this.#opened.ports.clock.now() + this.#offsetMs } };
  }

  get mailOpener(): MailOpener {
    return this.#opened.mailOpener;
  }

  get now(): number {
    return this.ports.clock.now();
  }

  /** How many passwords were hashed so far. */
  get hashes(): number {
    return this.#pool.counters().hashes;
  }

  /** Puts the clock forward. */
  pass(ms: number): void {
    this.#offsetMs += ms;
  }

  /** Runs one statement in the store, past the product. */
  async query<Row extends object>(sql: string): Promise<Row[]> {
    return (await this.#store?.query<Row>(sql)) ?? [];
  }

  async open(store: TestStore): Promise<void> {
    const { environment } = store;
    this.#store = store;
    const settings = readSettings({ ...environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
    this.#core = await openCore({ ...settings, bcryptCost: BCRYPT_COST }, { makeStore: true, hashing: this.#pool });
  }

  async close(): Promise<void> {
    await this.#core?.close();
  }

  /** An e-mail that nobody has. */
  newEmail(): string {
    this.#count += 1;
    return `user${this.#count}@example.com`;
  }

  async newTenant(): Promise<Tenant> {
    this.#count += 1;
    const { organization, apiKey } = await createOrganization(this.ports, { name: `Acme ${this.#count}` });
    return { orgId: organization.orgId, apiKey };
  }

  /** A second key of an organization. */
  async newKey({ orgId }: Tenant): Promise<{ readonly keyId: string; readonly apiKey: string }> {
    const { key, apiKey } = await createApiKey(this.ports, { orgId, label: '', inTokens: false });
    return { keyId: key.keyId, apiKey };
  }

  /** A fresh nonce, bound to the key's organization where one is given. */
  async nonce(identity: string, apiKey = ''): Promise<string> {
    return (await fooBar(this.ports, { identity, apiKey })).token;
  }

  /** Everything that a sign-up needs. */
  async signUpInput(tenant: Tenant, email = this.newEmail()): Promise<SignUpInput> {
    const foobar = await this.nonce(email, tenant.apiKey);
    const { apiKey } = tenant;
    return { foobar, apiKey, email, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: true };
  }

  async newUser(tenant?: Tenant, email = this.newEmail()): Promise<SignedUp> {
    const home = tenant ?? (await this.newTenant());
    const { userId } = await signUp(this.ports, await this.signUpInput(home, email), CALL);
    return { ...home, userId, email };
  }

  /** Everything that a login needs. */
  async loginInput({ email, apiKey }: SignedUp) {
    return { foobar: await this.nonce(email), email, password: PASSWORD, orgId: '', apiKey };
  }

  async logIn(user: SignedUp, password = PASSWORD): Promise<LoginResult> {
    return login(this.ports, { ...(await this.loginInput(user)), password }, CALL);
  }

  /** A new session, as the session calls ask for it. */
  async newSession(user: SignedUp) {
    return sessionInput(user, (await this.logIn(user)).token);
  }

  get #opened(): Awaited<ReturnType<typeof openCore>> {
    if (this.#core === null) {
      throw new Error('The stand is not open yet.');
    }
    return this.#core;
  }
}

/** What a session call asks with: the token, and the organization by its key. */
export function sessionInput({ email, apiKey }: SignedUp, sessionToken: string) {
  return { sessionToken, email, apiKey, orgId: '' };
}

/** One stand for all tests of a file, with these settings beside those of its store: each makes organizations of its own. */
export function rulesStand(settings: Readonly<Record<string, string>> = {}): RulesStand {
  const stand = new RulesStand();
  let store: TestStore;
  beforeAll(async () => {
    store = await newStore();
    await stand.open({ ...store, environment: { ...store.environment, ...settings } });
  });
  afterAll(async () => {
    await stand.close();
    await store.remove();
  });
  return stand;
}

/** The reason for which something is refused, with the parameters that are at fault; `OK` where it is not. */
export async function outcomeOf(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === 'function' ? work() : work);
    return 'OK';
  } catch (error) {
    if (!(error instanceof AuthError)) {
      throw error;
    }
    return [error.reason, ...error.violations.map(({ field }) => field)].join(' ');
  }
}

/** The same ports, where something happens while a password is being hashed. */
export function whileHashing(ports: Ports, happens: () => Promise<unknown>): Ports {
  return withSlots(ports, (slot) => ({
    ...slot,
    hash: async (...args) => {
      await happens();
      return slot.hash(...args);
    },
    verify: async (...args) => {
      await happens();
      return slot.verify(...args);
    },
  }));
}

/** What happens around a write of the store. */
interface AroundWrite {
  readonly before?: () => Promise<unknown>;
  readonly after?: () => Promise<unknown>;
}

/** The same ports, where something happens around the first write of that name. */
export function aroundWrite(ports: Ports, name: keyof Ports['storage'], { before, after }: AroundWrite): Ports {
  let isFirst = true;
  const storage = new Proxy(ports.storage, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') {
        return value;
      }
      if (property !== name) {
        return value.bind(target);
      }
      return async (...args: readonly unknown[]) => {
        const happens = isFirst;
        isFirst = false;
        if (happens) {
          await before?.();
        }
        const outcome: unknown = await value.apply(target, args);
        if (happens) {
          await after?.();
        }
        return outcome;
      };
    },
  });
  return { ...ports, storage };
}

/** The same ports, and a call that is waited for no longer than until a password was hashed. */
export function leftAfterHashing(ports: Ports): { readonly ports: Ports; readonly call: CallContext } {
  let isAbandoned = false;
  const leaveAfter = async <T>(hashing: Promise<T>): Promise<T> => {
    const result = await hashing;
    isAbandoned = true;
    return result;
  };
  return {
    ports: withSlots(ports, (slot) => ({
      ...slot,
      hash: (...args) => leaveAfter(slot.hash(...args)),
      verify: (...args) => leaveAfter(slot.verify(...args)),
    })),
    call: { isAbandoned: () => isAbandoned },
  };
}

/** The same ports with other places in the queue of hashes. */
export function withSlots(ports: Ports, change: (slot: HashSlot) => HashSlot): Ports {
  const acquire: Ports['passwords']['acquire'] = async (...args) => change(await ports.passwords.acquire(...args));
  return { ...ports, passwords: { requirePlace: () => undefined, acquire } };
}

/** The same ports, where the queue of hashes is full, and where that was to be seen beforehand. */
export function full(ports: Ports): Ports {
  const requirePlace = () => {
    throw new AuthError('OVERLOADED', { retryAfterMs: 1_000 });
  };
  return { ...ports, passwords: { ...overloaded(ports).passwords, requirePlace } };
}

/** The same ports, where another takes the last place in the queue of hashes. */
export function overloaded(ports: Ports): Ports {
  return {
    ...ports,
    passwords: {
      requirePlace: () => undefined,
      async acquire() {
        throw new AuthError('OVERLOADED', { retryAfterMs: 1_000 });
      },
    },
  };
}
