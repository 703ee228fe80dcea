import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AuthError } from '../../domain/errors.ts';
import type { WriteName } from '../operations.ts';

/** What the thread is started with. */
export interface WriteThreadOptions {
  readonly file: string;
  readonly lockWaitMs: number;
  /** The thread's script; `write-worker.js` beside this file by default. */
  readonly workerFile?: URL;
}

/** A write that is asked for. */
export interface WriteRequest {
  readonly id: number;
  readonly name: WriteName;
  readonly args: readonly unknown[];
}

/** What became of it: its outcome once it was committed, or why it was not. */
export type WriteReply =
  | { readonly id: number; readonly outcome: unknown }
  | { readonly id: number; readonly fault: WriteFault };

/** An error as it passes between threads, with what led to it. */
export interface WriteFault {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  readonly isUnavailable: boolean;
  readonly cause: WriteFault | undefined;
}

/** What the thread says: that the file is open, or what became of writes. */
export type WriterMessage = 'open' | readonly WriteReply[];

interface Pending {
  readonly resolve: (outcome: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
  readonly ended: Promise<void>;
  isOpen: boolean;
  fault: unknown;
}

/** A few MB are in use; without a bound it could grow like the main thread. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 };

/**
 * The thread that owns the writing connection: an fsync holds up no read. Started with the first write; one that ended is
 * replaced with the next. An idle one never holds the process open.
 */
export class WriteThread {
  readonly #options: WriteThreadOptions;
  #thread: Thread | null = null;
  #unsent: WriteRequest[] = [];
  #lastId = 0;
  #closing: Promise<void> | null = null;

  constructor(options: WriteThreadOptions) {
    this.#options = options;
  }

  /**
   * Fulfilled once the write is committed. Rejected with what it threw there; with UNAVAILABLE when there is no thread, it cannot
   * open the file, or it is closed; with another error when it ends on its own: nobody knows then whether this was done.
   */
  async write(name: WriteName, args: readonly unknown[]): Promise<unknown> {
    if (this.#closing !== null) {
      throw new AuthError('UNAVAILABLE', { cause: new Error('The store is closed.') });
    }
    const { pending, worker } = this.#living();
    this.#lastId += 1;
    const id = this.#lastId;
    // What one turn of the event loop asks for goes over at once.
    if (this.#unsent.push({ id, name, args }) === 1) {
      setImmediate(() => this.#send());
    }
    worker.ref();
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject });
    });
  }

  /** Lets what was asked for before end, then ends the thread. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#send();
    // Otherwise a process with nothing else to wait for would end first.
    this.#thread?.worker.ref();
    this.#thread?.worker.postMessage('close');
    await this.#thread?.ended;
  }

  #send(): void {
    const requests = this.#unsent;
    this.#unsent = [];
    if (requests.length > 0) {
      this.#thread?.worker.postMessage(requests);
    }
  }

  #living(): Thread {
    try {
      this.#thread ??= this.#start();
      return this.#thread;
    } catch (cause) {
      // The system has no thread to give.
      throw new AuthError('UNAVAILABLE', { cause });
    }
  }

  #start(): Thread {
    const { workerFile = new URL('./write-worker.js', import.meta.url), ...options } = this.#options;
    const compiled = getCompileCacheDir();
    // Node keeps it in a folder for its version in there.
    const workerData = { ...options, compiledCode: compiled === undefined ? null : dirname(compiled) };
    const worker = new Worker(workerFile, { workerData, resourceLimits: RESOURCE_LIMITS });
    const thread: Thread = {
      worker,
      pending: new Map(),
      ended: new Promise((resolve) => worker.once('exit', () => resolve())),
      isOpen: false,
      fault: undefined,
    };
    worker.on('message', (message: WriterMessage) => receive(thread, message));
    worker.on('error', (error) => {
      thread.fault = error;
    });
    worker.once('exit', () => this.#lose(thread));
    return thread;
  }

  #lose(thread: Thread): void {
    this.#thread = null;
    this.#unsent = [];
    const cause = thread.fault ?? new Error('The thread that writes ended.');
    for (const { reject } of thread.pending.values()) {
      reject(
        thread.isOpen
          ? new Error('The thread that writes ended: whether this was written is not known.', { cause })
          : new AuthError('UNAVAILABLE', { cause }),
      );
    }
  }
}

function receive(thread: Thread, message: WriterMessage): void {
  if (message === 'open') {
    thread.isOpen = true;
    return;
  }
  for (const reply of message) {
    const pending = thread.pending.get(reply.id);
    thread.pending.delete(reply.id);
    if ('fault' in reply) {
      pending?.reject(toError(reply.fault));
    } else {
      pending?.resolve(reply.outcome);
    }
  }
  if (thread.pending.size === 0) {
    thread.worker.unref();
  }
}

function toError({ isUnavailable, name, message, stack, code, cause }: WriteFault): Error {
  const options = cause === undefined ? {} : { cause: toError(cause) };
  if (isUnavailable) {
    return new AuthError('UNAVAILABLE', options);
  }
  return Object.assign(new Error(message, options), { name, stack, ...(code === undefined ? {} : { code }) });
}
