import type { ChildProcess } from 'node:child_process';
import type { Hashing } from '../crypto/hash-pool.ts';
import type { Budgets } from '../domain/limits/budgets.ts';
import { errorFields, type Logger } from '../observability/logger.ts';
import type { MetricsSnapshot } from '../observability/metrics-snapshot.ts';
import type { ConnectionLine } from './connection-line.ts';
import { DEATHS_WITHIN_MS, Deaths, MOST_DEATHS } from './deaths.ts';
import { GatheredMetrics } from './gathered-metrics.ts';
import type { PortName, ToSupervisor } from './messages.ts';
import { ServedHashing } from './served-hashing.ts';
import { StopCutShortError, WorkerNotStartedError, WorkersDiedError } from './worker-faults.ts';
import { type WorkerEnd, WorkerProcess } from './worker-process.ts';

export interface SupervisorOptions {
  /** How many workers there are. */
  readonly workers: number;
  /** Makes the process of a worker, with a channel. */
  readonly fork: () => ChildProcess;
  readonly ports: Readonly<Record<PortName, number>>;
  readonly line: ConnectionLine;
  /** The machine's hashing. */
  readonly hashing: Hashing;
  /** The machine's buckets. */
  readonly budgets: Pick<Budgets, 'charge'>;
  /** No call lasts longer. */
  readonly longestCallMs: number;
  /** Does the writes that a worker asks for, and says what became of them. */
  readonly answerWrites: (say: (replies: readonly unknown[]) => void) => (requests: readonly unknown[]) => void;
  /** What this process itself has to show, and that it counts for all. */
  readonly snapshot: () => MetricsSnapshot;
  readonly logger: Logger;
}

/** What a worker has of the machine. */
interface Served {
  readonly hashing: ServedHashing;
  readonly write: (requests: readonly unknown[]) => void;
}

const PING_EVERY_MS = 1_000;
/**
 * Ten seconds end every call: a worker that is silent for three times as long serves nobody. Not sooner: where other programs take
 * the processors, a worker that waits for one is none that hangs, and its start may take as long.
 */
const MOST_UNANSWERED = 30;
/** From so many on others get what it has of the machine's hashing: two seconds are far more than a turn of an event loop. */
const SILENT_FROM = 2;
/** How long after a start that failed, while others serve, it is tried again. */
const START_AGAIN_AFTER_MS = 1_000;

/**
 * Starts workers, replaces those that end, and is what they share: connections, hashing, the page of metrics. A worker that does not
 * answer for thirty seconds once it has started, while this process runs, is ended and replaced.
 */
