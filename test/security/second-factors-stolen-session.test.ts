import { expect, test } from 'vitest';
import { type FactorScene, factorScene, Person, wrongCode } from './authenticator.ts';
import { type Call, tally } from './backend.ts';

const EMAIL = 'ada@example.com';
const NEW_PASSWORD = 'Another-Horse-8';
/** Longer than a login is fresh. */
const STALE_MS = 15 * 60_000 + 1_000;

async function enrolled(scene: FactorScene): Promise<Person> {
  const person = await new Person(scene, EMAIL).signUp();
  await person.proveAddress();
  return person.enrol();
}

/** What a thief would do, with what each needs beside the session. */
const CHANGES: readonly (readonly [Call, Readonly<Record<string, string>>])[] = [
  ['2fa/disable', { code: '000000' }],
  ['2fa/recovery-codes', { code: '000000' }],
  ['change-email', { newEmail: 'thief@example.com' }],
  ['deleteUser', {}],
  ['changePassword', { newPassword: NEW_PASSWORD }],
];

/** All that a thief may have changed. */
async function stateOf({ server, orgId }: FactorScene, { userId }: Person) {
  const { storage } = server.ports;
  return {
    user: await storage.findUserCredentials(orgId, userId),
    factor: await storage.findSecondFactor(orgId, userId),
    codes: await storage.countRecoveryCodes(orgId, userId),
  };
}

test('F4: a session of more than 15 minutes, without password or code, enrols, disables, replaces, moves and deletes nothing', async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  await ada.loginWithCode();
  scene.pass(STALE_MS);
  // To renew it makes it no fresher.
  const renewed = await ada.own('renew-session');
  expect(renewed.outcome).toBe('OK');
  const before = await stateOf(scene, ada);
  for (const sessionToken of [ada.sessionToken, renewed.field('token')]) {
    for (const [call, fields] of CHANGES) {
      const { outcome } = await ada.own(call, { sessionToken, ...fields });
      expect({ call, outcome }).toEqual({ call, outcome: 'REAUTHENTICATION_REQUIRED' });
    }
  }
  expect(await stateOf(scene, ada)).toEqual(before);

  const bob = await new Person(scene, 'bob@example.com').signUp();
  await bob.login();
  scene.pass(STALE_MS);
  expect((await bob.own('2fa/enable')).outcome).toBe('REAUTHENTICATION_REQUIRED');
  expect((await bob.own('2fa/enable', { currentPassword: NEW_PASSWORD })).outcome).toBe('CREDENTIALS_INVALID');
  expect((await bob.own('change-email', { newEmail: 'thief@example.com' })).outcome).toBe('REAUTHENTICATION_REQUIRED');
  expect((await bob.own('deleteUser')).outcome).toBe('REAUTHENTICATION_REQUIRED');
  // A password that a session set without the one before proves nothing.
  expect((await bob.own('changePassword', { newPassword: NEW_PASSWORD })).outcome).toBe('OK');
  expect((await bob.own('2fa/enable', { currentPassword: NEW_PASSWORD })).outcome).toBe('REAUTHENTICATION_REQUIRED');
  bob.password = NEW_PASSWORD;
  expect((await bob.login()).outcome).toBe('OK');
  expect((await bob.own('2fa/enable')).outcome).toBe('REAUTHENTICATION_REQUIRED');
  expect((await stateOf(scene, bob)).factor).toMatchObject({ sealedSecret: null, pendingSecret: null });
});

test('F4: a fresh session, or the password with an old one, changes nothing of who has a factor without a code', async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  const wrong = { code: wrongCode(ada.secret, scene.now()) };
  await ada.loginWithCode();
  const before = await stateOf(scene, ada);
  const attempt = async (fields: Readonly<Record<string, string>>) => {
    for (const [call, own] of CHANGES.slice(2)) {
      const { outcome } = await ada.own(call, { ...own, ...fields });
      expect({ call, outcome }).toEqual({ call, outcome: 'REAUTHENTICATION_REQUIRED' });
    }
  };
  await attempt({});
  await attempt({ currentPassword: ada.password });
  scene.pass(STALE_MS);
  await attempt({ currentPassword: ada.password });
  for (const [call, own] of CHANGES) {
    const { outcome } = await ada.own(call, { ...own, ...wrong, currentPassword: ada.password });
    expect({ call, outcome }).toEqual({ call, outcome: 'CODE_INVALID' });
  }
  const after = await stateOf(scene, ada);
  expect(after.user).toEqual(before.user);
  expect(after.codes).toBe(before.codes);
  const right = { currentPassword: ada.password, code: ada.code() };
  expect((await ada.own('change-email', { newEmail: 'new@example.com', ...right })).outcome).toBe('OK');
});

test('F4: the wrong codes of a stolen session end it at ten, and do not lock its owner out', async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  await ada.loginWithCode();
  const stolen = ada.sessionToken;
  const code = wrongCode(ada.secret, scene.now());
  const outcomes: string[] = [];
  for (let tried = 0; tried < 14; tried += 1) {
    const call = tried % 2 === 0 ? '2fa/disable' : 'deleteUser';
    outcomes.push((await ada.own(call, { sessionToken: stolen, code })).outcome);
  }
  expect(tally(outcomes)).toEqual({ CODE_INVALID: 10, SESSION_REVOKED: 4 });
  expect((await ada.call('validate', { sessionToken: stolen, email: EMAIL })).outcome).toBe('SESSION_REVOKED');
  expect((await ada.loginWithCode()).outcome).toBe('OK');
  expect((await ada.own('2fa/disable', { code: ada.code() })).outcome).toBe('OK');
});

test('F4: of an owner who knows the password ten codes are wrong, not five', async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  await ada.loginWithCode();
  const wrong = { currentPassword: ada.password, code: wrongCode(ada.secret, scene.now()) };
  const outcomes: string[] = [];
  for (let tried = 0; tried < 11; tried += 1) {
    outcomes.push((await ada.own('deleteUser', wrong)).outcome);
  }
  expect(tally(outcomes)).toEqual({ CODE_INVALID: 10, SESSION_REVOKED: 1 });
});

test('F4: wrong passwords and wrong codes of a session are counted together', async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  await ada.loginWithCode();
  const code = wrongCode(ada.secret, scene.now());
  const outcomes: string[] = [];
  for (let tried = 0; tried < 6; tried += 1) {
    outcomes.push((await ada.own('deleteUser', { currentPassword: 'Wrong-Horse-1', code })).outcome);
    outcomes.push((await ada.own('deleteUser', { code })).outcome);
  }
  expect(tally(outcomes)).toEqual({ CREDENTIALS_INVALID: 5, CODE_INVALID: 5, SESSION_REVOKED: 2 });
  expect((await ada.loginWithCode()).outcome).toBe('OK');
});

test('F4: wrong codes of a setup by a stolen session end it, too', async () => {
  const scene = await factorScene();
  const bob = await new Person(scene, 'bob@example.com').signUp();
  await bob.login();
  const enabled = await bob.own('2fa/enable');
  const code = wrongCode(enabled.field('secret'), scene.now());
  const outcomes: string[] = [];
  for (let tried = 0; tried < 12; tried += 1) {
    outcomes.push((await bob.own('2fa/verify-setup', { code })).outcome);
  }
  expect(tally(outcomes)).toEqual({ CODE_INVALID: 10, SESSION_REVOKED: 2 });
  await bob.enrol();
  expect((await bob.loginWithCode()).outcome).toBe('OK');
});
