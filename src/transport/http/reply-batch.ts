import type { ServerResponse } from 'node:http';

interface FinishedReply {
  readonly response: ServerResponse;
  readonly body: string;
  readonly encoding: BufferEncoding;
}

/**
 * Replies of HTTP/1.1 that are finished at once and leave one right after the other, when nothing else is left to do. Each write wakes
 * whoever reads it, which costs the writer more than the copying; a reader that is awake already is not woken. Beside 32 callers
 * that took a third of what Validate costs (docs/performance.md, "What was measured once"). Sessions of HTTP/2 do the same by themselves.
 */
export class ReplyBatch {
  #finished: FinishedReply[] = [];

  /** Ends the response with this body before the event loop goes on. Its headers must be written. */
  end(response: ServerResponse, body: string, encoding: BufferEncoding): void {
    if (this.#finished.push({ response, body, encoding }) === 1) {
      process.nextTick(this.#send);
    }
  }

  readonly #send = (): void => {
    const finished = this.#finished;
    this.#finished = [];
    for (const { response, body, encoding } of finished) {
      response.end(body, encoding);
    }
  };
}
