import { expect, onTestFinished, test } from 'vitest';
import { openCore } from '../../src/app/core.ts';
import { diagnose } from '../../src/app/doctor.ts';
import { rotateSecret } from '../../src/app/secret-rotation.ts';
import { readSettings } from '../../src/config/settings.ts';
import { SealedBox, secretIdOf } from '../../src/crypto/sealed-box.ts';
import { factorPlace } from '../../src/crypto/totp-secrets.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import type { TestStore } from '../support/stores.ts';
import { codeMailedTo, type FactorScene, factorScene, Person, served } from './authenticator.ts';

const EMAIL = 'ada@example.com';
const [OLD, NEW] = ['o'.repeat(32), 'n'.repeat(32)] as const;
const BOTH = { AUTHFLOW_SECRET: NEW, AUTHFLOW_SECRET_PREVIOUS: OLD };
const ALONE = { AUTHFLOW_SECRET: NEW, AUTHFLOW_SECRET_PREVIOUS: '' };
const idOf = (secret: string) => new SealedBox(Buffer.from(secret)).secretId;

function settingsOf({ environment }: TestStore, given: Readonly<Record<string, string>>) {
  const withoutEmpty = Object.entries({ ...environment, ...given }).filter(([, value]) => value !== '');
  return readSettings({ ...Object.fromEntries(withoutEmpty), AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN });
}

function rotate({ store }: FactorScene, { compromised = false } = {}) {
  return rotateSecret(settingsOf(store, BOTH), { compromised, pause: async () => undefined });
}

async function told({ store }: FactorScene, given: Readonly<Record<string, string>>) {
  return (await diagnose(settingsOf(store, given))).find(({ check }) => check === 'sealed second factors');
}

/** The secrets under which factors are sealed, confirmed or not. */
async function sealedUnder({ store }: FactorScene): Promise<ReadonlySet<string>> {
  const rows = await store.query<{ secret: Uint8Array }>(
    `SELECT sealed_secret AS secret FROM second_factors WHERE sealed_secret IS NOT NULL
     UNION ALL SELECT pending_secret FROM second_factors WHERE pending_secret IS NOT NULL`,
  );
  return new Set(rows.map(({ secret }) => secretIdOf(secret)));
}

/** A user with a factor, and one who sets one up, under the old secret. */
async function scene() {
  const before = await factorScene({ environment: { AUTHFLOW_SECRET: OLD } });
  const ada = await new Person(before, EMAIL).signUp();
  await ada.proveAddress();
  await ada.enrol();
  const bob = await new Person(before, 'bob@example.com').signUp();
  await bob.login();
  bob.secret = (await bob.own('2fa/enable')).field('secret');
  return { before, ada, bob };
}

test.each([{ compromised: false }, { compromised: true }])(
  'K2: codes go on after the secret is rotated (compromised: $compromised), and no box is left under the old one',
  async ({ compromised }) => {
    const { before, ada, bob } = await scene();
    expect(await sealedUnder(before)).toEqual(new Set([idOf(OLD)]));
    expect(await told(before, {})).toMatchObject({ ok: true, detail: 'all 2 open' });
    const report = await rotate(before, { compromised });
    expect(report.resealed).toMatchObject({ secondFactors: 2 });
    expect(await sealedUnder(before)).toEqual(new Set([idOf(NEW)]));
    expect(await told(before, ALONE)).toMatchObject({ ok: true, detail: 'all 2 open' });
    const after = await served(before, ALONE);
    const [adaNow, bobNow] = [ada.at(after), bob.at(after)];
    expect((await adaNow.loginWithCode()).outcome).toBe('OK');
    const recovery = { challenge: await adaNow.challenge(), recovery_code: ada.recoveryCodes[0] };
    expect((await adaNow.call('2fa/verify-recovery', recovery)).outcome).toBe('OK');
    // A compromised secret signed the session, too.
    await (compromised ? bobNow.login() : undefined);
    expect((await bobNow.own('2fa/verify-setup', { code: bobNow.code() })).outcome).toBe('OK');
    expect((await bobNow.loginWithCode()).outcome).toBe('OK');
    expect(await sealedUnder(after)).toEqual(new Set([idOf(NEW)]));
  },
);

test('K2: challenges of before outlive a rotation, but not one of a compromised secret', async () => {
  const { before, ada } = await scene();
  const during = await served(before, BOTH);
  const here = ada.at(during);
  const challenge = await here.challenge();
  const since = during.mails.mails.length;
  expect((await here.call('2fa/backup/email', { challenge })).outcome).toBe('OK');
  const code = await codeMailedTo(during, EMAIL, since);
  await rotate(during);
  const both = await served(during, BOTH);
  expect((await here.at(both).call('2fa/verify-email-otp', { challenge, code })).outcome).toBe('OK');
  const last = await here.at(both).challenge();
  await rotate(both, { compromised: true });
  const after = await served(both, BOTH);
  const there = here.at(after);
  expect((await there.call('2fa/verify-2fa', { challenge: last, code: there.code() })).outcome).toBe(
    'CHALLENGE_INVALID',
  );
  expect((await there.loginWithCode()).outcome).toBe('OK');
});

