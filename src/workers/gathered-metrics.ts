import { countersOf, type MetricsSnapshot, mergeSnapshots } from '../observability/metrics-snapshot.ts';

/** A worker that does not answer within this is shown as it was last. */
const PATIENCE_MS = 1_000;

/** A worker, as its metrics are asked for. */
export interface Counted {
  /** Asks for a snapshot; {@link GatheredMetrics.receive} gets it. */
  ask(): void;
}

/**
 * The metrics of all workers as one page. What a worker had counted when it was last looked at stays in the sums when it has ended,
 * because a counter that goes back reads as a restart, which counts everything anew.
 */
export class GatheredMetrics {
  readonly #own: () => MetricsSnapshot;
  /** With what each was last seen with. */
  readonly #workers = new Map<Counted, MetricsSnapshot | null>();
  #ended: MetricsSnapshot | null = null;
  readonly #unanswered = new Set<Counted>();
  #onAnswered: (() => void) | null = null;
  #gathering: Promise<MetricsSnapshot> | null = null;

  /** `own` gives the snapshot of the supervisor. */
  constructor(own: () => MetricsSnapshot) {
    this.#own = own;
  }

  add(worker: Counted): void {
    this.#workers.set(worker, null);
  }

  receive(worker: Counted, snapshot: MetricsSnapshot): void {
    if (this.#workers.has(worker)) {
      this.#workers.set(worker, snapshot);
    }
    this.#answered(worker);
  }

  end(worker: Counted): void {
    const last = this.#workers.get(worker);
    if (last) {
      const counters = countersOf(last);
      this.#ended = this.#ended === null ? counters : mergeSnapshots([this.#ended, counters]);
    }
    this.#workers.delete(worker);
    this.#answered(worker);
  }

  /** Those who ask while others wait share the answer. */
  gather(): Promise<MetricsSnapshot> {
    this.#gathering ??= this.#gather();
    return this.#gathering;
  }

  async #gather(): Promise<MetricsSnapshot> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.#onAnswered = () => {
        clearTimeout(timer);
        resolve();
      };
      for (const worker of this.#workers.keys()) {
        this.#unanswered.add(worker);
      }
      for (const worker of this.#workers.keys()) {
        worker.ask();
      }
      this.#tellAnswered();
    });
    this.#unanswered.clear();
    this.#gathering = null;
    const seen = [...this.#workers.values(), this.#ended].filter((snapshot) => snapshot !== null);
    return mergeSnapshots([this.#own(), ...seen]);
  }

  #answered(worker: Counted): void {
    this.#unanswered.delete(worker);
    this.#tellAnswered();
  }

  #tellAnswered(): void {
    if (this.#unanswered.size === 0) {
      this.#onAnswered?.();
    }
  }
}
