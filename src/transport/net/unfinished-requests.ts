/** A request of which more may come. */
export interface UnfinishedRequest {
  readonly isUnfinished: boolean;
  /** The next turn has come, and its end has not. Called at most once. */
  waitForEnd(): void;
}

/**
 * The requests whose headers came in this turn of the event loop. Those that are not whole in the next turn are told to wait for
 * their end: all of them at once, so that one that came whole costs a place in a list.
 */
export class UnfinishedRequests {
  #fresh: UnfinishedRequest[] = [];

  add(request: UnfinishedRequest): void {
    if (this.#fresh.push(request) === 1) {
      setImmediate(this.#look);
    }
  }

  readonly #look = (): void => {
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const request of fresh) {
      if (request.isUnfinished) {
        request.waitForEnd();
      }
    }
  };
}
