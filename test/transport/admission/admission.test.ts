import { describe, expect, test } from 'vitest';
import type { Caller } from '../../../src/domain/caller.ts';
import type { IdentifiedTenant } from '../../../src/domain/tenant.ts';
import { AUTH } from '../../../src/operations/auth.ts';
import { ORGANIZATIONS } from '../../../src/operations/organizations.ts';
import type { Admission, Arrival, Peer } from '../../../src/transport/admission/admission.ts';
import { openAdmission } from '../../support/open-admission.ts';

const KEY = `af_${'k'.repeat(43)}`;
const TENANT: IdentifiedTenant = { orgId: 'acme', keyId: 'key-1', callerClass: 'private_key' };
const OVERLOADED = { reason: 'OVERLOADED', retryAfterMs: 3_000 } as const;

function operation(name: string) {
  const found = AUTH.operations.find(({ method }) => method.name === name);
  if (found === undefined) {
    throw new Error(name);
  }
  return found;
}

function peer(apiKey: string | null = null, connection: object = {}, address = '192.0.2.1'): Peer {
  return {
    connection,
    isShared: false,
    address,
    header: (name) => (name === 'x-api-key' ? apiKey : null),
    hasKeyInQuery: () => false,
  };
}

/** Which of the six calls are read, with a key in their headers and without. */
function read(admission: Admission, apiKey: string | null): string[] {
  return AUTH.operations
    .filter((each) => (admission.arrive(each, peer(apiKey))?.refusal ?? null) === null)
    .map(({ method }) => method.name);
}

/** A queue without a place, but for who is let in all the same. */
function full({ letsIn = () => false }: { letsIn?: (caller: Caller) => boolean } = {}) {
  return { waitFor: (caller: Caller | null) => (caller !== null && letsIn(caller) ? null : 3_000) };
}

/** Has the key looked up that is in the headers, as a call before this one did. */
async function known(admission: Admission): Promise<void> {
  await expect.poll(() => admission.arrive(operation('Login'), peer(KEY))?.refusal ?? null).not.toBeNull();
}

describe('R6: an event loop that is late and does not catch up', () => {
  test('refuses FooBar without a key, then SignUp, then Login, and never another call', () => {
    const admission = openAdmission();
    const levels = [0, 60, 110, 210].map((standingLagMs) => {
      admission.look(standingLagMs);
      return { without: read(admission, null), with: read(admission, KEY) };
    });
    const others = ['Validate', 'ChangePassword', 'Logout'];
    expect(levels).toEqual([
      { without: ['FooBar', 'SignUp', 'Login', ...others], with: ['FooBar', 'SignUp', 'Login', ...others] },
      { without: ['SignUp', 'Login', ...others], with: ['FooBar', 'SignUp', 'Login', ...others] },
      { without: ['Login', ...others], with: ['FooBar', 'Login', ...others] },
      { without: others, with: ['FooBar', ...others] },
    ]);
  });

  test('is told with a wait, counted by call and class, and shown with its level', () => {
    const admission = openAdmission();
    admission.look(250);
    const refusal = admission.arrive(operation('FooBar'), peer())?.refusal;
    expect(refusal?.error).toMatchObject({ reason: 'OVERLOADED', retryAfterMs: 1_000 });
    admission.arrive(operation('Login'), peer());
    admission.arrive(operation('Login'), peer());
    expect(admission.counters()).toMatchObject({
      shed: [
        { call: 'foo_bar_without_key', callerClass: 'no_key', count: 1 },
        { call: 'login', callerClass: 'unknown', count: 2 },
      ],
      level: 3,
      standingLagSeconds: 0.25,
      ended: 0,
    });
    admission.look(0);
    expect(admission.counters()).toMatchObject({ level: 0 });
  });
});