test('K2: a factor that is stuck under an old secret is told by doctor, locks out nobody else, and is sealed anew by another run', async () => {
  const { before, ada, bob } = await scene();
  const eve = await new Person(before, 'eve@example.com').signUp();
  await eve.enrol();
  await rotate(before);
  const core = await openCore(settingsOf(before.store, BOTH), { makeStore: false });
  const old = new SealedBox(Buffer.from(OLD), Buffer.from(NEW));
  for (const factor of await core.ports.storage.listSealedFactors(null, 10)) {
    const under = (sealed: Uint8Array | null) =>
      sealed && old.seal(factorPlace(factor), old.open(factorPlace(factor), sealed));
    if (factor.userId !== eve.userId) {
      const to = { sealedSecret: under(factor.sealedSecret), pendingSecret: under(factor.pendingSecret) };
      expect(await core.ports.storage.resealFactor(factor, to)).toBe(true);
    }
  }
  await core.close();
  for (const given of [BOTH, ALONE]) {
    expect(await told(before, given)).toMatchObject({
      ok: false,
      detail: `2 of 3 are sealed under another secret (${idOf(OLD)}): authflow secret rotate, with both`,
    });
  }
  const alone = await served(before, ALONE);
  const stuck = ada.at(alone);
  const challenge = await stuck.challenge();
  expect((await stuck.call('2fa/verify-2fa', { challenge, code: stuck.code() })).outcome).toBe('UNAVAILABLE');
  const recovery = { challenge, recovery_code: ada.recoveryCodes[0] };
  expect((await stuck.call('2fa/verify-recovery', recovery)).outcome).toBe('OK');
  expect((await eve.at(alone).loginWithCode()).outcome).toBe('OK');
  expect(await rotate(before)).toMatchObject({ previousSecretId: null, resealed: { secondFactors: 2 } });
  expect(await told(before, ALONE)).toMatchObject({ ok: true, detail: 'all 3 open' });
  const there = await served(alone, ALONE);
  expect((await ada.at(there).loginWithCode()).outcome).toBe('OK');
  expect((await bob.at(there).own('2fa/verify-setup', { code: bob.at(there).code() })).outcome).toBe('OK');
});

test('K2: a damaged box is told as one that does not open', async () => {
  const { before, ada } = await scene();
  await before.store.query(
    `UPDATE second_factors SET sealed_secret = (SELECT pending_secret FROM second_factors WHERE pending_secret IS NOT NULL)
     WHERE user_id = '${ada.userId}'`,
  );
  expect(await told(before, {})).toMatchObject({ ok: false, detail: expect.stringContaining('1 of 2 do not open') });
});

test('K2: a process that missed a whole rotation seals anew the secret that it keeps, and the one that it confirms', async () => {
  const { before } = await scene();
  const during = await served(before, BOTH);
  const carol = await new Person(during, 'carol@example.com').signUp();
  await carol.login();
  // Nothing lets it follow the store: it is as if it was frozen.
  const core = await openCore(settingsOf(during.store, BOTH), { makeStore: false });
  onTestFinished(() => core.close());
  const { storage, totpSecrets } = core.ports;
  const user = await storage.findUserCredentials(during.orgId, carol.userId);
  const [session] = await storage.listLiveSessions(during.orgId, carol.userId, during.now());
  const [key] = (await storage.listSigningKeys()).filter(({ retiredAt }) => retiredAt === null);
  if (user === null || session === undefined || key === undefined) {
    throw new Error('There is no such session.');
  }
  await rotate(during);
  const made = await totpSecrets.create(user, { organization: 'Acme', email: user.email });
  expect(secretIdOf(made.sealedSecret)).toBe(idOf(OLD));
  const { orgId, userId, email } = user;
  const own = { tenant: { orgId, keyId: null }, userId, email, sessionId: session.sessionId, kid: key.kid };
  const at = during.now();
  const proven = { ...own, credentialVersion: 1, isProven: true, code: null, at };
  const pending = { sealedSecret: made.sealedSecret, until: at + 600_000 };
  expect(await storage.putPendingSecret({ by: 'session', session: proven }, pending)).toEqual({ outcome: 'pending' });
  expect(await sealedUnder(during)).toEqual(new Set([idOf(NEW)]));
});
