import { setImmediate as nextTurn } from 'node:timers/promises';
import { pieces } from '../frames/conversation.ts';
import type { Speaker } from '../frames/peers.ts';
import type { Port, WatchedServer } from '../frames/watched-server.ts';
import { Random } from '../random.ts';
import { http1Requests } from './http1-requests.ts';

/** What is answered after a half-close comes at once; a peer that is not answered by then leaves. */
const PATIENCE_MS = 2_000;

/** 501 is Connect's for UNIMPLEMENTED: an unknown encoding. */
const FAULT = /HTTP\/1\.[01] 5(?!01)\d\d.{0,600}/s;

/** Requests of HTTP/1.1 by hand on one connection, cut anywhere, whose answers must not be faults of the server. */
export const speaksHttp1: Speaker = (server, port, seed) => {
  const random = new Random(seed);
  const requests = http1Requests(random);
  const bytes = Buffer.concat(requests);
  const parts = pieces(random, bytes, random.pick([0, 0, 1, 4, 20]));
  return {
    seed: random.seed,
    packets: requests.length,
    isOver: exchange(server, port, parts).then((answer) => {
      const fault = FAULT.exec(answer);
      if (fault !== null) {
        throw new Error(`TEST_SEED=${random.seed}: ${fault[0]}\nfor ${JSON.stringify(bytes.toString('latin1'))}`);
      }
    }),
  };
};

/** All that comes back until the server ends the connection, which is half-closed after the last part. */
async function exchange(server: WatchedServer, port: Port, parts: readonly Buffer[]): Promise<string> {
  const socket = server.connect(port, 'http/1.1');
  const answers: Buffer[] = [];
  const isOver = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => answers.push(chunk));
  socket.setNoDelay(true);
  for (const part of parts) {
    if (!socket.writable) {
      break;
    }
    socket.write(part);
    await nextTurn();
  }
  socket.end();
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
  await isOver;
  clearTimeout(patience);
  return Buffer.concat(answers).toString('latin1');
}
