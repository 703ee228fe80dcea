import { Worker } from 'node:worker_threads';
import type { Caller } from '../domain/caller.ts';
import { AuthError } from '../domain/errors.ts';
import type { CallContext } from '../domain/ports.ts';
import { FairQueue } from './fair-queue.ts';
import { type Computation, expectedMs } from './hashes/computation.ts';
import type { HashParameters } from './hashes/hash-parameters.ts';

/** One computation. For bcrypt `input` has at most 72 UTF-8 bytes and no NUL: what lies beyond, it would not see. */
export type HashJob =
  | { readonly kind: 'hash'; readonly input: string; readonly parameters: HashParameters }
  | { readonly kind: 'verify'; readonly input: string; readonly computation: Computation };

/** What a thread answers to a {@link HashJob}: the hash or the verdict, or the kind of error. */
export type HashReply =
  | { readonly ok: true; readonly value: string | boolean }
  | { readonly ok: false; readonly error: string };

export interface HashThreadsOptions {
  /** How many hash at once. */
  readonly threads: number;
  /** Whether the native implementation of bcrypt is used where it loads. */
  readonly native: boolean;
  /** The thread's script. */
  readonly workerFile: URL;
  /** How long a hash is taken to last before one was measured, in milliseconds. */
  readonly expectedHashMs: number;
}

/** What the threads did and do. */
export interface HashThreadCounters {
  /** Hashes begun since the start. */
  readonly hashes: number;
  /** Jobs that wait for a thread. */
  readonly waiting: number;
  /** Threads that live, idle ones included. */
  readonly threads: number;
  /** Threads that ended on their own. */
  readonly threadsLost: number;
  /** The recent mean time of a hash, in milliseconds. */
  readonly meanHashMs: number;
}

/** Whose job it is. */
export interface HashOrder {
  readonly caller: Caller;
  readonly call: CallContext;
}

/** The weight of the newest hash in the mean. */
const MEAN_WEIGHT = 0.1;
/** A job that took its thread down with it is tried once more: perhaps the thread was to blame. */
const MAX_ATTEMPTS = 2;
/** bcryptjs needs some 4 MB; without a bound each thread could grow like the main one. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 };

interface Task extends HashOrder {
  readonly job: HashJob;
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
 * Threads that hash. Started when first needed and kept; an idle one never holds the process open. A thread that dies is
 * replaced as soon as a job needs one; its own job is tried once more.
 */
export class HashThreads {
  readonly #options: HashThreadsOptions;
  readonly #threads = new Set<Thread>();
  readonly #waiting: FairQueue<Task>;
  /** Jobs that lost their thread: they had their turn before. */
  readonly #again: Task[] = [];
  #hashes = 0;
  #threadsLost = 0;
  #meanHashMs: number;
  #closing: Promise<void> | null = null;
  #onIdle: (() => void) | null = null;

  constructor(options: HashThreadsOptions) {
    this.#options = options;
    this.#waiting = new FairQueue(options.expectedHashMs);
    this.#meanHashMs = options.expectedHashMs;
  }

  /**
   * Runs a job in a thread, in the order of {@link FairQueue}, charged by the time that it is expected to take. A call that nobody waits for when its turn comes is not
   * hashed for: AuthError DEADLINE_EXCEEDED. UNAVAILABLE when the threads are closed first or the job lost its own twice.
   */
  run(job: HashJob, { caller, call }: HashOrder): Promise<string | boolean> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== null) {
        reject(new AuthError('UNAVAILABLE'));
        return;
      }
      // Not by what was measured: a processor that others took would be charged to whoever was being hashed for.
      const cost = expectedMs(job.kind === 'hash' ? job.parameters : job.computation);
      this.#waiting.push(caller, { job, caller, call, resolve, reject, attempts: 0 }, cost);
      this.#dispatch();
    });
  }

  counters(): HashThreadCounters {
    return {
      hashes: this.#hashes,
      waiting: this.#again.length + this.#waiting.size,
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
    while (this.#again.length + this.#waiting.size > 0) {
      const thread = this.#idleThread();
      if (thread === null) {
        return;
      }
      const task = this.#nextTask();
      if (task === undefined) {
        return;
      }
      this.#start(thread, task);
    }
  }

  #nextTask(): Task | undefined {
    for (;;) {
      const task = this.#takeWaiting();
      if (task === undefined || !task.call.isAbandoned()) {
        return task;
      }
      task.reject(new AuthError('DEADLINE_EXCEEDED'));
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
    if (this.#threads.size >= this.#options.threads) {
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
    for (let task = this.#takeWaiting(); task !== undefined; task = this.#takeWaiting()) {
      task.reject(new AuthError('UNAVAILABLE', { cause }));
    }
  }

  #takeWaiting(): Task | undefined {
    return this.#again.shift() ?? this.#waiting.next();
  }

  #startThread(): Thread {
    const worker = new Worker(this.#options.workerFile, {
      workerData: { native: this.#options.native },
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
        this.#again.push(task);
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
}
