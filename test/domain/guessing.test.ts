import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { HARD_LOCK_AT, HIDDEN_PARTS, TOLD_PART } from '../../src/domain/auth/tries.ts';
import { TryEnds } from '../../src/domain/auth/try-ends.ts';
import type { CallerClass } from '../../src/domain/caller.ts';
import { AuthError } from '../../src/domain/errors.ts';
import type { Ports } from '../../src/domain/ports.ts';
import type { Storage } from '../../src/domain/storage.ts';
import { readNewPassword, setPassword } from '../../src/domain/users/set-password.ts';
import { unlockUser } from '../../src/domain/users/unlock-user.ts';
import { readUser } from '../../src/domain/users/user.ts';
import { changePassword, disableUser, login, validate } from '../support/asked.ts';
import { NO_STANDING } from '../support/no-standing.ts';
import { newStore, type TestStore } from '../support/stores.ts';
import {
  CALL,
  leftAfterHashing,
  outcomeOf,
  PASSWORD,
  RulesStand,
  type SignedUp,
  sessionInput,
  whileHashing,
} from './rules.ts';

const WRONG = 'Analytical-1844';
const SECOND = 1_000;
/** Longer than the longest wait. */
const LONG = 901 * SECOND;

/** Two processes of one store, as their rules see it. */
const stand = new RulesStand();
const other = new RulesStand();
let store: TestStore;

beforeAll(async () => {
  store = await newStore();
  await stand.open(store);
  await other.open(store);
});

afterAll(async () => {
  await stand.close();
  await other.close();
  await store.remove();
});

/** How a login names its organization, by the class of its caller; keys that were never in tokens are made anew. */
async function asClass(user: SignedUp, callerClass: CallerClass): Promise<{ orgId: string; apiKey: string }> {
  switch (callerClass) {
    case 'private_key':
      return { orgId: '', apiKey: (await stand.newKey(user)).apiKey };
    case 'token_key':
      return { orgId: '', apiKey: user.apiKey };
    case 'no_key':
      return { orgId: user.orgId, apiKey: '' };
  }
}

interface Try {
  readonly password?: string;
  readonly sessionToken?: string;
  readonly foobar?: string;
  readonly orgId?: string;
  readonly apiKey?: string;
  readonly ports?: Ports;
}

/** Logs in; the reason of a refusal with its wait, where one is told. */
async function attempt(user: SignedUp, { ports = stand.ports, ...said }: Try = {}): Promise<string> {
  try {
    await login(ports, { ...(await stand.loginInput(user)), ...said }, CALL);
    return 'OK';
  } catch (error) {
    if (!(error instanceof AuthError)) {
      throw error;
    }
    if (error.reason === 'ACCOUNT_LOCKED') {
      // The sentence that a person is shown speaks of waiting where that helps.
      expect(/\bwait\b/i.test(error.message)).toBe(error.retryAfterMs !== null);
    }
    return error.retryAfterMs === null ? error.reason : `${error.reason} ${Math.ceil(error.retryAfterMs / SECOND)}`;
  }
}

async function failTimes(user: SignedUp, times: number, said: Try = {}): Promise<void> {
  for (let failures = 0; failures < times; failures += 1) {
    expect(await attempt(user, { password: WRONG, ...said })).toBe('CREDENTIALS_INVALID');
    if (failures >= 4) {
      stand.pass(LONG);
    }
  }
}

