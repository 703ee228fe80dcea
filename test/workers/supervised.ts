import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { startCli } from '../cli/spawned-cli.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';

/** A line of the log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** `authflow serve` with several workers, in a folder of its own. */
export interface Supervised {
  readonly folder: string;
  readonly supervisor: ChildProcessWithoutNullStreams;
  readonly httpAddress: string;
  readonly grpcAddress: string;
  /** The key of the organization Acme. */
  readonly apiKey: string;
  readonly log: () => readonly LogLine[];
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The process of each worker that started last, by its number. */
  readonly workers: () => ReadonlyMap<number, number>;
  /** Waits for so many lines of an event. */
  logged(event: string, count?: number): Promise<void>;
  /** Waits for the end: the exit code. */
  ended(): Promise<number | null>;
}

export const SETTINGS = {
  AUTHFLOW_HTTP_PORT: '0',
  AUTHFLOW_GRPC_PORT: '0',
  AUTHFLOW_WORKERS: '2',
  AUTHFLOW_API_KEY_CLAIM: 'id',
  AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN,
  AUTHFLOW_LOG_LEVEL: 'debug',
};

/** Starts it; fulfilled when it has greeted. The processes are killed when the test ends. */
export async function startSupervised(env: Readonly<Record<string, string>> = {}): Promise<Supervised> {
  const folder = temporaryFolder();
  const supervisor = startCli(['serve', '--org', 'Acme'], { folder, env: { ...SETTINGS, ...env } });
  const closed = once(supervisor, 'close');
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    supervisor[name].setEncoding('utf8').on('data', (chunk) => {
      output[name] += chunk;
    });
  }
  const log = () =>
    output.stderr
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line): LogLine => JSON.parse(line));
  const workers = () =>
    new Map(
      log()
        .filter(({ event }) => event === 'worker_started')
        .map((line) => [Number(line.worker), Number(line.worker_pid)]),
    );
  onTestFinished(async () => {
    supervisor.kill('SIGCONT');
    supervisor.kill('SIGKILL');
    for (const pid of workers().values()) {
      killIfThere(pid);
    }
    await closed;
  });
  await expect.poll(() => /^Next: /m.test(output.stdout) || supervisor.exitCode !== null).toBe(true);
  expect(output.stderr).not.toMatch(/^authflow: /m);
  return {
    folder,
    supervisor,
    httpAddress: /https?:\/\/127\.0\.0\.1:\d+/.exec(output.stdout)?.[0] ?? '',
    grpcAddress: /gRPC +(\S+)/.exec(output.stdout)?.[1] ?? '',
    apiKey: /\baf_[A-Za-z0-9_-]{43}/.exec(output.stdout)?.[0] ?? '',
    log,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    workers,
    async logged(event, count = 1) {
      await expect.poll(() => log().filter((line) => line.event === event).length).toBeGreaterThanOrEqual(count);
    },
    async ended() {
      const [code] = await closed;
      return code;
    },
  };
}

/** Waits until a process that this one did not start is no more. */
export async function gone(pid: number): Promise<void> {
  await expect.poll(() => isThere(pid)).toBe(false);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie, whose parent has not asked for it yet, is no process any more.
    return existsSync('/proc/self/exe') ? existsSync(`/proc/${pid}/exe`) : true;
  } catch {
    return false;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** What the HTTP port answered. */
export interface Answer {
  readonly outcome: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** A caller with one kept connection, which stays with one worker. */
export class Caller {
  readonly #address: string;
  readonly #apiKey: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor({ httpAddress, apiKey }: Pick<Supervised, 'httpAddress' | 'apiKey'>) {
    this.#address = httpAddress;
    this.#apiKey = apiKey;
    onTestFinished(() => this.#agent.destroy());
  }

  /** `outcome` is OK, the reason of an error, or how the connection failed. */
  async send(path: string, body?: Readonly<Record<string, string>>, headers: Record<string, string> = {}) {
    const asked = request(`${this.#address}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      agent: this.#agent,
      headers: { 'content-type': 'application/json', ...headers },
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    try {
      const [response] = await once(asked, 'response');
      const replied = await text(response);
      const fields = path.startsWith('/auth') || path.startsWith('/organizations') ? JSON.parse(replied) : {};
      const outcome = response.statusCode < 300 ? 'OK' : String(fields.error ?? fields.code ?? response.statusCode);
      return { outcome, fields, text: replied } satisfies Answer;
    } catch (error) {
      const { code = 'FAILED' } = error as NodeJS.ErrnoException;
      return { outcome: code, fields: {}, text: '' } satisfies Answer;
    }
  }

  call(name: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send(`/auth/${name}`, { api_key: this.#apiKey, ...fields });
  }

  async nonce(email: string): Promise<string> {
    return String((await this.call('fooBar', { identity: email })).fields.token);
  }

  async login(email: string, password: string): Promise<Answer> {
    return this.call('login', { foobar: await this.nonce(email), email, password });
  }

  async signUp(email: string, password: string): Promise<Answer> {
    const foobar = await this.nonce(email);
    return this.call('signUp', { foobar, email, password, fullname: 'Ada', disclaimed: 'true' });
  }
}

/** Two callers of whom each has a worker of its own. */
export async function callerOfEach(server: Supervised): Promise<readonly [Caller, Caller]> {
  const callers = [new Caller(server), new Caller(server)] as const;
  const before = callsIn(server).length;
  await Promise.all(callers.map((caller) => caller.nonce('who-serves@example.com')));
  await expect.poll(() => callsIn(server).length).toBe(before + 2);
  const [one, other] = callsIn(server).slice(before);
  expect(one?.worker).not.toBe(other?.worker);
  return callers;
}

function callsIn(server: Supervised): readonly LogLine[] {
  return server.log().filter(({ event, worker }) => event === 'call' && worker !== undefined);
}

/** A number of the page of metrics; 0 where it is not there. */
export function metric(page: string, name: string): number {
  const lines = page.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
