import { describe, expect, test } from 'vitest';
import {
  administer,
  codeAt,
  codeMailedTo,
  type FactorScene,
  factorScene,
  Person,
  STEP_MS,
  setUp,
  wrongCode,
} from './authenticator.ts';
import { Backend, type Reply, SESSION_CALLS, SIX_CALLS, send } from './backend.ts';

const EMAIL = 'ada@example.com';
const NEW_PASSWORD = 'Another-Horse-8';

/** A user with a factor, who proved the address before. */
async function enrolled(scene: FactorScene, email = EMAIL): Promise<Person> {
  const person = await new Person(scene, email).signUp();
  await person.proveAddress();
  return person.enrol();
}

function methodsOf(reply: Reply): readonly string[] {
  return JSON.parse(reply.text).methods;
}

function expectNoSession(reply: Reply): void {
  expect(reply.outcome).not.toBe('OK');
  expect(reply.field('token')).toBe('');
}

describe('F1: a second factor cannot be gone round', () => {
  test('by the password, by a session of before, nor by what no code was given with', async () => {
    const scene = await factorScene();
    const ada = await new Person(scene, EMAIL).signUp();
    await ada.proveAddress();
    await ada.login();
    const before = ada.sessionToken;
    await ada.enrol();
    const login = await ada.login();
    expectNoSession(login);
    expect(login.outcome).toBe('SECOND_FACTOR_REQUIRED');
    expect(methodsOf(login)).toEqual(['totp', 'email', 'recovery']);
    for (const call of ['validate', 'renew-session', 'me'] as const) {
      const { outcome } = await ada.call(call, { sessionToken: before, email: EMAIL });
      expect({ call, outcome }).toEqual({ call, outcome: 'SESSION_REVOKED' });
    }
    const challenge = login.field('challenge');
    for (const [call, fields] of [
      ['2fa/verify-2fa', {}],
      ['2fa/verify-2fa', { code: wrongCode(ada.secret, scene.now()) }],
      ['2fa/verify-recovery', {}],
      ['2fa/verify-recovery', { recovery_code: '0000-0000-0000-0000' }],
      ['2fa/verify-email-otp', { code: '000000' }],
      ['2fa/verify-setup', { code: ada.code() }],
      ['2fa/enable', {}],
    ] as const) {
      expectNoSession(await ada.call(call, { challenge, ...fields }));
    }
  });

  test('by its challenge at any other call, nor by that of another user, organization or login', async () => {
    const scene = await factorScene();
    const ada = await enrolled(scene);
    const eve = await enrolled(scene, 'eve@example.com');
    const other = await scene.server.createOrganization();
    const elsewhere = new Backend(scene.server.httpAddress, other.apiKey);
    const challenge = await ada.challenge();
    for (const call of [...SIX_CALLS, ...SESSION_CALLS, 'change-email', 'deleteUser'] as const) {
      const asSession = { sessionToken: challenge, email: EMAIL, newPassword: NEW_PASSWORD, newEmail: 'a@b.example' };
      const { status } = await ada.call(call, { ...asSession, foobar: challenge, password: ada.password });
      expect({ call, isRefused: call === 'fooBar' || status >= 400 }).toEqual({ call, isRefused: true });
    }
    const reset = { token: challenge, newPassword: NEW_PASSWORD, currentPassword: ada.password };
    expect((await ada.call('reset-password', reset)).outcome).toBe('CHALLENGE_INVALID');
    expect((await ada.call('verify-email', { token: challenge })).outcome).toBe('TOKEN_INVALID');
    // Eve's code at Ada's challenge, and the other way round.
    expect((await ada.call('2fa/verify-2fa', { challenge, code: eve.code() })).outcome).toBe('CODE_INVALID');
    const hers = await eve.challenge();
    expect((await eve.call('2fa/verify-2fa', { challenge: hers, code: ada.code() })).outcome).toBe('CODE_INVALID');
    const recovery = { challenge: hers, recovery_code: ada.recoveryCodes[0] };
    expect((await eve.call('2fa/verify-recovery', recovery)).outcome).toBe('CODE_INVALID');
    // Another organization's key or id.
    const right = { challenge, code: ada.code() };
    expect((await elsewhere.call('2fa/verify-2fa', right)).outcome).toBe('CHALLENGE_INVALID');
    const named = await send(scene.server.httpAddress, '/auth/2fa/verify-2fa', {
      body: { ...right, org_id: other.orgId },
    });
    expect(named.outcome).toBe('CHALLENGE_INVALID');
    // A challenge that was made up of two.
    const forged = `${challenge.slice(0, 40)}${hers.slice(40)}`;
    expect((await ada.call('2fa/verify-2fa', { ...right, challenge: forged })).outcome).toBe('CHALLENGE_INVALID');
    expect((await ada.call('2fa/verify-2fa', right)).outcome).toBe('OK');
  });

  test('by the mailbox alone: a reset logs nobody in, and takes the mailbox out until the factor was proven', async () => {
    const scene = await factorScene();
    await setUp(scene, { login_by_email: true });
    const ada = await enrolled(scene);
    const reset = await ada.reset(NEW_PASSWORD);
    expect(reset.outcome).toBe('OK');
    expect(reset.field('token')).toBe('');
    const login = await ada.login();
    expectNoSession(login);
    expect(methodsOf(login)).toEqual(['totp', 'recovery']);
    const challenge = login.field('challenge');
    expect((await ada.call('2fa/backup/email', { challenge })).outcome).toBe('CHALLENGE_INVALID');
    expect((await ada.call('2fa/verify-email-otp', { challenge, code: '000000' })).outcome).toBe('CHALLENGE_INVALID');

    // A login by mail leads to the factor, too, and offers no second mail.
    const byMail = await loginByMail(scene, ada);
    expectNoSession(byMail);
    expect(byMail.outcome).toBe('SECOND_FACTOR_REQUIRED');
    expect(methodsOf(byMail)).toEqual(['totp', 'recovery']);
    const next = byMail.field('challenge');
    expect((await ada.call('2fa/backup/email', { challenge: next })).outcome).toBe('CHALLENGE_INVALID');
    const byMailAndCode = await ada.call('2fa/verify-2fa', { challenge: next, code: ada.code() });
    expect(byMailAndCode.outcome).toBe('OK');
    // Nobody has proven the password with it: whoever set that by a mail may be another, who reads the mails alone.
    expect(methodsOf(await ada.login())).toEqual(['totp', 'recovery']);
    const own = { sessionToken: byMailAndCode.field('token'), email: EMAIL, code: ada.code() };
    const replaced = await ada.call('2fa/recovery-codes', own);
    expect(replaced.outcome).toBe('OK');
    ada.recoveryCodes = JSON.parse(replaced.text).recovery_codes;
    const stillWithheld = await ada.login();
    expect(methodsOf(stillWithheld)).toEqual(['totp', 'recovery']);
    const proven = { challenge: stillWithheld.field('challenge'), code: ada.code() };
    expect((await ada.call('2fa/verify-2fa', proven)).outcome).toBe('OK');
    expect(methodsOf(await ada.login())).toEqual(['totp', 'email', 'recovery']);
    expect(methodsOf(await loginByMail(scene, ada))).toEqual(['totp', 'recovery']);

    // A recovery code takes it back in as well.
    expect((await ada.reset('Third-Horse-9')).outcome).toBe('OK');
    const withheld = await ada.login();
    expect(methodsOf(withheld)).toEqual(['totp', 'recovery']);
    const used = { challenge: withheld.field('challenge'), recovery_code: ada.recoveryCodes[0] };
    expect((await ada.call('2fa/verify-recovery', used)).outcome).toBe('OK');
    expect(methodsOf(await ada.login())).toEqual(['totp', 'email', 'recovery']);
  });

  test('by the code of a mail without the password, or of another challenge', async () => {
    const scene = await factorScene();
    const ada = await enrolled(scene);
    const [first, second] = [await ada.challenge(), await ada.challenge()];
    const since = scene.mails.mails.length;
    expect((await ada.call('2fa/backup/email', { challenge: first })).outcome).toBe('OK');
    const code = await codeMailedTo(scene, EMAIL, since);
    expect(code).toMatch(/^\d{6}$/);
    expect((await ada.call('2fa/verify-email-otp', { challenge: second, code })).outcome).toBe('CODE_INVALID');
    expect((await ada.call('2fa/verify-2fa', { challenge: first, code })).outcome).toBe('CODE_INVALID');
    expect((await ada.call('2fa/verify-email-otp', { challenge: first, code })).outcome).toBe('OK');
    expect((await ada.call('2fa/verify-email-otp', { challenge: first, code })).outcome).toBe('CHALLENGE_INVALID');
  });

  test('by what ends or changes the credentials: challenges of before are void', async () => {
    const scene = await factorScene();
    const ada = await enrolled(scene);
    await ada.loginWithCode();
    const changes: readonly (() => Promise<unknown>)[] = [
      async () => {
        const fields = { newPassword: NEW_PASSWORD, currentPassword: ada.password, code: ada.code() };
        expect((await ada.own('changePassword', fields)).outcome).toBe('OK');
        ada.password = NEW_PASSWORD;
      },
      async () => {
        const fields = { currentPassword: ada.password, code: ada.code() };
        const replaced = await ada.own('2fa/recovery-codes', fields);
        expect(replaced.outcome).toBe('OK');
        ada.recoveryCodes = JSON.parse(replaced.text).recovery_codes;
      },
      async () => {
        expect((await administer(scene, ada.userId, 'disable')).outcome).toBe('OK');
        expect((await administer(scene, ada.userId, 'enable')).outcome).toBe('OK');
      },
      () => administer(scene, ada.userId, 'reset-second-factor'),
    ];
    for (const change of changes) {
      const challenge = await ada.challenge();
      await change();
      const code = ada.code();
      expect((await ada.call('2fa/verify-2fa', { challenge, code })).outcome).toBe('CHALLENGE_INVALID');
    }
    expect((await ada.login()).outcome).toBe('OK');
  });

  test('by a code of a mail that the organization takes no more', async () => {
    const scene = await factorScene();
    await setUp(scene, { login_by_email: true });
    const bob = await new Person(scene, 'bob@example.com').signUp();
    const since = scene.mails.mails.length;
    const challenge = (await bob.call('login-code', { email: bob.email })).field('challenge');
    const code = await codeMailedTo(scene, bob.email, since);
    await setUp(scene, { login_by_email: false });
    expect((await bob.call('2fa/verify-email-otp', { challenge, code })).outcome).toBe('CHALLENGE_INVALID');
  });

  test('by a factor beside the code of a mail that the organization takes no more', async () => {
    const scene = await factorScene();
    await setUp(scene, { login_by_email: true });
    const ada = await enrolled(scene);
    const challenge = (await loginByMail(scene, ada)).field('challenge');
    await setUp(scene, { login_by_email: false });
    expect((await ada.call('2fa/verify-2fa', { challenge, code: ada.code() })).outcome).toBe('CHALLENGE_INVALID');
  });

  test('of an address that is to be proven by now', async () => {
    const scene = await factorScene();
    const ada = await (await new Person(scene, EMAIL).signUp()).enrol();
    const challenge = await ada.challenge();
    await setUp(scene, { require_verified_email: true });
    expect((await ada.call('2fa/verify-2fa', { challenge, code: ada.code() })).outcome).toBe('CHALLENGE_INVALID');
    expect((await ada.login()).outcome).toBe('EMAIL_NOT_VERIFIED');
  });

  test('by a code that a clock which was ahead let live for longer than ten minutes', async () => {
    const scene = await factorScene();
    await setUp(scene, { login_by_email: true });
    const { challengeTokens, ids } = scene.server.ports;
    const answered = async (ms: number) => {
      const of = { orgId: scene.orgId, challengeId: ids.uuidV7(scene.now()), expiresAt: scene.now() + ms };
      const challenge = challengeTokens.sign({ kind: 'login_code', ...of });
      return (await scene.backend.call('2fa/verify-email-otp', { challenge, code: '000000' })).outcome;
    };
    expect(await answered(10 * 60_000)).toBe('CODE_INVALID');
    expect(await answered(60 * 60_000)).toBe('CHALLENGE_INVALID');
  });

  test('by an organization that takes none any more: what is set up is demanded, and nothing new is', async () => {
    const scene = await factorScene();
    const ada = await enrolled(scene);
    const bob = await new Person(scene, 'bob@example.com').signUp();
    await setUp(scene, { second_factor: 'off' });
    expect((await ada.login()).outcome).toBe('SECOND_FACTOR_REQUIRED');
    expect((await bob.login()).outcome).toBe('OK');
    expect((await bob.own('2fa/enable')).outcome).toBe('SECOND_FACTOR_NOT_ENABLED');
  });

  test('where it is demanded: nobody without one has a session, and a proven address comes before the setup', async () => {
    const scene = await factorScene();
    const bob = await new Person(scene, 'bob@example.com').signUp();
    await bob.proveAddress();
    await setUp(scene, { second_factor: 'required' });
    const login = await bob.login();
    expectNoSession(login);
    expect(methodsOf(login)).toEqual(['email', 'setup']);
    const challenge = login.field('challenge');
    // Whoever has the password alone sets nothing up.
    expect((await bob.call('2fa/enable', { challenge })).outcome).toBe('CHALLENGE_INVALID');
    const since = scene.mails.mails.length;
    await bob.call('2fa/backup/email', { challenge });
    const code = await codeMailedTo(scene, bob.email, since);
    const proven = await bob.call('2fa/verify-email-otp', { challenge, code });
    expectNoSession(proven);
    expect(methodsOf(proven)).toEqual(['setup']);
    const next = proven.field('challenge');
    const enabled = await bob.call('2fa/enable', { challenge: next });
    bob.secret = enabled.field('secret');
    const wrong = { challenge: next, code: wrongCode(bob.secret, scene.now()) };
    expect((await bob.call('2fa/verify-setup', wrong)).outcome).toBe('CODE_INVALID');
    const confirmed = await bob.call('2fa/verify-setup', { challenge: next, code: bob.code() });
    expect(confirmed.outcome).toBe('OK');
    expect((await bob.backend.validate(bob.email, confirmed.field('token'))).outcome).toBe('OK');
    expect((await bob.login()).outcome).toBe('SECOND_FACTOR_REQUIRED');
  });

  test('a password that is to be changed comes after it, and changing it opens nothing without it', async () => {
    const scene = await factorScene();
    const ada = await enrolled(scene);
    const given = { newPassword: 'Given-Horse-10', must_change: true };
    expect((await administer(scene, ada.userId, 'password', given)).outcome).toBe('OK');
    ada.password = 'Given-Horse-10';
    const challenge = await ada.challenge();
    const reset = (token: string) =>
      ada.call('reset-password', { token, newPassword: NEW_PASSWORD, currentPassword: ada.password });
    expect((await reset(challenge)).outcome).toBe('CHALLENGE_INVALID');
    const answered = await ada.call('2fa/verify-2fa', { challenge, code: ada.code() });
    expectNoSession(answered);
    expect(answered.outcome).toBe('PASSWORD_CHANGE_REQUIRED');
    expect(methodsOf(answered)).toEqual(['change_password']);
    const changed = await reset(answered.field('challenge'));
    expect(changed.outcome).toBe('OK');
    expect(changed.field('token')).toBe('');
    ada.password = NEW_PASSWORD;
    expect((await ada.loginWithCode()).outcome).toBe('OK');
  });

  test('the victim of an account that a stranger made and set a factor up for gets in by the reset that first proves the address', async () => {
    const scene = await factorScene();
    const stranger = await (await new Person(scene, EMAIL).signUp()).enrol();
    const challenge = await stranger.challenge();
    const victim = new Person(scene, EMAIL);
    // Nor does a login by mail shut the victim out, which comes first.
    await setUp(scene, { login_by_email: true });
    expect((await loginByMail(scene, victim)).outcome).toBe('SECOND_FACTOR_REQUIRED');
    expect((await victim.reset(NEW_PASSWORD)).outcome).toBe('OK');
    expect((await victim.login()).outcome).toBe('OK');
    expect((await victim.backend.validate(EMAIL, victim.sessionToken)).outcome).toBe('OK');
    // The stranger keeps nothing.
    const code = stranger.code();
    expect((await stranger.call('2fa/verify-2fa', { challenge, code })).outcome).toBe('CHALLENGE_INVALID');
    expect((await stranger.own('validate')).outcome).toBe('SESSION_REVOKED');
    expect((await stranger.login()).outcome).toBe('CREDENTIALS_INVALID');
    await victim.enrol();
    const own = await victim.challenge();
    const foreign = { challenge: own, code: codeAt(stranger.secret, scene.now()) };
    expect((await victim.call('2fa/verify-2fa', foreign)).outcome).toBe('CODE_INVALID');
    const recovery = { challenge: own, recovery_code: stranger.recoveryCodes[0] };
    expect((await victim.call('2fa/verify-recovery', recovery)).outcome).toBe('CODE_INVALID');
    scene.pass(STEP_MS);
    expect((await victim.loginWithCode()).outcome).toBe('OK');
  });

  test('the victim who followed the link that proves the address before the reset gets in as well', async () => {
    const scene = await factorScene();
    const stranger = await (await new Person(scene, EMAIL).signUp()).enrol();
    const victim = Object.assign(new Person(scene, EMAIL), { userId: stranger.userId });
    await victim.proveAddress();
    expect((await victim.reset(NEW_PASSWORD)).outcome).toBe('OK');
    expect((await victim.login()).outcome).toBe('OK');
    expect((await stranger.login()).outcome).toBe('CREDENTIALS_INVALID');
  });

  test('a factor that was set up before the address was proven is the user’s own once both were proven together', async () => {
    const scene = await factorScene();
    const user = await (await new Person(scene, EMAIL).signUp()).enrol();
    await setUp(scene, { login_by_email: true });
    const asked = await loginByMail(scene, user);
    expect(asked.outcome).toBe('SECOND_FACTOR_REQUIRED');
    const answer = { challenge: asked.field('challenge'), code: user.code() };
    expect((await user.call('2fa/verify-2fa', answer)).outcome).toBe('OK');
    expect((await user.reset(NEW_PASSWORD)).outcome).toBe('OK');
    expect((await user.login()).outcome).toBe('SECOND_FACTOR_REQUIRED');
  });

  test('whoever set the password by the mailbox has no second factor by it, though the owner set one up since', async () => {
    const scene = await factorScene();
    const user = await new Person(scene, EMAIL).signUp();
    await user.proveAddress();
    expect((await user.reset(NEW_PASSWORD)).outcome).toBe('OK');
    await user.enrol();
    expect(methodsOf(await user.login())).toEqual(['totp', 'recovery']);
    expect((await user.loginWithCode()).outcome).toBe('OK');
    expect(methodsOf(await user.login())).toEqual(['totp', 'email', 'recovery']);
  });

  test.each(['their owner', 'an administrator'])(
    'by the mailbox that set the password, where %s takes the factor off and another is set up',
    async (who) => {
      const scene = await factorScene();
      const user = await new Person(scene, EMAIL).signUp();
      await user.proveAddress();
      expect((await user.reset(NEW_PASSWORD)).outcome).toBe('OK');
      await user.enrol();
      const taken =
        who === 'an administrator'
          ? await administer(scene, user.userId, 'reset-second-factor')
          : await user.own('2fa/disable', { code: user.code() });
      expect(taken.outcome).toBe('OK');
      await user.enrol();
      expect(methodsOf(await user.login())).toEqual(['totp', 'recovery']);
    },
  );

  test('by the mailbox that logged in and set a password, before the owner set a factor up', async () => {
    const scene = await factorScene();
    const owner = await new Person(scene, EMAIL).signUp();
    await owner.proveAddress();
    await setUp(scene, { login_by_email: true });
    const session = await loginByMail(scene, owner);
    expect(session.outcome).toBe('OK');
    const given = { sessionToken: session.field('token'), newPassword: NEW_PASSWORD };
    expect((await owner.own('changePassword', given)).outcome).toBe('OK');

    await setUp(scene, { second_factor: 'required' });
    const challenge = (await loginByMail(scene, owner)).field('challenge');
    owner.secret = (await owner.call('2fa/enable', { challenge })).field('secret');
    expect((await owner.call('2fa/verify-setup', { challenge, code: owner.code() })).outcome).toBe('OK');

    owner.password = NEW_PASSWORD;
    const login = await owner.login();
    expect(methodsOf(login)).toEqual(['totp', 'recovery']);
    const sent = await owner.call('2fa/backup/email', { challenge: login.field('challenge') });
    expect(sent.outcome).toBe('CHALLENGE_INVALID');
  });
});

/** Asks for a code to be mailed, and gives it. */
async function loginByMail(scene: FactorScene, person: Person): Promise<Reply> {
  scene.pass(61_000);
  const since = scene.mails.mails.length;
  const asked = await person.call('login-code', { email: person.email });
  expect(asked.outcome).toBe('OK');
  const code = await codeMailedTo(scene, person.email, since);
  return person.call('2fa/verify-email-otp', { challenge: asked.field('challenge'), code });
}
