import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The kernel counts CPU time for /proc in hundredths of a second, whatever its own tick. */
const TICKS_PER_SECOND = 100;

/** How long a process may take to say that it is ready. */
const READY_MS = 30_000;

/** A Node process of its own, ended with the benchmark. */
export class NodeProcess {
  #child;
  #isUnderCommand;
  #printed = '';
  #errors = '';

  /**
   * @param {string} script relative to this folder
   * @param {readonly string[]} [args]
   * @param {NodeJS.ProcessEnv} [env]
   * @param {readonly string[]} [under] a command that runs it as its one child, such as strace
   */
  constructor(script, args = [], env = process.env, under = []) {
    const file = fileURLToPath(new URL(script, import.meta.url));
    const [command = process.execPath, ...rest] = [...under, process.execPath, ...nodeFlags(script), file, ...args];
    this.#isUnderCommand = under.length > 0;
    this.#child = spawn(command, rest, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout.on('data', (chunk) => {
      this.#printed += chunk;
    });
    this.#child.stderr.on('data', (chunk) => {
      this.#errors += chunk;
    });
    const end = () => this.signal('SIGKILL');
    process.on('exit', end);
    this.#child.on('exit', () => process.off('exit', end));
  }

  /**
   * What it prints where the pattern's first group matches, as soon as it does.
   *
   * @param {RegExp} pattern
   * @returns {Promise<string>}
   */
  prints(pattern) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Not ready in time. ${this.#errors}`)), READY_MS);
      const look = () => {
        const match = pattern.exec(this.#printed)?.[1];
        if (match !== undefined) {
          clearTimeout(timer);
          resolve(match);
        }
      };
      this.#child.stdout.on('data', look);
      this.#child.on('exit', () => {
        look();
        clearTimeout(timer);
        reject(new Error(`It ended too early. ${this.#errors}`));
      });
      look();
    });
  }

  /** CPU time of all its threads and of the processes it started so far, in microseconds; null where the system has no /proc. */
  cpuMicros() {
    return cpuMicrosOfTree(this.pid);
  }

  /** Resident memory in bytes; null where the system has no /proc. */
  residentBytes() {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(this.#proc('status') ?? '')?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  }

  /** Ends it as an operator would, and waits for that. */
  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return;
    }
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.signal('SIGTERM');
    await ended;
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    process.kill(this.pid, signal);
  }

  /** Of the process itself, also where a command runs it. */
  get pid() {
    const pid = Number(this.#child.pid);
    if (!this.#isUnderCommand) {
      return pid;
    }
    // A command that has become it has no child.
    const [child = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return child === '' ? pid : Number(child);
  }

  /** @param {string} name */
  #proc(name) {
    try {
      return readFileSync(`/proc/${this.pid}/${name}`, 'utf8');
    } catch {
      return null;
    }
  }
}

/**
 * CPU time of a process and of those that it started and that still run, in microseconds; null where the system has no /proc. One
 * that ended takes its own along.
 *
 * @param {number} pid
 * @returns {number | null}
 */
export function cpuMicrosOfTree(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses and may hold anything; utime and stime are the 14th and 15th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const own = ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6;
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return children.reduce((sum, child) => sum + (cpuMicrosOfTree(Number(child)) ?? 0), own);
  } catch {
    return null;
  }
}

/** For the server alone: what `npm start` gives it, then others such as `--cpu-prof`, by BENCH_SERVER_FLAGS. */
function nodeFlags(/** @type {string} */ script) {
  const others = (process.env.BENCH_SERVER_FLAGS ?? '').split(' ').filter(Boolean);
  return script.startsWith('../src/') ? ['--max-semi-space-size=4', ...others] : [];
}
