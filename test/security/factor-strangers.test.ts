import { expect, test } from 'vitest';
import { createApiKey } from '../support/asked.ts';
import { codeMailedTo, type FactorScene, factorScene, Person, setUp } from './authenticator.ts';
import { Backend, send } from './backend.ts';

const EMAIL = 'ada@example.com';
/** Wrong codes of one class of callers in a row. */
const MOST_OF_STRANGERS = 20;
const BETWEEN_MAILS_MS = 61_000;

/** A backend with a key of its own, beside a stranger who read the token key in a session token. */
async function withStranger(): Promise<{ scene: FactorScene; ada: Person; stranger: Person }> {
  const scene = await factorScene();
  await setUp(scene, { login_by_email: true });
  const { server, orgId } = scene;
  const { apiKey } = await createApiKey(server.ports, { orgId, label: 'backend', inTokens: false });
  const ada = await new Person(scene, EMAIL, new Backend(server.httpAddress, apiKey)).signUp();
  return { scene, ada, stranger: new Person(scene, EMAIL) };
}

/** The second step as docs/second-factors.md shows it: the challenge names the organization, and no key is sent. */
function withoutKey({ server }: FactorScene, name: string, fields: object) {
  return send(server.httpAddress, `/auth/2fa/${name}`, { body: fields });
}

/** Asks for a login code; waits for its mail. */
async function askForCode(scene: FactorScene, person: Person): Promise<{ challenge: string; code: string }> {
  scene.pass(BETWEEN_MAILS_MS);
  const since = scene.mails.mails.length;
  const asked = await person.call('login-code', { email: EMAIL });
  expect(asked.outcome).toBe('OK');
  return { challenge: asked.field('challenge'), code: await codeMailedTo(scene, EMAIL, since) };
}

test('A1: a stranger who tries login codes locks out no backend that asked with its own key, though it sends none with the code', async () => {
  const { scene, ada, stranger } = await withStranger();
  for (let tried = 0; tried < MOST_OF_STRANGERS; tried += 5) {
    const { challenge, code } = await askForCode(scene, stranger);
    const wrong = { challenge, code: code === '000000' ? '000001' : '000000' };
    for (let n = 0; n < 5; n += 1) {
      expect((await withoutKey(scene, 'verify-email-otp', wrong)).outcome).toBe('CODE_INVALID');
    }
  }
  // What the stranger asks for opens nothing any more, whoever brings it.
  scene.pass(60 * BETWEEN_MAILS_MS);
  const locked = await askForCode(scene, stranger);
  expect((await ada.call('2fa/verify-email-otp', locked)).outcome).toBe('CODE_INVALID');
  expect((await withoutKey(scene, 'verify-email-otp', await askForCode(scene, ada))).outcome).toBe('OK');
});

test('A1: who knows a password takes no mailed code from a backend that logged in with its own key, though it sends none for the mail', async () => {
  const { scene, ada, stranger } = await withStranger();
  await ada.proveAddress();
  await ada.enrol();
  expect((await withoutKey(scene, 'backup/email', { challenge: await stranger.challenge() })).outcome).toBe('OK');
  await codeMailedTo(scene, EMAIL, 0);

  const since = scene.mails.mails.length;
  const challenge = await ada.challenge();
  expect((await withoutKey(scene, 'backup/email', { challenge })).outcome).toBe('OK');
  const code = await codeMailedTo(scene, EMAIL, since);
  expect((await withoutKey(scene, 'verify-email-otp', { challenge, code })).outcome).toBe('OK');
});

test('A1: who knows a password pushes out no challenge of a backend that logged in with its own key', async () => {
  const { scene, ada, stranger } = await withStranger();
  await ada.enrol();
  const challenge = await ada.challenge();
  for (let n = 0; n < 12; n += 1) {
    await stranger.challenge();
  }
  expect((await withoutKey(scene, 'verify-2fa', { challenge, code: ada.code() })).outcome).toBe('OK');
});
