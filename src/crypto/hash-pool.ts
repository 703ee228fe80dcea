import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { AuthError } from '../domain/errors.ts';
import type { CallContext } from '../domain/ports.ts';

/** One bcrypt computation. `input` has at most 72 UTF-8 bytes and no NUL: what lies beyond, bcrypt would not see. */
export type HashJob =
  | { readonly kind: 'hash'; readonly input: string; readonly cost: number }
  | { readonly kind: 'verify'; readonly input: string; readonly bcryptHash: string };

/** What a thread answers to a {@link HashJob}: the hash or the verdict, or the kind of error. */
export type HashReply =
  | { readonly ok: true; readonly value: string | boolean }
  | { readonly ok: false; readonly error: string };

export interface HashPoolOptions {
  /** The bcrypt cost of new hashes: 4 to 15. Tells how long a hash takes before one was measured. */
  readonly cost: number;
  /** How many hash at once; by default as many as there are cores. */
  readonly threads?: number;
  /** How many callers may wait for each thread; by default what it works off in one to two seconds, 2 to 16. */
  readonly waitingPerThread?: number;
  /** Whether the native implementation is used where it loads; true by default. Both make and verify the same hashes. */
  readonly native?: boolean;
  /** The thread's script; `hash-worker.js` beside this file by default. */
  readonly workerFile?: URL;
}

/** What the pool did and does: for metrics. */
export interface HashPoolCounters {
  /** Hashes begun since the start. */
  readonly hashes: number;
  /** Places taken: callers that hash, wait to, or are about to. */
  readonly slots: number;
  /** Jobs that wait for a thread. */
  readonly waiting: number;
  /** Threads that live, idle ones included. */
  readonly threads: number;
  /** Threads that ended on their own. */
  readonly threadsLost: number;
  /** The recent mean time of a hash, in milliseconds. */
  readonly meanHashMs: number;
}

/** One hash of cost 10 on a core of 2.8 GHz, native (performance.md); each step of the cost doubles it. */
const COST_10_MS = 65;
const WAITING_PER_THREAD_AT_COST_10 = 16;
/** The weight of the newest hash in the mean. */
const MEAN_WEIGHT = 0.1;
/** A job that took its thread down with it is tried once more: perhaps the thread was to blame. */
const MAX_ATTEMPTS = 2;
/** bcryptjs needs some 4 MB; without a bound each thread could grow like the main one. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 };

interface Task {
  readonly job: HashJob;
  readonly call: CallContext;
  readonly resolve: (value: string | boolean) => void;
  readonly reject: (error: Error) => void;
  attempts: number;
}

interface Thread {
  readonly worker: Worker;
  task: Task | null;
  startedAt: number;
  fault: unknown;
}

/**
 * Threads that hash passwords behind a bounded queue. Started when first needed and kept; an idle one never holds the
 * process open. A thread that dies is replaced as soon as a job needs one; its own job is tried once more.
 */
export class HashPool {
  /** The bcrypt cost of new hashes. */
  readonly cost: number;
  readonly #maxThreads: number;
  readonly #maxSlots: number;
  readonly #native: boolean;
  readonly #workerFile: URL;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Task[] = [];
  #slots = 0;
  #hashes = 0;
  #threadsLost = 0;
  #meanHashMs: number;
  #closing: Promise<void> | null = null;
  #onIdle: (() => void) | null = null;

  constructor(options: HashPoolOptions) {
    this.cost = options.cost;
    this.#maxThreads = options.threads ?? os.availableParallelism();
    this.#maxSlots = this.#maxThreads * (1 + (options.waitingPerThread ?? defaultWaitingPerThread(options.cost)));
    this.#native = options.native ?? true;
    this.#workerFile = options.workerFile ?? new URL('./hash-worker.js', import.meta.url);
    this.#meanHashMs = COST_10_MS * 2 ** (options.cost - 10);
  }

