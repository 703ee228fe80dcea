import { describe, expect, test } from 'vitest';
import type { Ports } from '../../src/domain/ports.ts';
import {
  changePassword,
  closeOrganization,
  deleteUser,
  disableUser,
  logout,
  revokeApiKey,
  validate,
} from '../support/asked.ts';
import {
  ABANDONED,
  CALL,
  leftAfterHashing,
  outcomeOf,
  overloaded,
  PASSWORD,
  rulesStand,
  whileHashing,
} from './rules.ts';

const stand = rulesStand();
const NEW_PASSWORD = 'Difference-1822';

/** A user with a session, and all that a change needs. */
async function scene() {
  const user = await stand.newUser();
  const session = await stand.newSession(user);
  return { user, session, change: { ...session, newPassword: NEW_PASSWORD, currentPassword: '' } };
}

describe('a change of the password', () => {
  test('lets in the new one alone', async () => {
    const { user, change } = await scene();
    await changePassword(stand.ports, change, CALL);
    expect(await outcomeOf(stand.logIn(user))).toBe('CREDENTIALS_INVALID');
    expect(await outcomeOf(stand.logIn(user, NEW_PASSWORD))).toBe('OK');
  });

  test("ends the user's other live sessions, tells how many, and this one lives on", async () => {
    const { user, session, change } = await scene();
    const others = [await stand.newSession(user), await stand.newSession(user), await stand.newSession(user)];
    await logout(stand.ports, others[0] ?? session);
    const neighbour = await stand.newSession(await stand.newUser(user));
    expect(await changePassword(stand.ports, change, CALL)).toEqual({ endedSessions: 2 });
    for (const other of others) {
      expect(await outcomeOf(validate(stand.ports, other))).toBe('SESSION_REVOKED');
    }
    expect(await outcomeOf(validate(stand.ports, session))).toBe('OK');
    expect(await outcomeOf(validate(stand.ports, neighbour))).toBe('OK');
  });

  test('to the present password is accepted', async () => {
    const { user, change } = await scene();
    expect(await outcomeOf(changePassword(stand.ports, { ...change, newPassword: PASSWORD }, CALL))).toBe('OK');
    expect(await outcomeOf(stand.logIn(user))).toBe('OK');
  });

  test('costs one hash, and one more where the present password is given', async () => {
    const { change } = await scene();
    const cost = async (currentPassword: string) => {
      const before = stand.hashes;
      await changePassword(stand.ports, { ...change, currentPassword }, CALL);
      return stand.hashes - before;
    };
    expect([await cost(''), await cost(NEW_PASSWORD)]).toEqual([1, 2]);
  });

  test('twice in a row by one session goes well', async () => {
    const { user, change } = await scene();
    await changePassword(stand.ports, change, CALL);
    await changePassword(stand.ports, { ...change, newPassword: 'Engine-No-2' }, CALL);
    expect(await outcomeOf(stand.logIn(user, 'Engine-No-2'))).toBe('OK');
  });
});

describe('the present password, where it is given', () => {
  test('must be right', async () => {
    const { user, change } = await scene();
    for (const currentPassword of ['Analytical-1844', 'x', NEW_PASSWORD]) {
      expect(await outcomeOf(changePassword(stand.ports, { ...change, currentPassword }, CALL))).toBe(
        'CREDENTIALS_INVALID',
      );
    }
    expect(await outcomeOf(stand.logIn(user))).toBe('OK');
    expect(await outcomeOf(changePassword(stand.ports, { ...change, currentPassword: PASSWORD }, CALL))).toBe('OK');
  });

  test('must not overwrite a newer one that came in between; without it that is a fresh call', async () => {
    for (const [currentPassword, reason] of [
      [PASSWORD, 'CREDENTIALS_INVALID'],
      ['', 'OK'],
    ] as const) {
      const { user, change } = await scene();
      const first = { ...change, newPassword: 'Engine-No-2' };
      let isFirst = true;
      const ports = whileHashing(stand.ports, async () => {
        if (isFirst) {
          isFirst = false;
          await changePassword(stand.ports, first, CALL);
        }
      });
      // The other one comes after the credentials were read.
      expect(await outcomeOf(changePassword(ports, { ...change, currentPassword }, CALL))).toBe(reason);
      expect(await outcomeOf(stand.logIn(user, reason === 'OK' ? NEW_PASSWORD : 'Engine-No-2'))).toBe('OK');
    }
  });
});

