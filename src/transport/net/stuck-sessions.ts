import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** How often sessions are looked at. */
export const LOOK_INTERVAL_MS = 5_000;

/** How many looks a peer has to answer in: 20 s, as long as the gRPC port waits for the answer to a ping. */
const LOOKS_TO_ANSWER = 4;

interface Watched {
  readonly session: ServerHttp2Session;
  readonly socket: Socket;
  /** What had been read of the socket at the last look, and when the peer was last known to be heard. */
  readAtLook: number;
  readWhenHeard: number;
  /** Looks since the peer was asked; null: it was not, or has answered. */
  looksSinceAsked: number | null;
  wasDestroyed: boolean;
}

/**
 * Ends sessions of HTTP/2 that Node has forgotten. By TLS a session can wait for ever for the end of a write to a peer that
 * has gone: it reads no more, so it never hears of the end, and even once it is destroyed its socket stays open. About one
 * connection in a hundred that breaks off in the middle of its frames ends so, and keeps its descriptor. So does one whose
 * peer broke a rule for which nghttp2 stops to read and Node does nothing.
 *
 * A peer that falls silent after it said something is asked by a ping once, and is ended where nothing comes within 20
 * seconds; so is one that said it goes and stays. The socket of a destroyed session is destroyed at the second look.
 * `event` is what the server makes a session from. To be called before the first connection.
 */
export function endStuckSessions(server: Http2Server, event: 'connection' | 'secureConnection'): void {
  const watchedSessions = new WatchedSessions();
  let arriving: Socket | null = null;
  server.prependListener(event, (socket: Socket) => {
    arriving = socket;
  });
  server.on('session', (session: ServerHttp2Session) => {
    if (arriving !== null) {
      watchedSessions.add(session, arriving);
    }
    arriving = null;
  });
}

class WatchedSessions {
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | null = null;

  add(session: ServerHttp2Session, socket: Socket): void {
    const watched: Watched = {
      session,
      socket,
      readAtLook: 0,
      readWhenHeard: 0,
      looksSinceAsked: null,
      wasDestroyed: false,
    };
    this.#watched.add(watched);
    socket.once('close', () => {
      this.#watched.delete(watched);
      if (this.#watched.size === 0 && this.#timer !== null) {
        clearInterval(this.#timer);
        this.#timer = null;
      }
    });
    // A process that has nothing else to do need not stay for it.
    this.#timer ??= setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
  }

  #look(): void {
    for (const watched of this.#watched) {
      if (watched.session.destroyed) {
        lookAtDestroyed(watched);
      } else {
        lookAtOpen(watched);
      }
    }
  }
}

function lookAtDestroyed(watched: Watched): void {
  // The first look leaves it time to write what is left.
  if (watched.wasDestroyed) {
    watched.socket.destroy();
  }
  watched.wasDestroyed = true;
}

function lookAtOpen(watched: Watched): void {
  const { session, socket } = watched;
  const { bytesRead } = socket;
  if (bytesRead !== watched.readAtLook) {
    watched.readAtLook = bytesRead;
    watched.looksSinceAsked = null;
    return;
  }
  if (watched.looksSinceAsked !== null) {
    watched.looksSinceAsked += 1;
    if (watched.looksSinceAsked > LOOKS_TO_ANSWER) {
      session.destroy();
    }
    return;
  }
  if (bytesRead === watched.readWhenHeard && !session.closed) {
    return;
  }
  watched.looksSinceAsked = 0;
  const isAsked = session.ping((error) => {
    if (error === null) {
      watched.looksSinceAsked = null;
      watched.readAtLook = socket.bytesRead;
      watched.readWhenHeard = socket.bytesRead;
    }
  });
  if (!isAsked) {
    // Pings of others are on their way, whose answer is as good.
    watched.looksSinceAsked = null;
  }
}
