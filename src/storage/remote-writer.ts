import { AuthError } from '../domain/errors.ts';
import type { WriteName } from './operations.ts';
import { PendingWrites, type WriteReply, type WriteRequest, type Writer } from './write-requests.ts';

/** The writer of another process, which owns the connection that writes for all. */
export class RemoteWriter implements Writer {
  readonly #pending: PendingWrites;
  #fault: string | null = null;

  /** `send`: how requests get there. */
  constructor(send: (requests: readonly WriteRequest[]) => void) {
    this.#pending = new PendingWrites(send);
  }

  /**
   * Fulfilled once the write is committed. Rejected with what it threw there; with UNAVAILABLE when the other process has gone or
   * this is closed; with another error where that goes meanwhile: nobody knows then whether this was done.
   */
  async write(name: WriteName, args: readonly unknown[]): Promise<unknown> {
    if (this.#fault !== null) {
      throw new AuthError('UNAVAILABLE', { cause: new Error(this.#fault) });
    }
    return this.#pending.ask(name, args);
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
