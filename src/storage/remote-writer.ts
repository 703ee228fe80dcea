import type { AuditOrigin } from '../domain/audit/audit-event.ts';
import { AuthError } from '../domain/errors.ts';
import type { WriteName } from './operations.ts';
import { PendingWrites, type WriteReply, type WriteRequest, type Writer } from './write-requests.ts';

/** So long a process that has a turn of its event loop to end may take to read what it is sent. */
const BEHIND_AFTER_MS = 1_000;

/** The writer of another process, which owns the connection that writes for all. */
export class RemoteWriter implements Writer {
  readonly #pending: PendingWrites;
  #fault: string | null = null;
  /** Since when requests stand before it and nothing was heard of it. */
  #behindSince: number | null = null;

  /** `send`: how requests get there; whether more may follow before it has read them. */
  constructor(send: (requests: readonly WriteRequest[]) => boolean) {
    this.#pending = new PendingWrites((requests) => {
      if (!send(requests)) {
        this.#behindSince ??= performance.now();
      }
    });
  }

  /**
   * Fulfilled once the write is committed. Rejected with what it threw there; with UNAVAILABLE when the other process has gone,
   * has not read for a second what it was sent before, or this is closed; with another error where that goes meanwhile: nobody knows then whether this was done.
   */
  async write(name: WriteName, args: readonly unknown[], origin: AuditOrigin): Promise<unknown> {
    if (this.#fault !== null) {
      throw new AuthError('UNAVAILABLE', { cause: new Error(this.#fault) });
    }
    if (this.#behindSince !== null && performance.now() - this.#behindSince >= BEHIND_AFTER_MS) {
      // It would be done later, for a caller who waits no more.
      throw new AuthError('UNAVAILABLE', { cause: new Error('The process that writes does not answer.') });
    }
    return this.#pending.ask({ name, args, origin });
  }

  /** The other process said something: it reads. */
  heard(): void {
    this.#behindSince = null;
  }

  receive(replies: readonly WriteReply[]): void {
    this.#pending.receive(replies);
  }

  /** The other process has gone. */
  disconnect(): void {
    this.#fault = 'The process that writes has gone.';
    this.#pending.end(() => new Error('The process that writes has gone: whether this was written is not known.'));
  }

  async close(): Promise<void> {
    this.#fault ??= 'The store is closed.';
    await this.#pending.drained();
  }
}
