import type { Socket } from 'node:net';
import type { HashParameters } from '../crypto/hashes/hash-parameters.ts';
import type { MetricsSnapshot } from '../observability/metrics-snapshot.ts';
import type { ConnectionSource } from '../transport/net/connection-source.ts';
import type { PortName, ToSupervisor, ToWorker } from './messages.ts';
import { RemoteBudgets, type RemoteBudgetsOptions } from './remote-budgets.ts';
import { RemoteHashing } from './remote-hashing.ts';

/** The supervisor waits for a second for the other workers. */
const METRICS_PATIENCE_MS = 3_000;

/** A process that was forked with a channel, as {@link NodeJS.Process} is one. */
export type Channel = Pick<NodeJS.Process, 'on' | 'once' | 'off' | 'send' | 'connected'>;

/** What the supervisor told a worker first. */
type Welcome = Extract<ToWorker, { kind: 'welcome' }>;

type Answered<Value> = Value | Promise<Value> | null;

/** Who waits for writes that another process does. */
export interface WriteAnswers {
  /** That process said something: it reads. */
  heard(): void;
  receive(replies: readonly unknown[]): void;
  disconnect(): void;
}

/** A worker's end of the channel to its supervisor. */
export class WorkerLink {
  /** From 1 on. */
  readonly worker: number;
  /** Fulfilled when the supervisor asks for the stop, or has gone. */
  readonly stopAsked: Promise<void>;
  readonly #channel: Channel;
  readonly #ports: Welcome['ports'];
  readonly #take = new Map<PortName, (socket: Socket) => void>();
  readonly #open = new Map<PortName, () => number>();
  readonly #metricsAsked = new Map<number, (snapshot: Answered<MetricsSnapshot>) => void>();
  readonly #lineEnded: Promise<void>;
  #hashing: RemoteHashing | null = null;
  #budgets: RemoteBudgets | null = null;
  #writeAnswers: WriteAnswers | null = null;
  #snapshot: (() => Promise<MetricsSnapshot>) | null = null;
  #lastMetrics: MetricsSnapshot | null = null;
  #onReload: () => void = () => undefined;
  #onStop: () => void = () => undefined;
  #onLineEnded: () => void = () => undefined;
  #lastId = 0;

