import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Random } from '../random.ts';

const HEAD_BYTES = 5;

/**
 * A connection that carries the TLS records of a client, and changes some of them on their way (RFC 8446, section 5.1). What
 * comes from the server passes as it is. By real sockets on both sides: Node's TLS over a stream that is none ends the process
 * where a record comes while another is written (`JSStreamSocket.doWrite`).
 */
export class MangledRecords {
  /** The client's end. */
  readonly client: Socket;
  readonly #server: Socket;
  readonly #random: Random;
  /** How many records of a hundred are changed. */
  readonly #wildness: number;
  #pending: Buffer = Buffer.alloc(0);

  private constructor({ client, relayed }: { client: Socket; relayed: Socket }, server: Socket, random: Random) {
    this.client = client;
    this.#server = server;
    this.#random = random;
    this.#wildness = random.pick([5, 20, 50, 100]);
    relayed.on('data', (chunk) => this.#carry(chunk));
    relayed.on('end', () => server.end());
    relayed.on('error', () => undefined);
    relayed.on('close', () => server.destroy());
    server.on('data', (chunk) => void relayed.write(chunk));
    server.on('end', () => relayed.end());
    server.on('close', () => relayed.destroy());
  }

  /** `server`: a connection on which nothing was said yet. */
  static async to(server: Socket, random: Random): Promise<MangledRecords> {
    server.on('error', () => undefined);
    const relay = net.createServer().listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const client = net.connect((relay.address() as AddressInfo).port, '127.0.0.1');
    const [relayed] = (await once(relay, 'connection')) as [Socket];
    relay.close();
    return new MangledRecords({ client, relayed }, server, random);
  }

  /** Bytes that no client of TLS would send here. */
  inject(bytes: Uint8Array): void {
    this.#put(bytes);
  }

  /** Ends both sides. */
  destroy(): void {
    this.client.destroy();
    this.#server.destroy();
  }

  #carry(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    for (let length = this.#length(); this.#pending.length >= length; length = this.#length()) {
      const record = this.#pending.subarray(0, length);
      this.#pending = this.#pending.subarray(length);
      this.#put(this.#random.below(100) < this.#wildness ? this.#mangled(record) : record);
    }
  }

  #length(): number {
    return this.#pending.length < HEAD_BYTES ? HEAD_BYTES + 1 : HEAD_BYTES + this.#pending.readUInt16BE(3);
  }

  #put(bytes: Uint8Array): void {
    if (this.#server.writable && bytes.length > 0) {
      this.#server.write(bytes);
    }
  }

  #mangled(record: Buffer): Buffer {
    const random = this.#random;
    const copy = Buffer.from(record);
    const at = random.below(record.length);
    switch (random.below(11)) {
      case 0:
        return record.subarray(0, at);
      case 1:
        copy[at] = random.below(256);
        return copy;
      case 2:
        return Buffer.concat([record, record]);
      case 3:
        return Buffer.alloc(0);
      case 4:
        copy[0] = random.pick([0, 20, 21, 22, 23, 24, 25, 255]);
        return copy;
      case 5:
        copy.writeUInt16BE(random.pick([0, 0x0200, 0x0300, 0x0301, 0x0304, 0xffff]), 1);
        return copy;
      case 6:
        copy.writeUInt16BE(random.pick([0, 1, record.length, 16_384, 16_641, 65_535]), 3);
        return copy;
      case 7:
        return Buffer.concat([record, garbageRecord(random)]);
      case 8:
        return Buffer.concat([garbageRecord(random), record]);
      case 9:
        return fragmented(record, 1 + random.below(20));
      default:
        return Buffer.concat([record.subarray(0, at), bytesOf(random, 40), record.subarray(at)]);
    }
  }
}

/** A record of any type, whose content is none. */
export function garbageRecord(random: Random): Buffer {
  const content = bytesOf(random, random.pick([0, 1, 2, 40, 17_000]));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(random.pick([20, 21, 22, 22, 23, 24, 0, 255]));
  head.writeUInt16BE(0x0303, 1);
  head.writeUInt16BE(content.length, 3);
  return Buffer.concat([head, content]);
}

function bytesOf(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: random.below(most + 1) }, () => random.below(256)));
}

/** The same content in records of a few bytes each. */
function fragmented(record: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let start = HEAD_BYTES; start < record.length; start += size) {
    const content = record.subarray(start, start + size);
    const head = Buffer.from(record.subarray(0, HEAD_BYTES));
    head.writeUInt16BE(content.length, 3);
    parts.push(head, content);
  }
  return Buffer.concat(parts);
}