  /**
   * Takes a place in the queue and gives what lets it go again (repeating that does nothing). Throws AuthError
   * OVERLOADED with a wait when all are taken, UNAVAILABLE when the pool is closing.
   */
  acquire(): () => void {
    if (this.#closing !== null) {
      throw new AuthError('UNAVAILABLE');
    }
    if (this.#slots >= this.#maxSlots) {
      throw new AuthError('OVERLOADED', { retryAfterMs: this.#retryAfterMs() });
    }
    this.#slots += 1;
    let held = true;
    return () => {
      if (held) {
        this.#slots -= 1;
      }
      held = false;
    };
  }

  /**
   * Runs a job in a thread, in the order of asking. A call that nobody waits for when its turn comes is not hashed for:
   * AuthError DEADLINE_EXCEEDED. UNAVAILABLE when the pool closes first or the job twice lost its thread: nothing was done
   * by it, but where a nonce was spent for it before, the use case answers INTERNAL.
   */
  run(job: HashJob, call: CallContext): Promise<string | boolean> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== null) {
        reject(new AuthError('UNAVAILABLE'));
        return;
      }
      this.#waiting.push({ job, call, resolve, reject, attempts: 0 });
      this.#dispatch();
    });
  }

  counters(): HashPoolCounters {
    return {
      hashes: this.#hashes,
      slots: this.#slots,
      waiting: this.#waiting.length,
      threads: this.#threads.size,
      threadsLost: this.#threadsLost,
      meanHashMs: this.#meanHashMs,
    };
  }

  /** Refuses what waits (UNAVAILABLE), lets running jobs end, then ends the threads. Repeating it does nothing more. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#refuseWaiting();
    if ([...this.#threads].some((thread) => thread.task !== null)) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await Promise.all([...this.#threads].map((thread) => thread.worker.terminate()));
  }

  #dispatch(): void {
    for (let task = this.#waiting[0]; task !== undefined; task = this.#waiting[0]) {
      if (task.call.isAbandoned()) {
        this.#waiting.shift();
        task.reject(new AuthError('DEADLINE_EXCEEDED'));
        continue;
      }
      const thread = this.#idleThread();
      if (thread === null) {
        return;
      }
      this.#waiting.shift();
      this.#start(thread, task);
    }
  }

  #start(thread: Thread, task: Task): void {
    task.attempts += 1;
    this.#hashes += 1;
    thread.task = task;
    thread.startedAt = performance.now();
    // Somebody waits for the answer: now the thread does hold the process open.
    thread.worker.ref();
    thread.worker.postMessage(task.job);
  }

  #idleThread(): Thread | null {
    for (const thread of this.#threads) {
      if (thread.task === null) {
        return thread;
      }
    }
    if (this.#threads.size >= this.#maxThreads) {
      return null;
    }
    try {
      return this.#startThread();
    } catch (cause) {
      // The system gives no thread. With others at work the jobs wait for those; without, nobody would ever come.
      if (this.#threads.size === 0) {
        this.#refuseWaiting(cause);
      }
      return null;
    }
  }

  #refuseWaiting(cause?: unknown): void {
    for (const task of this.#waiting.splice(0)) {
      task.reject(new AuthError('UNAVAILABLE', { cause }));
    }
  }

  #startThread(): Thread {
    const worker = new Worker(this.#workerFile, {
      workerData: { native: this.#native },
      // Nothing of the environment: it may hold the secret, and a thread that hashes has no use for it.
      env: {},
      execArgv: [],
      resourceLimits: RESOURCE_LIMITS,
    });
    worker.unref();
    const thread: Thread = { worker, task: null, startedAt: 0, fault: undefined };
    worker.on('message', (reply: HashReply) => this.#finish(thread, reply));
    worker.on('error', (error) => {
      thread.fault = error;
    });
    worker.on('exit', () => this.#lose(thread));
    this.#threads.add(thread);
    return thread;
  }

  #finish(thread: Thread, reply: HashReply): void {
    const task = thread.task;
    if (task === null) {
      return;
    }
    this.#meanHashMs += MEAN_WEIGHT * (performance.now() - thread.startedAt - this.#meanHashMs);
    thread.task = null;
    thread.worker.unref();
    this.#next();
    if (reply.ok) {
      task.resolve(reply.value);
    } else {
      task.reject(new Error(`A password hash failed: ${reply.error}.`));
    }
  }

  #lose(thread: Thread): void {
    this.#threads.delete(thread);
    const task = thread.task;
    thread.task = null;
    if (this.#closing === null) {
      this.#threadsLost += 1;
    }
    if (task !== null) {
      if (this.#closing === null && task.attempts < MAX_ATTEMPTS) {
        this.#waiting.unshift(task);
      } else {
        task.reject(new AuthError('UNAVAILABLE', { cause: thread.fault ?? new Error('A hash thread ended.') }));
      }
    }
    this.#next();
  }

  #next(): void {
    this.#dispatch();
    if (this.#onIdle !== null && [...this.#threads].every((thread) => thread.task === null)) {
      this.#onIdle();
    }
  }

  /** When a place should be free again: the time in which all that was asked for is worked off, in whole seconds. */
  #retryAfterMs(): number {
    return Math.max(1, Math.ceil((this.#slots * this.#meanHashMs) / this.#maxThreads / 1000)) * 1000;
  }
}

function defaultWaitingPerThread(cost: number): number {
  return Math.min(16, Math.max(2, Math.round(WAITING_PER_THREAD_AT_COST_10 * 2 ** (10 - cost))));
}