export class Supervisor {
  /** Fulfilled with why the workers cannot go on, once they had started. */
  readonly failed: Promise<Error>;
  readonly #options: SupervisorOptions;
  readonly #workers = new Map<WorkerProcess, Served>();
  readonly #deaths = new Deaths();
  readonly #metrics: GatheredMetrics;
  readonly #killAll = (): void => {
    for (const worker of this.#workers.keys()) {
      worker.kill();
    }
  };
  /** Starts that are tried again. */
  readonly #again = new Set<NodeJS.Timeout>();
  #ping: NodeJS.Timeout | null = null;
  #hasStarted = false;
  #isEnding = false;
  #fail: (error: Error) => void = () => undefined;
  #onAllReady: (() => void) | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#metrics = new GatheredMetrics(() => ({ ...options.snapshot(), workers: this.#counts() }));
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  /**
   * Starts the workers; fulfilled when all of them serve. Rejected with WorkerNotStartedError when one says that it cannot, with
   * WorkersDiedError when they end too often; then none is left.
   */
  async start(): Promise<void> {
    // A process that ends at once, by a second signal or a fault, leaves none behind.
    process.on('exit', this.#killAll);
    this.#ping = setInterval(() => this.#lookAfter(), PING_EVERY_MS).unref();
    const ready = new Promise<null>((resolve) => {
      this.#onAllReady = () => resolve(null);
    });
    for (let number = 1; number <= this.#options.workers; number += 1) {
      this.#startWorker(number);
    }
    const error = await Promise.race([ready, this.failed]);
    if (error !== null) {
      this.#killAll();
      await this.#untilNone();
      throw error;
    }
    this.#hasStarted = true;
  }

  /** TLS files are to be read again. */
  reloadTls(): void {
    this.#tellAll({ kind: 'reload_tls' });
  }

  /** A stop begins: health turns, and workers that end are not replaced any more. */
  beginStop(): void {
    this.#startNoMore();
    this.#tellAll({ kind: 'stop' });
  }

  /**
   * All connections were handed over: workers end once they have served them; after so long they are killed. Fulfilled when there is
   * none; rejected then with StopCutShortError where one was killed.
   */
  async endStop(timeoutMs: number): Promise<void> {
    this.#tellAll({ kind: 'line_ended' });
    let killed = 0;
    const timer = setTimeout(() => {
      killed = this.#workers.size;
      this.#killAll();
    }, timeoutMs);
    await this.#untilNone();
    clearTimeout(timer);
    if (killed > 0) {
      throw new StopCutShortError(
        `The stop was cut short: ${killed} of ${this.#options.workers} server processes had not ended in time and were killed.`,
      );
    }
  }

  #startWorker(number: number): void {
    let child: ChildProcess;
    try {
      child = this.#options.fork();
    } catch (error) {
      // Other faults of a start come as an event; ENOMEM and its like are thrown.
      this.#options.logger.error('worker_not_made', { worker: number, ...errorFields(error) });
      this.#replaceUnstarted(number, NOT_MADE, null);
      return;
    }
    const worker = new WorkerProcess(number, child);
    const served = {
      hashing: new ServedHashing({
        pool: this.#options.hashing,
        reply: (reply) => worker.send(reply),
        longestCallMs: this.#options.longestCallMs,
      }),
      write: this.#options.answerWrites((replies) => worker.send({ kind: 'written', replies })),
    };
    this.#workers.set(worker, served);
    worker.onMessage((message) => this.#receive(worker, served, message));
    worker.onEnd((end) => {
      served.hashing.end();
      this.#options.line.leave(worker);
      this.#metrics.end(worker);
      const hasServed = worker.isReady;
      worker.isReady = false;
      this.#ended(worker, end, hasServed);
    });
    worker.closed.then(() => this.#workers.delete(worker));
    worker.send({ kind: 'welcome', worker: number, ports: this.#options.ports });
  }

  #receive(worker: WorkerProcess, served: Served, message: ToSupervisor): void {
    switch (message.kind) {
      case 'ready':
        this.#ready(worker);
        return;
      case 'not_started':
        worker.fault = new WorkerNotStartedError(message.exitCode, message.lines);
        return;
      case 'taken':
        this.#options.line.taken(worker, message.id, message.open);
        return;
      case 'pong':
        if (isSilent(worker)) {
          served.hashing.lookAfter({ isSilent: false });
        }
        worker.unanswered = 0;
        this.#options.line.passed(worker, message.handed, message.open);
        return;
      case 'snapshot':
        this.#metrics.receive(worker, message.snapshot);
        return;
      case 'metrics':
        this.#metrics.gather().then((snapshot) => worker.send({ kind: 'metrics', id: message.id, snapshot }));
        return;
      case 'charge': {
        const outcomes = message.calls.map(({ id, charges }) => ({
          id,
          refusal: this.#options.budgets.charge(charges),
        }));
        worker.send({ kind: 'charged', outcomes });
        return;
      }
      case 'writes':
        served.write(message.requests);
        return;
      default:
        served.hashing.receive(message);
    }
  }

  #ready(worker: WorkerProcess): void {
    worker.isReady = true;
    this.#metrics.add(worker);
    this.#options.line.join(worker);
    // Those of the start are told by its one line.
    const level = this.#hasStarted ? 'info' : 'debug';
    this.#options.logger[level]('worker_started', { worker: worker.number, worker_pid: worker.pid });
    if ([...this.#workers.keys()].filter(({ isReady }) => isReady).length === this.#options.workers) {
      this.#onAllReady?.();
    }
  }

  #ended(worker: WorkerProcess, end: WorkerEnd, hasServed: boolean): void {
    const { number, fault } = worker;
    if (this.#isEnding) {
      if (end.code !== 0) {
        this.#options.logger.error('worker_ended', { worker: number, ...end });
      }
      return;
    }
    if (fault !== null && !this.#hasStarted) {
      this.#end(fault);
      return;
    }
    const said = fault === null ? {} : { fault: fault.message };
    this.#options.logger.error('worker_ended', { worker: number, ...end, ...said });
    if (!hasServed && (fault !== null || worker.pid === null)) {
      this.#replaceUnstarted(number, end, fault);
    } else if (this.#deaths.add()) {
      this.#end(new WorkersDiedError(diedSentence(end, fault)));
    } else {
      this.#startWorker(number);
    }
  }

  /** A start that fails, as it does while the store is out of reach, ends nobody who serves. */
  #replaceUnstarted(number: number, end: WorkerEnd, fault: WorkerNotStartedError | null): void {
    if (this.#counts().running === 0 && this.#deaths.add()) {
      this.#end(new WorkersDiedError(diedSentence(end, fault)));
      return;
    }
    const timer = setTimeout(() => {
      this.#again.delete(timer);
      this.#startWorker(number);
    }, START_AGAIN_AFTER_MS);
    this.#again.add(timer);
  }

  #end(error: Error): void {
    this.#startNoMore();
    this.#fail(error);
  }

  #startNoMore(): void {
    this.#isEnding = true;
    for (const timer of this.#again) {
      clearTimeout(timer);
    }
    this.#again.clear();
  }

  #lookAfter(): void {
    for (const [worker, { hashing }] of this.#workers) {
      // Once: it ends as soon as the system lets it.
      if (worker.isReady && worker.unanswered === MOST_UNANSWERED) {
        this.#options.logger.error('worker_silent', { worker: worker.number });
        worker.kill();
      }
      hashing.lookAfter({ isSilent: isSilent(worker) });
      worker.unanswered += Number(worker.isReady);
      worker.send({ kind: 'ping', handed: this.#options.line.lastId });
    }
  }

  #counts(): { readonly running: number; readonly replaced: number } {
    const serving = [...this.#workers.keys()].filter((worker) => worker.isReady && !isSilent(worker));
    return { running: serving.length, replaced: this.#deaths.total };
  }

  #tellAll(message: { readonly kind: 'reload_tls' | 'stop' | 'line_ended' }): void {
    for (const worker of this.#workers.keys()) {
      worker.send(message);
    }
  }

  async #untilNone(): Promise<void> {
    await Promise.all([...this.#workers.keys()].map(({ closed }) => closed));
    process.off('exit', this.#killAll);
    clearInterval(this.#ping ?? undefined);
  }
}

const NOT_MADE: WorkerEnd = { code: null, signal: null };

function isSilent({ unanswered }: WorkerProcess): boolean {
  return unanswered >= SILENT_FROM;
}

function diedSentence({ code, signal }: WorkerEnd, fault: WorkerNotStartedError | null): string {
  const how = signal !== null ? `by ${signal}` : code !== null ? `with exit code ${code}` : 'before it was made';
  const why = fault === null ? 'The log tells each end (worker_ended, worker_not_made).' : `It said: ${fault.message}`;
  return `Server processes ended ${MOST_DEATHS} times within ${DEATHS_WITHIN_MS / 1000} s, the last one ${how}. ${why}`;
}
