import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AuditOrigin } from '../../domain/audit/audit-event.ts';
import { AuthError } from '../../domain/errors.ts';
import type { WriteName } from '../operations.ts';
import { PendingWrites, type WriteReply, type Writer } from '../write-requests.ts';

/** What the thread is started with. */
export interface WriteThreadOptions {
  readonly file: string;
  readonly lockWaitMs: number;
  /** The thread's script; `write-worker.js` beside this file by default. */
  readonly workerFile?: URL;
}

/** What the thread says: that the file is open, or what became of writes. */
export type WriterMessage = 'open' | readonly WriteReply[];

interface Thread {
  readonly worker: Worker;
  readonly pending: PendingWrites;
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
export class WriteThread implements Writer {
  readonly #options: WriteThreadOptions;
  #thread: Thread | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: WriteThreadOptions) {
    this.#options = options;
  }

  /**
   * Fulfilled once the write is committed. Rejected with what it threw there; with UNAVAILABLE when there is no thread, it cannot
   * open the file, or it is closed; with another error when it ends on its own: nobody knows then whether this was done.
   */
  async write(name: WriteName, args: readonly unknown[], origin: AuditOrigin): Promise<unknown> {
    if (this.#closing !== null) {
      throw new AuthError('UNAVAILABLE', { cause: new Error('The store is closed.') });
    }
    const { pending, worker } = this.#living();
    worker.ref();
    return pending.ask({ name, args, origin });
  }

  /** Lets what was asked for before end, then ends the thread. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#thread?.pending.flush();
    // Otherwise a process with nothing else to wait for would end first.
    this.#thread?.worker.ref();
    this.#thread?.worker.postMessage('close');
    await this.#thread?.ended;
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
      pending: new PendingWrites((requests) => worker.postMessage(requests)),
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

  #lose({ pending, isOpen, fault }: Thread): void {
    this.#thread = null;
    const cause = fault ?? new Error('The thread that writes ended.');
    pending.end(() =>
      isOpen
        ? new Error('The thread that writes ended: whether this was written is not known.', { cause })
        : new AuthError('UNAVAILABLE', { cause }),
    );
  }
}

function receive(thread: Thread, message: WriterMessage): void {
  if (message === 'open') {
    thread.isOpen = true;
    return;
  }
  thread.pending.receive(message);
  if (thread.pending.size === 0) {
    thread.worker.unref();
  }
}
