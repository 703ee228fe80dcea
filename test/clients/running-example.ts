import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import { ROOT, readmeBlocks } from '../support/readme-blocks.ts';
import { pass } from './beside-servers.ts';
import { RUST_BUILD } from './rust-build.ts';

/** What one of the backends under `examples/` answered. */
export interface Reply {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  /** What it set, as a browser sends it back; '' where it set none. */
  readonly cookie: string;
}

/** Sends a request to a running example, with the token and cookie where they are given. */
export type Ask = (
  method: 'GET' | 'POST',
  path: string,
  sent?: { readonly body?: object; readonly token?: string; readonly cookie?: string },
) => Promise<Reply>;

/** How long an example may take to say that it listens. */
const READY_MS = 120_000;

/** Builds and starts an example by the commands of its README; it ends with the test. Its last command is the one that starts it. */
export async function startExample(language: string, env: Readonly<Record<string, string>>): Promise<Ask> {
  const folder = `examples/${language}`;
  const commands = readmeBlocks(`${folder}/README.md`).filter((block) => block.language === 'sh');
  const lines = commands.flatMap(({ text }) => text.split('\n'));
  const start = lines.pop() ?? '';
  await pass({ folder, command: 'bash', args: ['-ec', lines.join('\n')], env: { ...RUST_BUILD, ...env } });
  const port = await freePort();
  const child = spawn('bash', ['-c', `exec ${start}`], {
    cwd: `${ROOT}${folder}`,
    env: { ...process.env, ...RUST_BUILD, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what starts it may be a tool that starts another.
    detached: true,
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    if (child.pid !== undefined && child.exitCode === null) {
      process.kill(-child.pid, 'SIGTERM');
      await ended;
    }
  });
  await listening(child);
  return async (method, path, { body, token, cookie } = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(cookie === undefined ? {} : { cookie }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const [set = ''] = response.headers.getSetCookie();
    return { status: response.status, json: text === '' ? {} : JSON.parse(text), cookie: set.replace(/;.*/s, '') };
  };
}

function listening(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const fail = (why: string): void => reject(new Error(`${why}: ${printed.slice(-10_000)}`));
    const timer = setTimeout(() => fail('It does not say that it listens'), READY_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        printed += chunk;
        if (/^listening on \d+$/m.test(printed)) {
          clearTimeout(timer);
          resolve();
        }
      });
    }
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`It ended with ${code}`));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