describe('R6: a queue for hashes without a place', () => {
  test('refuses unread whom it would refuse, by the key in its headers, once that is known', async () => {
    const asked: string[] = [];
    const identify = async (apiKey: string) => {
      asked.push(apiKey);
      return TENANT;
    };
    const admission = openAdmission({ ...full(), identify });
    expect(admission.arrive(operation('Login'), peer(KEY))?.refusal).toBeNull();
    await known(admission);
    const refusal = admission.arrive(operation('Login'), peer(KEY))?.refusal;
    expect(refusal).toMatchObject({ error: OVERLOADED, caller: TENANT });
    expect(admission.arrive(operation('SignUp'), peer(KEY))?.refusal).toMatchObject({ error: OVERLOADED });
    expect(read(admission, KEY)).toEqual(['FooBar', 'Validate', 'ChangePassword', 'Logout']);
    expect(asked).toEqual([KEY]);
  });

  test('has a place all the same for who has less than others: such a call is read', async () => {
    let letsIn = false;
    const admission = openAdmission({ ...full({ letsIn: () => letsIn }), identify: async () => TENANT });
    await known(admission);
    letsIn = true;
    expect(admission.arrive(operation('Login'), peer(KEY))?.refusal).toBeNull();
  });

  test('says nothing of a caller without a key in its headers: its body may hold one', () => {
    const admission = openAdmission(full());
    expect(read(admission, null)).toEqual(['FooBar', 'SignUp', 'Login', 'Validate', 'ChangePassword', 'Logout']);
  });

  test('looks one unknown key up at a time, whatever is sent', () => {
    const asked: string[] = [];
    const admission = openAdmission({
      ...full(),
      identify: (apiKey) => {
        asked.push(apiKey);
        return new Promise<never>(() => undefined);
      },
    });
    for (let key = 0; key < 100; key += 1) {
      admission.arrive(operation('Login'), peer(`af_${key}`));
    }
    expect(asked).toEqual(['af_0']);
  });
});

describe('R6: a connection whose caller repeats without waiting', () => {
  /** Logs in on a connection, again and again, until it is to end; after how many. */
  function untilEnded(admission: Admission, clock: { now: number }, connection: object, address?: string): number {
    for (let calls = 1; calls <= 1_000; calls += 1) {
      clock.now += 10;
      const arrival = admission.arrive(operation('Login'), peer(null, connection, address));
      if (arrival?.mannerOf(OVERLOADED).ends) {
        return calls;
      }
    }
    return Number.POSITIVE_INFINITY;
  }

  function scene(isProxy = () => false) {
    const clock = { now: 0 };
    return { clock, admission: openAdmission({ ...full(), isProxy, now: () => clock.now, random: () => 0.5 }) };
  }

  test('is refused unread, and ended at last, and counted', () => {
    const { admission, clock } = scene();
    const connection = {};
    expect(untilEnded(admission, clock, connection)).toBe(129);
    expect(admission.arrive(operation('Login'), peer(null, connection))?.refusal?.error).toMatchObject(OVERLOADED);
    expect(admission.arrive(operation('Login'), peer(null, {}))?.refusal).toBeNull();
    // From the 33rd to the 129th, and the one more.
    expect(admission.counters()).toMatchObject({
      shed: [{ call: 'login', callerClass: 'unknown', count: 98 }],
      ended: 1,
    });
  });

  test('comes from an address whose new connections are held from their first refusal, for ten seconds', () => {
    const { admission, clock } = scene();
    untilEnded(admission, clock, {}, '192.0.2.7');
    const first = (address: string) =>
      admission.arrive(operation('Login'), peer(null, {}, address))?.mannerOf(OVERLOADED).holdMs;
    expect([first('192.0.2.7'), first('192.0.2.8')]).toEqual([35, 0]);
    clock.now += 10_000;
    expect(first('192.0.2.7')).toBe(0);
  });

  test('comes of IPv6 from a network, and of IPv4 from one address, in whatever form', () => {
    const { admission, clock } = scene();
    const hold = (address: string) =>
      admission.arrive(operation('Login'), peer(null, {}, address))?.mannerOf(OVERLOADED).holdMs;
    untilEnded(admission, clock, {}, '2001:db8:1:2::7');
    untilEnded(admission, clock, {}, '::ffff:192.0.2.7');
    const held = ['2001:db8:1:2:ffff::1', '192.0.2.7'];
    expect(held.map(hold)).toEqual([35, 35]);
    expect(['2001:db8:1:3::7', '::ffff:192.0.2.8', '::1'].map(hold)).toEqual([0, 0, 0]);
  });

  test('is left alone where it is a listed proxy’s, which carries the calls of many', () => {
    const { admission, clock } = scene(() => true);
    expect(untilEnded(admission, clock, {})).toBe(Number.POSITIVE_INFINITY);
    expect(admission.counters().shed).toEqual([]);
  });

  test('is one like any other again after a call that was served', () => {
    const { admission, clock } = scene();
    const connection = {};
    untilEnded(admission, clock, connection);
    admission
      .arrive(operation('Login'), peer(null, connection))
      ?.mannerOf({ reason: 'CREDENTIALS_INVALID', retryAfterMs: null });
    const next = admission.arrive(operation('Login'), peer(null, connection));
    expect(next?.refusal).toBeNull();
    expect(next?.mannerOf(OVERLOADED)).toEqual({ holdMs: 0, ends: false });
  });

  test('is one like any other again after a Validate that was answered, and not after one that failed', () => {
    const { admission, clock } = scene();
    const connection = {};
    untilEnded(admission, clock, connection);
    const isRead = () => admission.arrive(operation('Login'), peer(null, connection))?.refusal === null;
    const validate = () => admission.arrive(operation('Validate'), peer(null, connection));
    expect(validate()?.mannerOf({ reason: 'SESSION_INVALID', retryAfterMs: null })).toEqual({ holdMs: 0, ends: false });
    expect(isRead()).toBe(false);
    expect(validate()?.mannerOf(null)).toEqual({ holdMs: 0, ends: false });
    expect(isRead()).toBe(true);
  });
});

