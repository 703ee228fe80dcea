import { expect, onTestFinished, vi } from 'vitest';
import { totp } from '../../clients/typescript/test/support/totp.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { ON_POSTGRES, storeOfTest, type TestStore } from '../support/stores.ts';
import { Backend, type Call, PASSWORD, type Reply, send } from './backend.ts';

/** How long a code of an authenticator app is good by itself. */
export const STEP_MS = 30_000;

/** Longer than the budget of mails holds one of a kind back. */
const BETWEEN_MAILS_MS = 61_000;

/** A whole server with a mail server beside it, and a clock that a test puts forward. */
export interface FactorScene {
  readonly store: TestStore;
  readonly server: TestServer;
  readonly mails: MailServer;
  readonly orgId: string;
  readonly backend: Backend;
  now(): number;
  /** Puts the server's clock forward. */
  pass(ms: number): void;
}

interface SceneOptions {
  /** Nobody sends them, and an operator reads them. */
  readonly keepsMails?: boolean;
  /** Settings beside those of the store. */
  readonly environment?: Readonly<Record<string, string>>;
}

export async function factorScene({ keepsMails = false, environment = {} }: SceneOptions = {}): Promise<FactorScene> {
  const mails = await startMailServer();
  const made = await storeOfTest();
  const sending = {
    AUTHFLOW_SMTP_URL: `smtp://127.0.0.1:${mails.port}`,
    AUTHFLOW_MAIL_FROM: 'no-reply@auth.example.com',
  };
  const given = { ...made.environment, AUTHFLOW_LIMIT_MAIL: 'off', ...(keepsMails ? {} : sending), ...environment };
  const store: TestStore = { ...made, environment: given };
  const server = await startTestServer({ testStore: store });
  onTestFinished(() => server.stop());
  return sceneWith({ store, server, mails }, await server.createOrganization(), 0);
}

/** The same where another server serves, with other settings, those that are '' left out; the one before is stopped, and the clock shows its time. */
export async function served(
  { store, server, mails, orgId, backend, now }: FactorScene,
  environment: Readonly<Record<string, string>>,
): Promise<FactorScene> {
  await server.stop();
  const settings = Object.entries({ ...store.environment, ...environment }).filter(([, value]) => value !== '');
  const given: TestStore = { ...store, environment: Object.fromEntries(settings) };
  const next = await startTestServer({ testStore: given });
  onTestFinished(() => next.stop());
  const ahead = now() - next.ports.clock.now();
  return sceneWith({ store: given, server: next, mails }, { orgId, apiKey: backend.apiKey }, Math.max(0, ahead));
}

function sceneWith(
  { store, server, mails }: Pick<FactorScene, 'store' | 'server' | 'mails'>,
  { orgId, apiKey }: { readonly orgId: string; readonly apiKey: string },
  aheadMs: number,
): FactorScene {
  const { clock } = server.ports;
  const machine = clock.now.bind(clock);
  let offset = aheadMs;
  const now = () => machine() + offset;
  const spy = vi.spyOn(clock, 'now').mockImplementation(now);
  onTestFinished(() => spy.mockRestore());
  return {
    ...{ store, server, mails, orgId, now, backend: new Backend(server.httpAddress, apiKey) },
    pass(ms) {
      offset += ms;
    },
  };
}

/** Changes settings of an organization. */
export async function setUp({ server, orgId }: FactorScene, settings: object, of = orgId): Promise<void> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const options = { method: 'PATCH', headers, body: settings };
  expect((await send(server.httpAddress, `/organizations/${of}`, options)).outcome).toBe('OK');
}

/** What a user's administrator asks for. */
export function administer({ server, orgId }: FactorScene, userId: string, what: string, body = {}): Promise<Reply> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  return send(server.httpAddress, `/organizations/${orgId}/users/${userId}/${what}`, { headers, body });
}

/** What a mail to an address holds that looks so, the latest since so many mails; waits for it. */
async function mailedTo({ mails, store }: FactorScene, email: string, since: number, form: RegExp): Promise<string> {
  const found = () =>
    mails.mails
      .slice(since)
      .flatMap(({ to, parsed }) => (to[0] === email ? [form.exec(parsed.text ?? '')?.[1] ?? ''] : []))
      .filter(Boolean);
  const waited = async () => {
    // They are due by the clock of the scene, which is ahead of the one that PostgreSQL shows to whoever sends.
    await (ON_POSTGRES ? store.query('UPDATE mails SET due_at = 0') : undefined);
    return found().length;
  };
  await expect.poll(waited, { timeout: 60_000, interval: 200 }).toBeGreaterThan(0);
  return found().at(-1) ?? '';
}

