import type { ChildProcess } from 'node:child_process';
import type { Hashing } from '../crypto/hash-pool.ts';
import type { Logger } from '../observability/logger.ts';
import type { MetricsSnapshot } from '../observability/metrics-snapshot.ts';
import type { ConnectionLine } from './connection-line.ts';
import { DEATHS_WITHIN_MS, Deaths, MOST_DEATHS } from './deaths.ts';
import { GatheredMetrics } from './gathered-metrics.ts';
import type { PortName, ToSupervisor } from './messages.ts';
import { ServedHashing } from './served-hashing.ts';
import { WorkerNotStartedError, WorkersDiedError } from './worker-faults.ts';
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

/**
 * Starts workers, replaces those that end, and is what they share: connections, hashing, the page of metrics. A worker that does not
 * answer for thirty seconds once it has started, while this process runs, is ended and replaced.
 */
export class Supervisor {
  /** Fulfilled with why the workers cannot go on, once they had started. */
  readonly failed: Promise<Error>;
  readonly #options: SupervisorOptions;
  readonly #workers = new Set<WorkerProcess>();
  readonly #deaths = new Deaths();
  readonly #metrics: GatheredMetrics;
  readonly #killAll = (): void => {
    for (const worker of this.#workers) {
      worker.kill();
    }
  };
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
    this.#isEnding = true;
    this.#tellAll({ kind: 'stop' });
  }

  /** All connections were handed over: workers end once they have served them; after so long they are killed. */
  async endStop(timeoutMs: number): Promise<void> {
    this.#tellAll({ kind: 'line_ended' });
    const timer = setTimeout(this.#killAll, timeoutMs);
    await this.#untilNone();
    clearTimeout(timer);
  }

  #startWorker(number: number): void {
    const worker = new WorkerProcess(number, this.#options.fork());
    const served = {
      hashing: new ServedHashing(this.#options.hashing, (reply) => worker.send(reply)),
      write: this.#options.answerWrites((replies) => worker.send({ kind: 'written', replies })),
    };
    this.#workers.add(worker);
    worker.onMessage((message) => this.#receive(worker, served, message));
    worker.onEnd((end) => {
      served.hashing.end();
      this.#options.line.leave(worker);
      this.#metrics.end(worker);
      worker.isReady = false;
      this.#replace(worker, end);
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
        this.#options.line.taken(worker, message.open);
        return;
      case 'pong':
        worker.unanswered = 0;
        this.#options.line.count(worker, message.open);
        return;
      case 'snapshot':
        this.#metrics.receive(worker, message.snapshot);
        return;
      case 'metrics':
        this.#metrics.gather().then((snapshot) => worker.send({ kind: 'metrics', id: message.id, snapshot }));
        return;
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
    if (this.#counts().running === this.#options.workers) {
      this.#onAllReady?.();
    }
  }

  #replace(worker: WorkerProcess, { code, signal }: WorkerEnd): void {
    const { number, fault } = worker;
    if (this.#isEnding) {
      if (code !== 0) {
        this.#options.logger.error('worker_ended', { worker: number, code, signal });
      }
      return;
    }
    if (fault !== null && !this.#hasStarted) {
      this.#end(fault);
      return;
    }
    const said = fault === null ? {} : { fault: fault.message };
    this.#options.logger.error('worker_ended', { worker: number, code, signal, ...said });
    if (this.#deaths.add()) {
      this.#end(new WorkersDiedError(diedSentence({ code, signal }, fault)));
    } else {
      this.#startWorker(number);
    }
  }

  #end(error: Error): void {
    this.#isEnding = true;
    this.#fail(error);
  }

  #lookAfter(): void {
    for (const worker of this.#workers) {
      if (worker.unanswered >= MOST_UNANSWERED) {
        this.#options.logger.error('worker_silent', { worker: worker.number });
        worker.kill();
      }
      worker.unanswered += Number(worker.isReady);
      worker.send({ kind: 'ping' });
    }
  }

  #counts(): { readonly running: number; readonly replaced: number } {
    return { running: [...this.#workers].filter(({ isReady }) => isReady).length, replaced: this.#deaths.total };
  }

  #tellAll(message: { readonly kind: 'reload_tls' | 'stop' | 'line_ended' }): void {
    for (const worker of this.#workers) {
      worker.send(message);
    }
  }

  async #untilNone(): Promise<void> {
    await Promise.all([...this.#workers].map(({ closed }) => closed));
    process.off('exit', this.#killAll);
    clearInterval(this.#ping ?? undefined);
  }
}

function diedSentence({ code, signal }: WorkerEnd, fault: WorkerNotStartedError | null): string {
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  const why = fault === null ? 'The log tells each end (worker_ended).' : `It said: ${fault.message}`;
  return `Server processes ended ${MOST_DEATHS} times within ${DEATHS_WITHIN_MS / 1000} s, the last one ${how}. ${why}`;
}