  private constructor(channel: Channel, { worker, ports }: Welcome) {
    this.#channel = channel;
    this.worker = worker;
    this.#ports = ports;
    this.stopAsked = new Promise((resolve) => {
      this.#onStop = resolve;
    });
    this.#lineEnded = new Promise((resolve) => {
      this.#onLineEnded = resolve;
    });
    channel.on('message', (message, socket) => this.#receive(message as ToWorker, socket as Socket | undefined));
    channel.once('disconnect', () => this.#disconnect());
    if (!channel.connected) {
      this.#disconnect();
    }
  }

  /** Waits for the supervisor's first word; null for a process that has none. */
  static async connect(channel: Channel): Promise<WorkerLink | null> {
    if (!channel.connected) {
      return null;
    }
    const welcome = await new Promise<Welcome | null>((resolve) => {
      const end = (message: Welcome | null): void => {
        channel.off('message', receive);
        channel.off('disconnect', gone);
        resolve(message);
      };
      const receive = (message: unknown): void => {
        const told = message as ToWorker;
        end(told.kind === 'welcome' ? told : null);
      };
      const gone = (): void => end(null);
      channel.on('message', receive);
      channel.on('disconnect', gone);
    });
    return welcome === null ? null : new WorkerLink(channel, welcome);
  }

  /** The machine's hashing, for new hashes of these parameters. To be called once. */
  hashing(parameters: HashParameters): RemoteHashing {
    this.#hashing = new RemoteHashing(parameters, (request) => this.#send(request));
    return this.#hashing;
  }

  /** The machine's buckets. To be called once. */
  budgets(options: Omit<RemoteBudgetsOptions, 'send'>): RemoteBudgets {
    this.#budgets = new RemoteBudgets({ ...options, send: (calls) => this.#send({ kind: 'charge', calls }) });
    return this.#budgets;
  }

  /**
   * Sends writes to the process that writes for all, and tells whether the channel takes more; `answers` is told what became of them,
   * and when that process has gone.
   */
  writesTo(answers: WriteAnswers): (requests: readonly unknown[]) => boolean {
    this.#writeAnswers = answers;
    return (requests) => this.#send({ kind: 'writes', requests });
  }

  /** Where the connections of a port come from. */
  source(port: PortName): ConnectionSource {
    return {
      port: this.#ports[port],
      begin: (take) => this.#take.set(port, take),
      watchOpen: (open) => this.#open.set(port, open),
      untilEnded: (timeoutMs) => this.#untilLineEnded(timeoutMs),
    };
  }

  /** Names what this worker has to show. */
  watchMetrics(snapshot: () => Promise<MetricsSnapshot>): void {
    this.#snapshot = snapshot;
  }

  /**
   * The metrics of all workers; as they were last where the supervisor does not answer for three seconds, for counters never go back;
   * of this worker where there are no others, or it has gone. Null: there are none yet.
   */
  async metricsOfAll(): Promise<MetricsSnapshot | null> {
    if (!this.#channel.connected) {
      return (await this.#snapshot?.()) ?? null;
    }
    this.#lastId += 1;
    const id = this.#lastId;
    return await new Promise((resolve) => {
      const timer = setTimeout(
        () => this.#answerMetrics(id, this.#lastMetrics ?? this.#snapshot?.() ?? null),
        METRICS_PATIENCE_MS,
      );
      this.#metricsAsked.set(id, (snapshot) => {
        clearTimeout(timer);
        resolve(snapshot);
      });
      this.#send({ kind: 'metrics', id });
    });
  }

  /** It serves; from now on connections come. */
  ready(onReload: () => void): void {
    this.#onReload = onReload;
    this.#send({ kind: 'ready' });
  }

  /** It cannot start. Fulfilled when the supervisor can read it, whatever becomes of this process. */
  notStarted(exitCode: number, lines: readonly string[]): Promise<void> {
    const message: ToSupervisor = { kind: 'not_started', exitCode, lines };
    return new Promise((resolve) => {
      if (this.#channel.send === undefined || !this.#channel.connected) {
        resolve();
        return;
      }
      this.#channel.send(message, () => resolve());
    });
  }

  #receive(message: ToWorker, socket: Socket | undefined): void {
    this.#hashing?.heard();
    this.#budgets?.heard();
    this.#writeAnswers?.heard();
    switch (message.kind) {
      case 'connection':
        this.#connection(message, socket);
        return;
      case 'ping':
        this.#send({ kind: 'pong', handed: message.handed, open: this.#openConnections() });
        return;
      case 'reload_tls':
        this.#onReload();
        return;
      case 'snapshot':
        void this.#snapshot?.().then((snapshot) => this.#send({ kind: 'snapshot', snapshot }));
        return;
      case 'charged':
        this.#budgets?.receive(message.outcomes);
        return;
      case 'written':
        this.#writeAnswers?.receive(message.replies);
        return;
      case 'metrics':
        this.#lastMetrics = message.snapshot;
        this.#answerMetrics(message.id, message.snapshot);
        return;
      case 'stop':
        this.#onStop();
        return;
      case 'line_ended':
        this.#onLineEnded();
        return;
      case 'welcome':
        return;
      default:
        this.#hashing?.receive(message);
    }
  }

  #answerMetrics(id: number, snapshot: Answered<MetricsSnapshot>): void {
    this.#metricsAsked.get(id)?.(snapshot);
    this.#metricsAsked.delete(id);
  }

  #connection({ port, id }: Extract<ToWorker, { kind: 'connection' }>, socket: Socket | undefined): void {
    if (socket !== undefined) {
      this.#take.get(port)?.(socket);
    }
    // Nothing of it is read before the next turn: a worker that ends without this word has read nothing.
    this.#send({ kind: 'taken', id, open: this.#openConnections() });
  }

  #openConnections(): { readonly http: number; readonly grpc: number } {
    return { http: this.#open.get('http')?.() ?? 0, grpc: this.#open.get('grpc')?.() ?? 0 };
  }

  async #untilLineEnded(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#lineEnded, late]);
    clearTimeout(timer);
  }

  #disconnect(): void {
    this.#onStop();
    this.#onLineEnded();
    this.#hashing?.disconnect();
    this.#budgets?.disconnect();
    this.#writeAnswers?.disconnect();
    for (const answer of this.#metricsAsked.values()) {
      // It is all that is left.
      answer(this.#snapshot?.() ?? null);
    }
    this.#metricsAsked.clear();
  }

  /** Whether the channel takes more; one that has ended holds nothing. */
  #send(message: ToSupervisor): boolean {
    return !this.#channel.connected || this.#channel.send?.(message, () => undefined) !== false;
  }
}
