import type { ChildProcess } from 'node:child_process';
import type { Handed, Taker } from './connection-line.ts';
import type { Counted } from './gathered-metrics.ts';
import type { ToSupervisor, ToWorker } from './messages.ts';
import type { WorkerNotStartedError } from './worker-faults.ts';

/** How a worker ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A worker as the supervisor has it: a process with a channel. */
export class WorkerProcess implements Taker, Counted {
  /** From 1 on; a replacement has its predecessor's. */
  readonly number: number;
  /** Fulfilled when it has ended and all that it said was read. */
  readonly closed: Promise<void>;
  isReady = false;
  /** Why it could not start, as it said itself. */
  fault: WorkerNotStartedError | null = null;
  /** Pings since its last answer. */
  unanswered = 0;
  readonly #child: ChildProcess;

  constructor(number: number, child: ChildProcess) {
    this.number = number;
    this.#child = child;
    this.closed = new Promise((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => {
        if (child.pid === undefined) {
          resolve();
        }
      });
    });
    // A message that cannot be sent: the channel is closing, and the end of the process follows.
    child.on('error', () => undefined);
  }

  /** Null: it could not be made. */
  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  onMessage(receive: (message: ToSupervisor) => void): void {
    this.#child.on('message', (message) => receive(message as ToSupervisor));
  }

  /** Called once, when the process has ended or could not be made, and all that it sent was received. */
  onEnd(ended: (end: WorkerEnd) => void): void {
    this.#child.once('exit', (code, signal) => {
      if (this.#child.connected) {
        // The channel still holds what it said last.
        this.#child.once('disconnect', () => ended({ code, signal }));
      } else {
        ended({ code, signal });
      }
    });
    this.#child.once('error', () => {
      if (this.#child.pid === undefined) {
        ended({ code: null, signal: null });
      }
    });
  }

  /** Does nothing once the worker has gone. */
  send(message: ToWorker): void {
    if (this.#child.connected) {
      this.#child.send(message, () => undefined);
    }
  }

  hand({ port, id, socket }: Handed, onFailed: () => void): void {
    const message: ToWorker = { kind: 'connection', port, id };
    if (this.#child.connected) {
      this.#child.send(message, socket, { keepOpen: true }, (error) => {
        if (error !== null && this.#child.connected) {
          onFailed();
        }
      });
    }
  }

  ask(): void {
    this.send({ kind: 'snapshot' });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