async function atOnce(count: number, make: (index: number) => Promise<string>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.all(Array.from({ length: count }, (_, index) => make(index)))) {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** The ports over a store that does some of it otherwise. */
function overStorage(changes: Partial<Storage>): Ports {
  const { ports } = stand;
  const storage = { ...ports.storage, ...changes };
  return { ...ports, storage, tryEnds: new TryEnds({ storage, tryGate: ports.tryGate }) };
}

/** Begins a try that never ends. */
async function beginAndDie({ orgId, email }: SignedUp): Promise<void> {
  const { storage, rules, ids, clock } = stand.ports;
  const epoch = (await storage.readStoreIdentity())?.epoch ?? '';
  const at = clock.now();
  const beginning = await storage.beginLogin({
    tenant: { orgId, keyId: null },
    email,
    nonce: { nonceId: ids.uuidV4(), keepUntil: at, epoch },
    callerClass: 'token_key',
    device: null,
    hidesUsers: false,
    part: TOLD_PART,
    lock: rules.lock,
    at,
  });
  expect(beginning).toMatchObject({ outcome: 'begun' });
}

const hashes = () => stand.hashes + other.hashes;
const named = ({ orgId, userId }: SignedUp) => readUser({ orgId, user: userId });
const hidingUsers = (ports: Ports = stand.ports): Ports => ({ ...ports, rules: { ...ports.rules, hidesUsers: true } });

describe('A1: guesses at one user', () => {
  test('64 at once through two processes are five hashes; the others are told to wait', async () => {
    const user = await stand.newUser();
    const before = hashes();
    const outcomes = await atOnce(64, (index) =>
      attempt(user, { password: WRONG, ports: index % 2 === 0 ? stand.ports : other.ports }),
    );
    expect(outcomes).toEqual({ CREDENTIALS_INVALID: 5, 'ACCOUNT_LOCKED 1': 59 });
    expect(hashes() - before).toBe(5);
  });

  test('30 right logins at once through two processes all succeed, and leave nothing', async () => {
    const user = await stand.newUser();
    const outcomes = await atOnce(30, (index) => attempt(user, { ports: index % 2 === 0 ? stand.ports : other.ports }));
    expect(outcomes).toEqual({ OK: 30 });
    expect(await stand.ports.storage.listLoginTries(user.orgId, user.email)).toEqual([]);
  });

  test('hold no turn to hash while they wait for others at the same user', async () => {
    const user = await stand.newUser();
    const held = { now: 0, most: 0 };
    const acquire: Ports['passwords']['acquire'] = async (...args) => {
      const slot = await stand.ports.passwords.acquire(...args);
      held.now += 1;
      held.most = Math.max(held.most, held.now);
      const release = () => {
        held.now -= 1;
        slot.release();
      };
      return { ...slot, release };
    };
    const ports = { ...stand.ports, passwords: { requirePlace: () => undefined, acquire } };
    expect(await atOnce(30, () => attempt(user, { ports }))).toEqual({ OK: 30 });
    expect(held).toEqual({ now: 0, most: 5 });
  });

  test('wait a second, then twice as long after each further failure, up to the setting; a success begins anew', async () => {
    const user = await stand.newUser();
    await failTimes(user, 4);
    expect(await attempt(user, { password: WRONG })).toBe('CREDENTIALS_INVALID');
    const waits: string[] = [];
    for (let failures = 5; failures < 18; failures += 1) {
      waits.push(await attempt(user));
      stand.pass(LONG);
      expect(await attempt(user, { password: WRONG })).toBe('CREDENTIALS_INVALID');
    }
    expect(waits.map((wait) => Number(wait.split(' ')[1]))).toEqual([
      1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900,
    ]);
    stand.pass(LONG);
    expect(await attempt(user)).toBe('OK');
    await failTimes(user, 4);
    expect(await attempt(user)).toBe('OK');
  });

  test('are as many at once as AUTHFLOW_LOCK_AFTER says before they wait, and no longer than AUTHFLOW_LOCK_MAX says', async () => {
    const set = new RulesStand();
    onTestFinished(() => set.close());
    const settings = { AUTHFLOW_LOCK_AFTER: '2', AUTHFLOW_LOCK_MAX: '3s' };
    await set.open({ ...store, environment: { ...store.environment, ...settings } });
    const user = await set.newUser(await stand.newTenant());
    const guess = async () =>
      attempt(user, { password: WRONG, ports: set.ports, foobar: await set.nonce(user.email, user.apiKey) });
    const before = set.hashes;
    expect(await atOnce(8, guess)).toEqual({ CREDENTIALS_INVALID: 2, 'ACCOUNT_LOCKED 1': 6 });
    expect(set.hashes - before).toBe(2);
    const waits: string[] = [];
    for (let failures = 2; failures < 6; failures += 1) {
      set.pass(LONG);
      expect(await guess()).toBe('CREDENTIALS_INVALID');
      waits.push(await guess());
    }
    expect(waits).toEqual(['ACCOUNT_LOCKED 2', 'ACCOUNT_LOCKED 3', 'ACCOUNT_LOCKED 3', 'ACCOUNT_LOCKED 3']);
  });

  test('that a lock refuses spend no nonce and no hash; a spent nonce is told first', async () => {
    const user = await stand.newUser();
    const spent = await stand.nonce(user.email);
    expect(await attempt(user, { password: WRONG, foobar: spent })).toBe('CREDENTIALS_INVALID');
    for (let failures = 1; failures < 5; failures += 1) {
      expect(await attempt(user, { password: WRONG })).toBe('CREDENTIALS_INVALID');
    }
    const before = hashes();
    const fresh = await stand.nonce(user.email);
    expect(await attempt(user, { foobar: spent })).toBe('NONCE_USED');
    expect(await attempt(user, { foobar: fresh })).toBe('ACCOUNT_LOCKED 1');
    expect(hashes()).toBe(before);
    stand.pass(SECOND);
    expect(await attempt(user, { foobar: fresh })).toBe('OK');
  });

  test.each(['private_key', 'token_key', 'no_key'] as const)(
    'as %s end in a lock without a wait',
    async (callerClass) => {
      const user = await stand.newUser();
      const by = await asClass(user, callerClass);
      await failTimes(user, HARD_LOCK_AT[callerClass], by);
      stand.pass(365 * 86_400 * SECOND);
      const before = hashes();
      expect(await attempt(user, by)).toBe('ACCOUNT_LOCKED');
      expect(hashes()).toBe(before);
      expect(stand.ports.tryGate.counts.hardLocks).toBeGreaterThan(0);
      const { opened } = await unlockUser(stand.ports, named(user));
      expect(opened).toMatchObject([{ countedAs: callerClass, failures: HARD_LOCK_AT[callerClass] }]);
      expect(await attempt(user, by)).toBe('OK');
    },
  );

  test('that lock a user for good are forgotten when an administrator sets the password', async () => {
    const user = await stand.newUser();
    await failTimes(user, 20);
    expect(await attempt(user)).toBe('ACCOUNT_LOCKED');
    const newPassword = 'Difference-1822';
    const parameters = readNewPassword({ orgId: user.orgId, user: user.userId, newPassword }, stand.ports.rules);
    await setPassword(stand.ports, parameters);
    expect(await attempt(user, { password: newPassword })).toBe('OK');
  });

  test('of 1,000 without a key 20 are hashed, and a login with a key of its own is let in, as is the same e-mail elsewhere', async () => {
    const user = await stand.newUser();
    const elsewhere = await stand.newUser(undefined, user.email);
    const by = await asClass(user, 'no_key');
    const before = hashes();
    const outcomes: Record<string, number> = {};
    for (let guesses = 0; guesses < 1_000; guesses += 1) {
      const outcome = await attempt(user, { password: WRONG, ...by });
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      stand.pass(LONG);
    }
    expect(outcomes).toEqual({ CREDENTIALS_INVALID: 20, ACCOUNT_LOCKED: 980 });
    expect(hashes() - before).toBe(20);
    expect(await attempt(user, await asClass(user, 'private_key'))).toBe('OK');
    expect(await attempt(user, await asClass(user, 'token_key'))).toBe('OK');
    expect(await attempt(elsewhere, await asClass(elsewhere, 'no_key'))).toBe('OK');
    // It opened nothing for whoever brought the lock about.
    expect(await attempt(user, by)).toBe('ACCOUNT_LOCKED');
  });

  test('in whatever mixture of callers are fewer than 100 in a row', async () => {
    const user = await stand.newUser();
    const { token } = await stand.logIn(user);
    const classes = await Promise.all(
      (['private_key', 'token_key', 'no_key'] as const).map((name) => asClass(user, name)),
    );
    const before = hashes();
    for (let round = 0; round < 60; round += 1) {
      for (const by of classes) {
        await attempt(user, { password: WRONG, ...by });
        await attempt(user, { password: WRONG, sessionToken: token, ...by });
      }
      stand.pass(LONG);
    }
    expect(hashes() - before).toBe(99);
  });
});

describe('A1: a try whose outcome is lost', () => {
  test('stays a failure where it cannot be recorded, and the guess is not told', async () => {
    const user = await stand.newUser();
    const { storage } = stand.ports;
    const failing = overStorage({
      endTry: async () => {
        throw new AuthError('UNAVAILABLE');
      },
    });
    for (let failures = 0; failures < 5; failures += 1) {
      await expect(attempt(user, { password: WRONG, ports: failing })).rejects.not.toBeInstanceOf(AuthError);
    }
    expect(await storage.listLoginTries(user.orgId, user.email)).toMatchObject([{ failures: 5, pending: 5 }]);
    stand.pass(30 * SECOND);
    expect(await attempt(user)).toBe('ACCOUNT_LOCKED 1');
  });

  test.each([5, 1])(
    '%i right passwords while nothing can be written lock nobody out: when it can be they are taken back',
    async (count) => {
      const user = await stand.newUser();
      const { storage } = stand.ports;
      let isAway = false;
      const refused = async () => {
        throw new AuthError('UNAVAILABLE');
      };
      const ports = overStorage({
        createSession: (session) => (isAway ? refused() : storage.createSession(session)),
        endTry: (ending) => (isAway ? refused() : storage.endTry(ending)),
      });
      isAway = true;
      const tries = await Promise.allSettled(Array.from({ length: count }, () => attempt(user, { ports })));
      expect(tries.map(({ status }) => status)).toEqual(tries.map(() => 'rejected'));
      const left = () => storage.listLoginTries(user.orgId, user.email);
      expect(await left()).toMatchObject([{ failures: count, pending: count }]);
      isAway = false;
      await expect.poll(left).toEqual([]);
      expect(await attempt(user, { password: WRONG })).toBe('CREDENTIALS_INVALID');
      expect(await attempt(user)).toBe('OK');
    },
  );

  test('wrong passwords that nobody could be told of are failures when it can be written, and no longer under way', async () => {
    const user = await stand.newUser();
    const { storage } = stand.ports;
    let isAway = true;
    const ports = overStorage({
      async endTry(ending) {
        if (isAway) {
          throw new AuthError('UNAVAILABLE');
        }
        return storage.endTry(ending);
      },
    });
    await Promise.allSettled(Array.from({ length: 4 }, () => attempt(user, { password: WRONG, ports })));
    isAway = false;
    const left = () => storage.listLoginTries(user.orgId, user.email);
    await expect.poll(left).toMatchObject([{ failures: 4, pending: 0 }]);
  });

  test('whose session was opened though its answer was lost takes no other back', async () => {
    const user = await stand.newUser();
    const { storage } = stand.ports;
    expect(await attempt(user, { password: WRONG })).toBe('CREDENTIALS_INVALID');
    const ports = overStorage({
      async createSession(session) {
        await storage.createSession(session);
        await beginAndDie(user);
        throw new AuthError('DEADLINE_EXCEEDED');
      },
    });
    expect(await attempt(user, { ports })).toBe('DEADLINE_EXCEEDED');
    expect(await storage.listLoginTries(user.orgId, user.email)).toMatchObject([{ failures: 1, pending: 1 }]);
  });

  test('because its process died locks for good with the next try, which counts and tells of it, once (W12)', async () => {
    const user = await stand.newUser();
    await failTimes(user, HARD_LOCK_AT.token_key - 1);
    await beginAndDie(user);
    stand.pass(30 * SECOND);
    const { tryGate } = stand.ports;
    const before = { hashes: hashes(), hardLocks: tryGate.counts.hardLocks };
    const refused = async () => login(stand.ports, await stand.loginInput(user), CALL).catch((error: unknown) => error);
    expect(await refused()).toMatchObject({
      reason: 'ACCOUNT_LOCKED',
      subject: { beganHardLock: true, userId: user.userId },
    });
    const next = await refused();
    expect(next).toMatchObject({ reason: 'ACCOUNT_LOCKED', retryAfterMs: null });
    expect(next).not.toMatchObject({ subject: { beganHardLock: true } });
    expect(tryGate.counts.hardLocks - before.hardLocks).toBe(1);
    expect(hashes()).toBe(before.hashes);
  });

  test('is no failure where its password was not compared, or was right and opened nothing', async () => {
    const user = await stand.newUser();
    const dying = whileHashing(stand.ports, async () => {
      throw new AuthError('UNAVAILABLE');
    });
    await expect(attempt(user, { ports: dying })).rejects.not.toBeInstanceOf(AuthError);
    const left = leftAfterHashing(stand.ports);
    expect(await outcomeOf(login(left.ports, await stand.loginInput(user), left.call))).toBe('DEADLINE_EXCEEDED');
    await disableUser(stand.ports, { orgId: user.orgId, user: user.userId });
    expect(await attempt(user)).toBe('USER_DISABLED');
    expect(await stand.ports.storage.listLoginTries(user.orgId, user.email)).toEqual([]);
  });

  test('is a failure though nobody waits for the answer', async () => {
    const user = await stand.newUser();
    const left = leftAfterHashing(stand.ports);
    const input = { ...(await stand.loginInput(user)), password: WRONG };
    expect(await outcomeOf(login(left.ports, input, left.call))).toBe('CREDENTIALS_INVALID');
    expect(await stand.ports.storage.listLoginTries(user.orgId, user.email)).toMatchObject([
      { failures: 1, pending: 0 },
    ]);
  });
});

test('A1: a wait is told as that of the locked person, and by a key that was never in tokens of nobody whom it names', async () => {
  const user = await stand.newUser();
  const waiters: unknown[] = [];
  for (const callerClass of ['private_key', 'token_key', 'no_key'] as const) {
    const said = await asClass(user, callerClass);
    await failTimes(user, 5, said);
    // The last wait is over.
    expect(await attempt(user, { password: WRONG, ...said })).toBe('CREDENTIALS_INVALID');
    const refused = await login(stand.ports, { ...(await stand.loginInput(user)), ...said }, CALL).catch((e) => e);
    waiters.push(refused.reason, refused.waiter);
  }
  const person = `${user.orgId} ${user.email}`;
  expect(waiters).toEqual(['ACCOUNT_LOCKED', null, 'ACCOUNT_LOCKED', person, 'ACCOUNT_LOCKED', person]);
});

describe('A2: an unknown e-mail', () => {
  test('costs no hash where its 404 tells, and is locked as a known one is', async () => {
    const user = await stand.newUser();
    const unknown = { ...user, email: stand.newEmail() };
    const before = hashes();
    for (let failures = 0; failures < 5; failures += 1) {
      expect(await attempt(unknown)).toBe('USER_NOT_FOUND');
    }
    expect(await attempt(unknown)).toBe('ACCOUNT_LOCKED 1');
    expect(hashes()).toBe(before);
  });

  test('costs the hash that a known one costs, and has its answers, where users are hidden: wrong, right, disabled, locked', async () => {
    const user = await stand.newUser();
    const disabled = await stand.newUser();
    await disableUser(stand.ports, { orgId: disabled.orgId, user: disabled.userId });
    const unknown = { ...user, email: stand.newEmail() };
    const ports = hidingUsers();
    for (const [who, password] of [
      [user, WRONG],
      [unknown, PASSWORD],
      [disabled, PASSWORD],
    ] as const) {
      const before = hashes();
      for (let failures = 0; failures < 5; failures += 1) {
        expect(await attempt(who, { password, ports })).toBe('CREDENTIALS_INVALID');
      }
      expect(hashes() - before).toBe(5);
      expect(await attempt(who, { password, ports })).toBe('ACCOUNT_LOCKED 1');
      expect(hashes() - before).toBe(5);
    }
    stand.pass(SECOND);
    expect(await attempt(user, { ports })).toBe('OK');
  });

  test('is forgotten for others of a part at random where users are hidden, of one part where it is told', async () => {
    const user = await stand.newUser();
    const parts: number[] = [];
    const { storage } = stand.ports;
    const beginLogin: typeof storage.beginLogin = (asked) => {
      parts.push(asked.part);
      return storage.beginLogin(asked);
    };
    const ports = { ...stand.ports, storage: { ...storage, beginLogin } };
    for (let tries = 0; tries < 20; tries += 1) {
      await attempt({ ...user, email: stand.newEmail() }, { ports });
    }
    expect(new Set(parts.splice(0))).toEqual(new Set([TOLD_PART]));
    for (let tries = 0; tries < 20; tries += 1) {
      await attempt({ ...user, email: stand.newEmail() }, { ports: hidingUsers(ports) });
    }
    expect(new Set(parts).size).toBeGreaterThan(5);
    expect(parts.every((part) => part >= 1 && part <= HIDDEN_PARTS)).toBe(true);
  });

  test('asks the store the same as a known one where users are hidden, before and after it is locked', async () => {
    const user = await stand.newUser();
    const asked = async (who: SignedUp) => {
      const names: string[] = [];
      const { storage } = stand.ports;
      const watched = new Proxy(storage, {
        get(target, name, receiver) {
          names.push(String(name));
          return Reflect.get(target, name, receiver);
        },
      });
      const ports = hidingUsers({ ...stand.ports, storage: watched });
      for (let tries = 0; tries < 6; tries += 1) {
        await attempt(who, { password: WRONG, ports });
      }
      return names;
    };
    expect(await asked({ ...user, email: stand.newEmail() })).toEqual(await asked(user));
  });
});

describe('A1: a known device', () => {
  /** Whether this token lets its user in while the class of everybody is locked. */
  async function passes(user: SignedUp, sessionToken: string): Promise<boolean> {
    return (await attempt(user, { sessionToken })) === 'OK';
  }

  async function lockedUser(): Promise<{ readonly user: SignedUp; readonly token: string }> {
    const user = await stand.newUser();
    const { token } = await stand.logIn(user);
    await failTimes(user, 20);
    expect(await attempt(user)).toBe('ACCOUNT_LOCKED');
    return { user, token };
  }

  test('is let in beside a lock of others, ended or expired, for 90 days', async () => {
    const { user, token } = await lockedUser();
    expect(await passes(user, token)).toBe(true);
    await stand.ports.storage.endUserSessions(user.orgId, user.userId, stand.now);
    expect(await passes(user, token)).toBe(true);
    stand.pass(stand.ports.rules.sessionTtlSeconds * SECOND + 89 * 86_400 * SECOND);
    expect(await passes(user, token)).toBe(true);
    stand.pass(86_400 * SECOND);
    expect(await passes(user, token)).toBe(false);
  });

  test('is none by a token that is malformed, forged, another user’s, another organization’s or of before the claim', async () => {
    const { user, token } = await lockedUser();
    const neighbour = await stand.newUser(user);
    const elsewhere = await stand.newUser(undefined, user.email);
    const { sessionTokens, storage } = stand.ports;
    const now = Math.floor(stand.now / SECOND);
    const credentialVersion = (await storage.findUserCredentials(user.orgId, user.userId))?.credentialVersion ?? 0;
    const signed = (version: number | null, userId = user.userId) =>
      sessionTokens.sign(
        sessionTokens.currentKeyId(stand.now),
        {
          sessionId: stand.ports.ids.uuidV7(stand.now),
          userId,
          orgId: user.orgId,
          email: user.email,
          issuedAtSeconds: now,
          expiresAtSeconds: now + 60,
          credentialVersion: version,
          ...NO_STANDING,
        },
        null,
      );
    for (const none of [
      '',
      'garbage',
      `${token.slice(0, -2)}AA`,
      (await stand.logIn(neighbour)).token,
      (await stand.logIn(elsewhere)).token,
      signed(null),
      signed(credentialVersion + 1),
      signed(credentialVersion, neighbour.userId),
    ]) {
      expect(await passes(user, none)).toBe(false);
    }
    expect(await passes(user, signed(credentialVersion))).toBe(true);
  });

  test('is none any more once the password is another', async () => {
    const { user, token } = await lockedUser();
    const change = { ...sessionInput(user, token), newPassword: 'Difference-1822', currentPassword: '' };
    await changePassword(stand.ports, change, CALL);
    expect(await attempt(user, { sessionToken: token, password: 'Difference-1822' })).toBe('ACCOUNT_LOCKED');
  });

  test('has waits of its own, which lock nobody else', async () => {
    const user = await stand.newUser();
    const { token } = await stand.logIn(user);
    for (let failures = 0; failures < 5; failures += 1) {
      expect(await attempt(user, { password: WRONG, sessionToken: token })).toBe('CREDENTIALS_INVALID');
    }
    expect(await attempt(user, { sessionToken: token })).toBe('ACCOUNT_LOCKED 1');
    expect(await attempt(user)).toBe('OK');
  });

  test('waits for nobody who brings a token of an earlier password, however many they are', async () => {
    const user = await stand.newUser();
    const { token: stale } = await stand.logIn(user);
    const password = 'Difference-1822';
    const change = { ...sessionInput(user, stale), newPassword: password, currentPassword: '' };
    await changePassword(stand.ports, change, CALL);
    const { token } = await login(stand.ports, { ...(await stand.loginInput(user)), password }, CALL);
    const [strangers, own] = [await asClass(user, 'no_key'), await asClass(user, 'private_key')];
    let letIn = '';
    const ports = whileHashing(stand.ports, async () => {
      letIn ||= await attempt(user, { password, sessionToken: token, ...own });
    });
    await atOnce(200, () => attempt(user, { password: WRONG, sessionToken: stale, ports, ...strangers }));
    expect(letIn).toBe('OK');
  });

  test('waits for no guess of others: theirs are under way while it is let in', async () => {
    const user = await stand.newUser();
    const { token } = await stand.logIn(user);
    let letIn = '';
    const ports = whileHashing(stand.ports, async () => {
      letIn ||= await attempt(user, { sessionToken: token });
    });
    await atOnce(8, () => attempt(user, { password: WRONG, ports }));
    expect(letIn).toBe('OK');
  });
});

describe('A1: guesses at the current password', () => {
  const change = (session: { sessionToken: string }, user: SignedUp, currentPassword: string) =>
    outcomeOf(
      changePassword(
        stand.ports,
        { ...sessionInput(user, session.sessionToken), newPassword: 'Difference-1822', currentPassword },
        CALL,
      ),
    );

  test('end the session that brought ten of them, and no other', async () => {
    const user = await stand.newUser();
    const [session, untouched] = [await stand.newSession(user), await stand.newSession(user)];
    for (let failures = 0; failures < 10; failures += 1) {
      expect(await change(session, user, WRONG)).toBe('CREDENTIALS_INVALID');
    }
    expect(await change(session, user, PASSWORD)).toBe('SESSION_REVOKED');
    expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
    expect(await outcomeOf(validate(stand.ports, untouched))).toBe('OK');
  });

  test('are forgotten with a right one', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    for (let failures = 0; failures < 9; failures += 1) {
      await change(session, user, WRONG);
    }
    expect(await change(session, user, PASSWORD)).toBe('OK');
    expect(await change(session, user, WRONG)).toBe('CREDENTIALS_INVALID');
    expect(await outcomeOf(validate(stand.ports, session))).toBe('OK');
  });

  test('of 64 at once ten are compared at most', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    const before = hashes();
    const outcomes = await atOnce(64, async () => {
      for (;;) {
        const outcome = await change(session, user, WRONG);
        // The queue of hashes takes no more of one organization: nothing was counted.
        if (outcome !== 'OVERLOADED') {
          return outcome;
        }
        await nextTurn();
      }
    });
    expect(outcomes).toEqual({ CREDENTIALS_INVALID: 10, SESSION_REVOKED: 54 });
    expect(hashes() - before).toBe(10);
  });
});
