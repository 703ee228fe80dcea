import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './readme-blocks.ts';

/** A server started by a line of the README, with what it printed about itself. */
export interface ReadmeServer {
  readonly http: string;
  readonly grpc: string;
  readonly orgId: string;
  readonly apiKey: string;
  /** For whatever speaks to it by its store. */
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** What a shell command did. */
export interface ShellResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the README's line that starts a server with an organization: on free ports, with a data folder of its own. */
export async function startReadmeServer(line: string): Promise<ReadmeServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'authflow-readme-'));
  const env = {
    ...process.env,
    AUTHFLOW_DATA_DIR: dataDir,
    AUTHFLOW_HTTP_PORT: '0',
    AUTHFLOW_GRPC_PORT: '0',
    npm_config_update_notifier: 'false',
  };
  // A group of its own: npm starts a shell that starts the server, and all of them must end.
  const child = spawn('bash', ['-c', line], { cwd: ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let printed = '';
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaints += text;
  });
  async function stop(): Promise<void> {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGTERM');
    }
    await closed;
    rmSync(dataDir, { recursive: true });
  }
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    printed += text;
    if (printed.includes('\nNext:')) {
      child.stdout.resume();
      const fact = (name: string) => new RegExp(`^ {2}${name} +(\\S+)`, 'm').exec(printed)?.[1] ?? '';
      return { http: fact('HTTP'), grpc: fact('gRPC'), orgId: fact('org_id'), apiKey: fact('api_key'), env, stop };
    }
  }
  await stop();
  throw new Error(`"${line}" ended before it served: ${complaints}`);
}

/** Runs a script in the repository's folder as a person's shell would, but stops at the first command that fails. */
export async function runShell(script: string, env: NodeJS.ProcessEnv): Promise<ShellResult> {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd: ROOT, env });
  child.stdin.end();
  const result = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text) => {
      result[name] += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, ...result };
}