function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

describe('R6: what a caller who never waits is told on one connection', () => {
  const RATE_LIMITED = { reason: 'RATE_LIMITED', retryAfterMs: 3_000 } as const;
  const locked = (waiter: string) => ({ reason: 'ACCOUNT_LOCKED', retryAfterMs: 3_000, waiter }) as const;
  const nonceInvalid = { reason: 'NONCE_INVALID', retryAfterMs: null } as const;

  function scene() {
    const clock = { now: 0 };
    const admission = openAdmission({ now: () => clock.now, random: () => 0.5 });
    const connection = {};
    /** A call that comes again at once and ends so; how that is told. */
    const call = (outcome: Parameters<Arrival['mannerOf']>[0], name = 'Login') => {
      clock.now += 50;
      return admission.arrive(operation(name), peer(null, connection))?.mannerOf(outcome);
    };
    const times = (count: number, ...outcomes: Parameters<typeof call>[0][]) =>
      Array.from({ length: count }, (_, index) => call(outcomes[index % outcomes.length] ?? null));
    return { admission, clock, call, times };
  }

  test('RATE_LIMITED is told later and later, and ends its connection, as OVERLOADED does, each after the other too', () => {
    for (const reasons of [[RATE_LIMITED], [RATE_LIMITED, OVERLOADED]]) {
      const { times, admission } = scene();
      const told = times(129, ...reasons);
      expect(told.slice(0, 8)).toEqual(Array(8).fill({ holdMs: 0, ends: false }));
      expect(told.slice(8, 128)).toEqual(Array(120).fill({ holdMs: 35, ends: false }));
      expect(told[128]).toEqual({ holdMs: 35, ends: true });
      expect(admission.counters()).toMatchObject({ ended: 1 });
    }
  });

  test('what was sent at once on a connection that ends is no further one that ended', () => {
    const { times, call, admission } = scene();
    times(129, RATE_LIMITED);
    expect(call(RATE_LIMITED)?.ends).toBe(true);
    expect(admission.counters()).toMatchObject({ ended: 1 });
  });

  test('open sign-up of organizations, too', () => {
    const { clock, admission } = scene();
    const create = ORGANIZATIONS.operations.find(({ method }) => method.name === 'CreateOrganization');
    const connection = {};
    const told = Array.from({ length: 129 }, () => {
      clock.now += 50;
      return create && admission.arrive(create, peer(null, connection))?.mannerOf(RATE_LIMITED);
    });
    expect(told.at(-1)).toEqual({ holdMs: 35, ends: true });
  });

  test('cheap failures forgive nothing; who was served starts afresh, and who was hashed for', () => {
    const cheap = ['INVALID_ARGUMENT', 'API_KEY_INVALID', 'NONCE_INVALID', 'NONCE_USED', 'UNAVAILABLE'] as const;
    for (const reason of cheap) {
      const { times, call } = scene();
      times(20, RATE_LIMITED, { reason, retryAfterMs: null });
      expect(call({ reason, retryAfterMs: null })).toEqual({ holdMs: 0, ends: false });
      expect(call(RATE_LIMITED)).toEqual({ holdMs: 35, ends: false });
    }
    for (const reason of [null, 'CREDENTIALS_INVALID', 'USER_NOT_FOUND', 'USER_EXISTS'] as const) {
      const { times, call } = scene();
      times(20, RATE_LIMITED);
      call(reason && { reason, retryAfterMs: null });
      expect(call(RATE_LIMITED)).toEqual({ holdMs: 0, ends: false });
    }
  });

  test('a wait of a person for whom a private key speaks slows nobody, and forgives nothing', () => {
    const { times, call } = scene();
    const ofPerson = { ...RATE_LIMITED, waiter: null };
    expect(distinct(times(500, ofPerson, nonceInvalid))).toEqual([{ holdMs: 0, ends: false }]);
    times(20, RATE_LIMITED);
    call(ofPerson);
    expect(call(RATE_LIMITED)).toEqual({ holdMs: 35, ends: false });
  });

  test('a locked account slows who tries that one again, and nobody else on the connection', () => {
    const { times, call, admission, clock } = scene();
    const told = times(129, locked('acme ada@example.com'));
    expect(told.slice(0, 8)).toEqual(Array(8).fill({ holdMs: 0, ends: false }));
    expect(told[128]).toEqual({ holdMs: 35, ends: true });
    expect(call(locked('acme bob@example.com'))).toEqual({ holdMs: 0, ends: false });
    expect(call(OVERLOADED)).toEqual({ holdMs: 0, ends: false });
    // Its address may be a backend's.
    const other = admission.arrive(operation('Login'), peer(null, {}));
    expect(other?.mannerOf(OVERLOADED)).toEqual({ holdMs: 0, ends: false });
    clock.now += 3_000;
    expect(call(locked('acme ada@example.com'))).toEqual({ holdMs: 0, ends: false });
  });

  test('40 people whose accounts are locked, by turns, are each told at once; so is a person with many tries on their way', () => {
    const { times, admission, clock } = scene();
    const people = Array.from({ length: 40 }, (_, person) => locked(`acme user${person}@example.com`));
    expect(distinct(times(400, ...people))).toEqual([{ holdMs: 0, ends: false }]);
    const connection = {};
    const arrivals = Array.from({ length: 64 }, () => {
      clock.now += 10;
      return admission.arrive(operation('Login'), { ...peer(null, connection), isShared: true });
    });
    const told = arrivals.map((arrival) => arrival?.mannerOf(locked('acme ada@example.com')));
    expect(distinct(told)).toEqual([{ holdMs: 0, ends: false }]);
  });
});

