import { type AddressInfo, createServer, type Server } from 'node:net';
import { takeWaiting } from '../transport/net/waiting-connections.ts';
import type { ConnectionLine } from './connection-line.ts';
import { PORT_NAMES, type PortName } from './messages.ts';

export interface SharedPortsOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly ports: Readonly<Record<PortName, number>>;
  /** The most connections of a port that are on their way to a worker. */
  readonly maxOnTheirWay: number;
  readonly line: ConnectionLine;
}

/** So many are handed over in about a second: who comes after them is refused at once rather than kept waiting. */
const MOST_IN_LINE = 1_000;

/**
 * Both ports, as the supervisor listens on them for all workers. A connection waits in one line of the system whatever becomes of a
 * worker, and no worker that outlives the supervisor keeps a port.
 */
export class SharedPorts {
  readonly #options: SharedPortsOptions;
  readonly #listeners = new Map<PortName, Server>();

  constructor(options: SharedPortsOptions) {
    this.#options = options;
  }

  /** Begins to listen; the ports. Rejected with nothing left open when one cannot. */
  async listen(): Promise<Readonly<Record<PortName, number>>> {
    const ports = { ...this.#options.ports };
    try {
      for (const name of PORT_NAMES) {
        ports[name] = await this.#listen(name);
      }
      return ports;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Takes the connections that wait in line, at most for so long, and listens no more. */
  async end(timeoutMs: number): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((listener) => takeWaiting(listener, timeoutMs)));
    this.close();
  }

  close(): void {
    for (const listener of this.#listeners.values()) {
      listener.close();
    }
  }

  #listen(name: PortName): Promise<number> {
    const { host, ports, maxOnTheirWay, line } = this.#options;
    // Nothing is read here, or a worker would miss it.
    const listener = createServer({ pauseOnConnect: true });
    listener.maxConnections = Math.min(maxOnTheirWay, MOST_IN_LINE);
    listener.on('connection', (socket) => {
      socket.on('error', () => undefined);
      line.add(name, socket);
    });
    return new Promise((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(ports[name], host, () => {
        listener.off('error', reject);
        // EMFILE and its like end no server: the next connection may find room again.
        listener.on('error', () => undefined);
        this.#listeners.set(name, listener);
        resolve((listener.address() as AddressInfo).port);
      });
    });
  }
}
