import { type ClientHttp2Session, connect } from 'node:http2';
import type { ServerProcess } from './server-process.ts';

/** Bodies of which all but the end was sent. */
export interface HalfSent {
  /** How many were answered: OVERLOADED, by either port. */
  readonly refused: () => number;
  /** How many ended otherwise, each of which made room for another: they waited too long for their last byte. */
  readonly ended: () => number;
  /** Takes all of them back. */
  leave(): Promise<void>;
}

const STREAMS = 100;
export const BODY_BYTES = 65_000;

/**
 * Sends bodies of 65 kB without their last byte over so many connections, a hundred on each, to both ports in turn: all at
 * once, or `inTurn` each once the server has read the one before, so that it is known how many find room.
 */
export async function sendHalves(
  { httpAddress, grpcAddress }: ServerProcess,
  connections: number,
  { inTurn = false } = {},
): Promise<HalfSent> {
  let refused = 0;
  let ended = 0;
  const sessions: ClientHttp2Session[] = [];
  const sent: Promise<void>[] = [];
  for (let index = 0; index < connections; index += 1) {
    const isGrpc = index % 2 === 1;
    const session = connect(isGrpc ? `http://${grpcAddress}` : httpAddress);
    session.on('error', () => undefined);
    sessions.push(session);
    for (let stream = 0; stream < STREAMS; stream += 1) {
      const half = sendHalf(session, isGrpc, (isOverloaded) => {
        refused += Number(isOverloaded);
        ended += Number(!isOverloaded);
      });
      sent.push(half);
      if (inTurn) {
        await half;
        await answerToPing(session);
      }
    }
  }
  await Promise.all(sent);
  return {
    refused: () => refused,
    ended: () => ended,
    async leave() {
      await Promise.all(
        sessions.map((session) => {
          const closed = new Promise<void>((resolve) => session.once('close', () => resolve()));
          session.destroy();
          return closed;
        }),
      );
    },
  };
}

/** Fulfilled when the peer has read what was sent before. */
function answerToPing(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => session.ping(() => resolve()));
}

/** Fulfilled when the bytes were taken off this side, or the stream has ended. */
function sendHalf(session: ClientHttp2Session, isGrpc: boolean, onEnd: (isOverloaded: boolean) => void): Promise<void> {
  const stream = session.request({
    ':method': 'POST',
    ':path': isGrpc ? '/authflow.v1.AuthService/Validate' : '/auth/validate',
    'content-type': isGrpc ? 'application/grpc' : 'application/json',
    te: 'trailers',
  });
  const body = Buffer.alloc(BODY_BYTES, 'x');
  if (isGrpc) {
    body.writeUInt8(0, 0);
    body.writeUInt32BE(BODY_BYTES, 1);
  }
  stream.on('error', () => undefined);
  const told = new Promise<boolean>((resolve) => {
    stream.once('response', (headers) => resolve(headers[':status'] === 429 || headers['grpc-status'] === '8'));
    stream.once('close', () => resolve(false));
  });
  void told.then(onEnd);
  stream.resume();
  return new Promise((resolve) => {
    stream.once('close', () => resolve());
    stream.write(body, () => resolve());
  });
}