describe('R6: a connection of HTTP/2, which many share', () => {
  function scene() {
    const clock = { now: 0 };
    const options = { ...full(), identify: async () => TENANT, now: () => clock.now, random: () => 0.5 };
    return { clock, admission: openAdmission(options) };
  }

  /** How a login on it is told that is refused, with a key in its headers or without. */
  function told(admission: Admission, connection: object, apiKey: string | null) {
    const arrival = admission.arrive(operation('Login'), { ...peer(apiKey, connection), isShared: true });
    return arrival?.mannerOf(OVERLOADED);
  }

  test('is told every wait where the key is known, and ended on where none is, though it never waits', async () => {
    const { admission, clock } = scene();
    await known(admission);
    const [withKey, without] = [{}, {}];
    for (let login = 0; login < 128; login += 1) {
      clock.now += 10;
      told(admission, withKey, KEY);
      told(admission, without, null);
    }
    clock.now += 10;
    expect(told(admission, withKey, KEY)).toEqual({ holdMs: 35, ends: false });
    expect(told(admission, without, null)).toEqual({ holdMs: 35, ends: true });
    expect(admission.counters()).toMatchObject({ ended: 1 });
  });

  test('has nobody ended on who waited as told, and reads them, among others who do not', () => {
    const { admission, clock } = scene();
    const connection = {};
    for (let login = 0; login < 200; login += 1) {
      clock.now += 10;
      told(admission, connection, null);
    }
    // 3 s after the first.
    clock.now = 3_010;
    const waited = admission.arrive(operation('Login'), { ...peer(null, connection), isShared: true });
    expect(waited?.refusal).toBeNull();
    expect(waited?.mannerOf(OVERLOADED).ends).toBe(false);
    expect(told(admission, connection, null)?.ends).toBe(true);
  });
});