describe('the order of checks', () => {
  test('every fault of the parameters, all at once', async () => {
    const input = { sessionToken: '', email: 'x', orgId: 'x', apiKey: '' };
    const passwords = { newPassword: '', currentPassword: 'é'.repeat(513) };
    expect(await outcomeOf(changePassword(stand.ports, { ...input, ...passwords }, CALL))).toBe(
      'INVALID_ARGUMENT sessionToken email org_id newPassword currentPassword',
    );
  });

  test('each next one is told where all before it are right', async () => {
    const { session, change } = await scene();
    let input = { ...change, newPassword: 'weak', apiKey: 'af_wrong', sessionToken: 'x', currentPassword: 'wrong' };
    for (const [reason, mended] of [
      ['PASSWORD_POLICY', { newPassword: NEW_PASSWORD }],
      ['API_KEY_INVALID', { apiKey: change.apiKey }],
      ['SESSION_INVALID', { sessionToken: session.sessionToken }],
      ['CREDENTIALS_INVALID', { currentPassword: PASSWORD }],
      ['OK', {}],
    ] as const) {
      expect(await outcomeOf(changePassword(stand.ports, input, CALL))).toBe(reason);
      input = { ...input, ...mended };
    }
  });

  test('a present password outside the policy is a wrong one, a new one PASSWORD_POLICY', async () => {
    const { change } = await scene();
    const outcome = (passwords: object) => outcomeOf(changePassword(stand.ports, { ...change, ...passwords }, CALL));
    expect(await outcome({ currentPassword: 'weak' })).toBe('CREDENTIALS_INVALID');
    expect(await outcome({ newPassword: 'weak', currentPassword: 'weak' })).toBe('PASSWORD_POLICY');
  });
});

describe('a session that is not live changes nothing', () => {
  test.each(['SESSION_EXPIRED', 'SESSION_REVOKED'])('%s', async (reason) => {
    const { user, session, change } = await scene();
    const later = { ...stand.ports, clock: { now: () => stand.now + stand.ports.rules.sessionTtlSeconds * 1000 } };
    if (reason === 'SESSION_REVOKED') {
      await logout(stand.ports, session);
    }
    const before = stand.hashes;
    const ports = reason === 'SESSION_EXPIRED' ? later : stand.ports;
    expect(await outcomeOf(changePassword(ports, change, CALL))).toBe(reason);
    expect(stand.hashes).toBe(before);
    expect(await outcomeOf(stand.logIn(user))).toBe('OK');
  });
});

describe('what ends while the new password is hashed', () => {
  type Scene = Awaited<ReturnType<typeof scene>>;
  const during = (change: Scene['change'], happens: (ports: Ports) => Promise<unknown>) =>
    outcomeOf(
      changePassword(
        whileHashing(stand.ports, () => happens(stand.ports)),
        change,
        CALL,
      ),
    );

  test.each<[string, (scene: Scene) => (ports: Ports) => Promise<unknown>]>([
    [
      'the session',
      ({ session }) =>
        (ports) =>
          logout(ports, session),
    ],
    [
      'by disabling',
      ({ user }) =>
        (ports) =>
          disableUser(ports, { orgId: user.orgId, user: user.userId }),
    ],
    [
      'by deleting',
      ({ user }) =>
        (ports) =>
          deleteUser(ports, { orgId: user.orgId, user: user.userId }),
    ],
  ])('%s: SESSION_REVOKED', async (_, happens) => {
    const made = await scene();
    expect(await during(made.change, happens(made))).toBe('SESSION_REVOKED');
  });

  test('the organization, told by what the caller names it', async () => {
    for (const [named, reason] of [
      ['apiKey', 'API_KEY_INVALID'],
      ['orgId', 'ORGANIZATION_NOT_FOUND'],
      ['nothing', 'SESSION_REVOKED'],
    ] as const) {
      const { user, change } = await scene();
      const input = {
        ...change,
        apiKey: named === 'apiKey' ? user.apiKey : '',
        orgId: named === 'orgId' ? user.orgId : '',
      };
      const close = (ports: Ports) => closeOrganization(ports, { orgId: user.orgId });
      expect(await during(input, close)).toBe(reason);
    }
  });

  test('the key: API_KEY_INVALID, and the old password stays', async () => {
    const { user, change } = await scene();
    const { keyId, apiKey } = await stand.newKey(user);
    const revocation = { orgId: user.orgId, keyId, endSessions: false };
    expect(await during({ ...change, apiKey }, (ports) => revokeApiKey(ports, revocation))).toBe('API_KEY_INVALID');
    expect(await outcomeOf(stand.logIn(user))).toBe('OK');
  });

  test('the time of the session: SESSION_EXPIRED', async () => {
    const { change } = await scene();
    let now = stand.now;
    const ports = { ...stand.ports, clock: { now: () => now } };
    const late = whileHashing(ports, async () => {
      now += stand.ports.rules.sessionTtlSeconds * 1000;
    });
    expect(await outcomeOf(changePassword(late, change, CALL))).toBe('SESSION_EXPIRED');
  });
});

test('without a place in the queue, or when nobody waits, nothing is changed', async () => {
  const { user, change } = await scene();
  expect(await outcomeOf(changePassword(overloaded(stand.ports), change, CALL))).toBe('OVERLOADED');
  expect(await outcomeOf(changePassword(stand.ports, change, ABANDONED))).toBe('DEADLINE_EXCEEDED');
  const left = leftAfterHashing(stand.ports);
  expect(await outcomeOf(changePassword(left.ports, change, left.call))).toBe('DEADLINE_EXCEEDED');
  expect(await outcomeOf(stand.logIn(user))).toBe('OK');
});
