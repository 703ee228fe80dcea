import { countersOf, type MetricsSnapshot, mergeSnapshots } from '../observability/metrics-snapshot.ts';
import { RecentValue } from '../observability/recent-value.ts';

/** A worker that does not answer within this is shown as it was last, and as one that is not ready. */
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
  readonly #gathered: RecentValue<MetricsSnapshot>;
  readonly #unanswered = new Set<Counted>();
  #ended: MetricsSnapshot | null = null;
  #onAnswered: (() => void) | null = null;

  /** `own` gives the snapshot of the supervisor; `now`: milliseconds that never go back. */
  constructor(own: () => MetricsSnapshot, now?: () => number) {
    this.#own = own;
    this.#gathered = new RecentValue(() => this.#gather(), now);
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

  /** As of half a second before at most: each worker may ask as often as a page of its own is made. */
  gather(): Promise<MetricsSnapshot> {
    return this.#gathered.get();
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
    const areAllHeard = this.#unanswered.size === 0;
    this.#unanswered.clear();
    const seen = [...this.#workers.values(), this.#ended].filter((snapshot) => snapshot !== null);
    const all = mergeSnapshots([this.#own(), ...seen]);
    // One that is frozen serves nobody, whatever it said last.
    return areAllHeard ? all : { ...all, isReady: false };
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
