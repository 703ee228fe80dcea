import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { freshPage } from '../support/fresh-page.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../support/running-server.ts';

/** A password that fits the policy. */
export const PASSWORD = 'Correct-Horse-7';

/** What the HTTP port answered. */
export interface Reply {
  readonly status: number;
  /** The reason of an error; 'OK' for a success. */
  readonly outcome: string;
  readonly text: string;
  /** A field of the body as text; '' when it is absent. */
  field(name: string): string;
}

/** The names of the six calls as `/auth` spells them. */
export type SixCall = 'fooBar' | 'signUp' | 'login' | 'validate' | 'changePassword' | 'logout';

/** Those of AccountService that tokens of mails belong to, and what needs more than a session. */
export type MailCall =
  | 'resend-verify-email'
  | 'verify-email'
  | 'forgot-password'
  | 'login-code'
  | 'reset-password'
  | 'change-email'
  | 'deleteUser';

/** Those of AccountService that a session opens. */
export type SessionCall = 'me' | 'update-profile' | 'renew-session' | 'sessions' | 'end-sessions';

/** Those of SecondFactorService. */
export type FactorCall =
  | '2fa/enable'
  | '2fa/verify-setup'
  | '2fa/disable'
  | '2fa/recovery-codes'
  | '2fa/verify-2fa'
  | '2fa/backup/email'
  | '2fa/verify-email-otp'
  | '2fa/verify-recovery';

export type Call = SixCall | SessionCall | MailCall | FactorCall;

export const SIX_CALLS: readonly SixCall[] = ['fooBar', 'signUp', 'login', 'validate', 'changePassword', 'logout'];

export const SESSION_CALLS: readonly SessionCall[] = [
  'me',
  'update-profile',
  'renew-session',
  'sessions',
  'end-sessions',
];

/** One request to the HTTP port; a body that is no string is sent as JSON. */
export async function send(
  address: string,
  path: string,
  {
    method = 'POST',
    body,
    headers = {},
  }: { method?: string; body?: unknown; headers?: Readonly<Record<string, string>> } = {},
): Promise<Reply> {
  const response = await fetch(`${address}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = readObject(text);
  return {
    status: response.status,
    outcome: response.ok ? 'OK' : String(json.error ?? json.code ?? response.status),
    text,
    field: (name) => String(json[name] ?? ''),
  };
}

/** Asks until it is no more OVERLOADED, which a busy machine makes of any test: what is refused so was not done. */
export async function patiently(ask: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    const reply = await ask();
    if (reply.outcome !== 'OVERLOADED') {
      return reply;
    }
    await setTimeout(50);
  }
}

/** A backend that holds a key and speaks to one server; another server of the same store may be named per call. */
export class Backend {
  readonly #address: string;
  readonly apiKey: string;

  constructor(address: string, apiKey: string) {
    this.#address = address;
    this.apiKey = apiKey;
  }

  call(name: Call, fields: Readonly<Record<string, unknown>>): Promise<Reply> {
    return send(this.#address, `/auth/${name}`, { body: { api_key: this.apiKey, ...fields } });
  }

  async nonce(email: string): Promise<string> {
    return (await patiently(() => this.call('fooBar', { identity: email }))).field('token');
  }

  async signUp(email: string, password = PASSWORD): Promise<Reply> {
    const foobar = await this.nonce(email);
    return this.call('signUp', { foobar, email, password, fullname: 'Ada Lovelace', disclaimed: 'true' });
  }

  async login(email: string, password = PASSWORD): Promise<Reply> {
    return this.call('login', { foobar: await this.nonce(email), email, password });
  }

  validate(email: string, sessionToken: string): Promise<Reply> {
    return this.call('validate', { email, sessionToken });
  }

  logout(email: string, sessionToken: string): Promise<Reply> {
    return this.call('logout', { email, sessionToken });
  }

  changePassword(email: string, sessionToken: string, newPassword: string): Promise<Reply> {
    return this.call('changePassword', { email, sessionToken, newPassword });
  }
}

/** A whole server that ends with the test. */
export async function serverOfTest(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startTestServer(options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** How often each value occurs. */
export function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) {
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}

/** Runs `work` for 0 … count-1, `width` at once, and gives the results in order. */
export async function inParallel<T>(count: number, width: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  async function lane(): Promise<void> {
    for (let index = next++; index < count; index = next++) {
      results[index] = await work(index);
    }
  }
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

/** Hashes computed by a server so far, as its metrics count them. */
export async function hashesOf(address: string): Promise<number> {
  const page = async () => (await send(address, '/metrics', { method: 'GET' })).text;
  const line = /^authflow_password_hashes_total (\d+)$/m.exec(await freshPage(page));
  if (line === null) {
    throw new Error('The metrics do not count hashes.');
  }
  return Number(line[1]);
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
