import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { CERTIFICATES } from '../../support/certificates.js';
import { conversationOf } from '../frames/conversation.ts';
import type { Speaker } from '../frames/peers.ts';
import { Random } from '../random.ts';
import { garbageRecord, MangledRecords } from './mangled-records.ts';

/** Not every conversation has an answer: a mangled record may be one whose rest is waited for. */
const PATIENCE_MS = 40;

/** A handshake, and what follows it, whose records are changed on their way; garbage comes between them at times. */
export const speaksTls: Speaker = (server, port, seed) => {
  const random = new Random(seed);
  const socket = server.connect(port, 'raw');
  // The handshake's two flights and what is said after it.
  return { seed: random.seed, packets: 4, isOver: converse(socket, random) };
};

async function converse(socket: Socket, random: Random): Promise<void> {
  const records = await MangledRecords.to(socket, random);
  const tls = connectTls({
    socket: records.client,
    ca: CERTIFICATES.ca,
    servername: 'localhost',
    ALPNProtocols: random.pick([['h2'], ['http/1.1'], ['h2', 'http/1.1'], ['none'], []]),
    minVersion: 'TLSv1.2',
    maxVersion: random.pick(['TLSv1.2', 'TLSv1.3', 'TLSv1.3']),
  });
  tls.on('error', () => undefined);
  tls.resume();
  const isOver = new Promise<void>((resolve) => tls.once('close', () => resolve()));
  const isSecure = new Promise<void>((resolve) => tls.once('secureConnect', () => resolve()));
  const patience = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, PATIENCE_MS));
  if (random.below(10) === 0) {
    records.inject(garbageRecord(random));
  }
  await Promise.race([isSecure, isOver, patience()]);
  const { packets, leaving } = conversationOf(random.seed, 'http');
  for (const packet of packets.slice(0, 2)) {
    if (!tls.writable) {
      break;
    }
    tls.write(Buffer.concat(packet));
    if (random.below(3) === 0) {
      records.inject(garbageRecord(random));
    }
    await nextTurn();
  }
  if (leaving === 'waits' || leaving === 'ends') {
    tls.end();
    await Promise.race([isOver, patience()]);
  }
  tls.destroy();
  records.destroy();
  await isOver;
}