/** The six digits that were mailed to an address since so many mails. */
export function codeMailedTo(scene: FactorScene, email: string, since: number): Promise<string> {
  return mailedTo(scene, email, since, /^\s*(\d{6})\s*$/m);
}

/** A user with a phone. */
export class Person {
  readonly #scene: FactorScene;
  readonly email: string;
  readonly backend: Backend;
  password = PASSWORD;
  userId = '';
  /** Of the latest session. */
  sessionToken = '';
  secret = '';
  recoveryCodes: string[] = [];

  constructor(scene: FactorScene, email: string, backend = scene.backend) {
    this.#scene = scene;
    this.email = email;
    this.backend = backend;
  }

  /** The same where another server serves. */
  at(scene: FactorScene): Person {
    const { password, userId, sessionToken, secret, recoveryCodes } = this;
    return Object.assign(new Person(scene, this.email), { password, userId, sessionToken, secret, recoveryCodes });
  }

  call(name: Call, fields: Readonly<Record<string, unknown>> = {}): Promise<Reply> {
    return this.backend.call(name, fields);
  }

  /** With the latest session. */
  own(name: Call, fields: Readonly<Record<string, unknown>> = {}): Promise<Reply> {
    return this.call(name, { sessionToken: this.sessionToken, email: this.email, ...fields });
  }

  async signUp(): Promise<this> {
    const signedUp = await this.backend.signUp(this.email, this.password);
    expect(signedUp.outcome).toBe('OK');
    this.userId = signedUp.field('user_id');
    return this;
  }

  /** Proves the address by the token of a mail. */
  async proveAddress(orgId = this.#scene.orgId): Promise<this> {
    const { storage, mailTokens, clock } = this.#scene.server.ports;
    const user = await storage.findUserCredentials(orgId, this.userId);
    if (user === null) {
      throw new Error('There is no such user.');
    }
    const { token } = mailTokens.sign('verify_email', { ...user, newEmail: '' }, clock.now());
    expect((await this.call('verify-email', { token })).outcome).toBe('OK');
    return this;
  }

  /** By the password; the session is the latest where it was opened. */
  async login(): Promise<Reply> {
    const reply = await this.backend.login(this.email, this.password);
    this.#keep(reply);
    return reply;
  }

  /** Logs in as far as the challenge. */
  async challenge(): Promise<string> {
    const reply = await this.login();
    expect(reply.outcome).toBe('SECOND_FACTOR_REQUIRED');
    return reply.field('challenge');
  }

  /** Sets a factor up by a fresh session. */
  async enrol(): Promise<this> {
    expect((await this.login()).outcome).toBe('OK');
    const enabled = await this.own('2fa/enable');
    expect(enabled.outcome).toBe('OK');
    this.secret = enabled.field('secret');
    const confirmed = await this.own('2fa/verify-setup', { code: this.code() });
    expect(confirmed.outcome).toBe('OK');
    this.recoveryCodes = JSON.parse(confirmed.text).recovery_codes;
    return this;
  }

  /** Logs in with a code of the app. */
  async loginWithCode(): Promise<Reply> {
    const challenge = await this.challenge();
    const reply = await this.call('2fa/verify-2fa', { challenge, code: this.code() });
    this.#keep(reply);
    return reply;
  }

  /** A code that was never shown: time passes until the app shows the next. */
  code(): string {
    this.#scene.pass(STEP_MS);
    return codeAt(this.secret, this.#scene.now());
  }

  /** Lets a reset be mailed to the address and takes it. */
  async reset(newPassword: string): Promise<Reply> {
    this.#scene.pass(BETWEEN_MAILS_MS);
    const since = this.#scene.mails.mails.length;
    expect((await this.call('forgot-password', { email: this.email })).outcome).toBe('OK');
    const token = await mailedTo(this.#scene, this.email, since, /reset-password\?token=([\w-]+)/);
    const reply = await this.call('reset-password', { token, newPassword });
    if (reply.outcome === 'OK') {
      this.password = newPassword;
    }
    return reply;
  }

  #keep(reply: Reply): void {
    this.sessionToken = reply.field('token') || this.sessionToken;
  }
}

/** What an authenticator app shows at an instant. */
export const codeAt = totp;

/** A code that is none of those that are good now. */
export function wrongCode(secret: string, at: number): string {
  const good = [-STEP_MS, 0, STEP_MS].map((ms) => codeAt(secret, at + ms));
  return ['000000', '000001', '000002', '000003'].find((code) => !good.includes(code)) ?? '';
}
