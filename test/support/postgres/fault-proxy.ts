import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What a client sends, as PostgreSQL's manual describes it ("Message Formats"). */
export interface ClientMessage {
  /** `Q` runs SQL as it stands, `S` ends a statement with parameters. */
  readonly type: string;
  /** The SQL of a `Q`; empty for any other. */
  readonly sql: string;
}

/**
 * - `pass`: it is handed on.
 * - `cut_before`: the connection is cut, and the server never sees it.
 * - `cut_after`: it is handed on, and the connection is cut when the server has answered it to its end; the answer is lost, and what came before it from then on.
 * - `hold`: it is handed on, and nothing of what the server answers from then on.
 */
export type Verdict = 'pass' | 'cut_before' | 'cut_after' | 'hold';

/** Lies between a client and its PostgreSQL, in clear text, and cuts connections where a test says. */
export interface FaultProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Where new connections lead. */
  target: Target;
  /** Asked about each message of every client; passes all by itself. */
  judge: (message: ClientMessage) => Verdict;
  /** So many connections are refused from now on; `Infinity` until it is set again. */
  refusals: number;
  /** How many were refused. */
  readonly refused: number;
  /** Of clients, those that are open. */
  readonly connections: ReadonlySet<Socket>;
  /** Cuts every connection. */
  cutAll(): void;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

const HEADER_BYTES = 5;

export async function startFaultProxy(target: Target): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let refused = 0;
  const server = createServer((client) => {
    if (proxy.refusals > 0) {
      proxy.refusals -= 1;
      refused += 1;
      client.destroy();
      return;
    }
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    link(client, connect({ host: proxy.target.host, port: proxy.target.port }), (message) => proxy.judge(message));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutAll = () => {
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  const proxy: FaultProxy = {
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    target,
    judge: () => 'pass',
    refusals: 0,
    get refused() {
      return refused;
    },
    connections: sockets,
    cutAll,
    async [Symbol.asyncDispose]() {
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

function link(client: Socket, server: Socket, judge: (message: ClientMessage) => Verdict): void {
  let isHeld = false;
  /** How often the client has asked for an end, and the server has told of one (ReadyForQuery): the connection's begin, each query, each Sync. */
  let asked = 0;
  let answered = 0;
  /** Which of the ends is that of the message whose answer is lost. */
  let lostEnd = Number.POSITIVE_INFINITY;
  const cut = () => {
    client.destroy();
    server.destroy();
  };
  for (const socket of [client, server]) {
    socket.setNoDelay(true);
    socket.on('error', cut);
    socket.on('close', cut);
  }
  const answers = new MessageReader(true);
  server.on('data', (bytes: Buffer) => {
    for (const { message } of answers.read(bytes)) {
      answered += message?.type === 'Z' ? 1 : 0;
    }
    if (answered >= lostEnd) {
      cut();
    } else if (!isHeld && lostEnd === Number.POSITIVE_INFINITY) {
      client.write(bytes);
    }
  });
  const messages = new MessageReader(false);
  client.on('data', (bytes: Buffer) => {
    for (const { message, raw } of messages.read(bytes)) {
      const verdict = message === null ? 'pass' : judge(message);
      if (verdict === 'cut_before') {
        // What was handed on before is in the server's hands.
        server.end();
        client.destroy();
        return;
      }
      const asksForEnd = message === null || message.type === 'Q' || message.type === 'S';
      asked += asksForEnd ? 1 : 0;
      if (verdict === 'cut_after') {
        lostEnd = Math.min(lostEnd, asked + (asksForEnd ? 0 : 1));
      }
      isHeld ||= verdict === 'hold';
      server.write(raw);
    }
  });
}

/** Cuts a stream into messages. The client's first, which opens the connection, has no type: null. */
class MessageReader {
  #rest = Buffer.alloc(0);
  #isOpened: boolean;

  constructor(isOpened: boolean) {
    this.#isOpened = isOpened;
  }

  *read(bytes: Buffer): Generator<{ readonly message: ClientMessage | null; readonly raw: Buffer }> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const typeBytes = this.#isOpened ? 1 : 0;
      if (this.#rest.length < HEADER_BYTES) {
        return;
      }
      const length = typeBytes + this.#rest.readInt32BE(typeBytes);
      if (this.#rest.length < length) {
        return;
      }
      const raw = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      yield { message: this.#isOpened ? messageOf(raw) : null, raw };
      this.#isOpened = true;
    }
  }
}

function messageOf(raw: Buffer): ClientMessage {
  const type = String.fromCharCode(raw[0] ?? 0);
  return { type, sql: type === 'Q' ? raw.toString('utf8', HEADER_BYTES, raw.length - 1) : '' };
}
