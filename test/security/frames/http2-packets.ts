import type { Random } from '../random.ts';
import {
  data,
  FLAG,
  frameBytes,
  goaway,
  headerBlock,
  headers,
  indexedBlock,
  numbered,
  PREFACE,
  settings,
  TYPE,
  uint32,
} from './http2-frames.ts';
import { brokenFields, requestBody, requestFields } from './requests.ts';
import type { Port } from './watched-server.ts';

/** Bursts of HTTP/2 frames for one connection, the preface first: some keep the rules, some break them now and then, some always. */
export function http2Packets(random: Random, port: Port): readonly Buffer[] {
  const peer = new Peer(random, port);
  const packets = Array.from({ length: 1 + random.below(8) }, () => peer.burst());
  const first = Buffer.concat([peer.beginning(), packets[0] ?? Buffer.alloc(0)]);
  // Before the first burst, or with it: both are read in another way.
  return random.below(3) === 0 ? [peer.beginning(), ...packets] : [first, ...packets.slice(1)];
}

const CODES = [0, 1, 2, 5, 7, 8, 11, 13, 2 ** 32 - 1];
const WINDOWS = [0, 1, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

type Move = () => Buffer;

/** A peer that knows which streams it has opened, and may do otherwise. */
class Peer {
  readonly #random: Random;
  readonly #port: Port;
  /** How many of a hundred moves break a rule. */
  readonly #wildness: number;
  #nextStream = 1;

  constructor(random: Random, port: Port) {
    this.#random = random;
    this.#port = port;
    this.#wildness = random.pick([0, 2, 2, 10, 50]);
  }

  beginning(): Buffer {
    if (this.#random.below(40) === 0) {
      return PREFACE.subarray(0, this.#random.below(PREFACE.length));
    }
    return Buffer.concat([PREFACE, this.#random.below(20) === 0 ? Buffer.alloc(0) : settings()]);
  }

  burst(): Buffer {
    return Buffer.concat(Array.from({ length: 1 + this.#random.below(12) }, () => this.#move()));
  }

  #move(): Buffer {
    if (this.#random.below(100) >= this.#wildness) {
      return this.#random.pick(this.#fair)();
    }
    const wild = this.#random.pick([...this.#unfair, ...this.#fair])();
    return this.#random.below(4) === 0 ? this.#damaged(wild) : wild;
  }

  readonly #fair: readonly Move[] = [
    () => this.#request(),
    () => this.#request(),
    () => this.#takenBack(),
    () => this.#takenBack(),
    () => data(this.#recent(), requestBody(this.#random), { endStream: this.#coin() }),
    () => numbered(TYPE.rstStream, this.#recent(), this.#random.pick(CODES)),
    () => this.#trailers(),
    () => this.#priority(this.#recent()),
    () => frameBytes({ type: TYPE.ping, payload: Buffer.alloc(8, 'p') }),
    () => numbered(TYPE.windowUpdate, this.#coin() ? 0 : this.#recent(), 1 + this.#random.below(100_000)),
    () => this.#settings(),
    () => frameBytes({ type: TYPE.settings, flags: FLAG.ack }),
    () => frameBytes({ type: 10 + this.#random.below(246), stream: this.#recent(), payload: Buffer.alloc(9) }),
  ];

  readonly #unfair: readonly Move[] = [
    () => headers(this.#newStream(), brokenFields(this.#random, this.#port), { endStream: this.#coin() }),
    () => headers(this.#any(), requestFields(this.#random, this.#port), { endStream: this.#coin() }),
    () => data(this.#any(), requestBody(this.#random), { endStream: this.#coin() }),
    () => this.#padded(),
    () => numbered(TYPE.rstStream, this.#any(), this.#random.pick(CODES)),
    () => numbered(TYPE.windowUpdate, this.#any(), this.#random.pick(WINDOWS)),
    () => goaway(this.#any(), this.#random.pick(CODES)),
    () =>
      frameBytes({ type: TYPE.pushPromise, flags: FLAG.endHeaders, stream: this.#recent(), payload: this.#promise() }),
    () => frameBytes({ type: TYPE.continuation, flags: FLAG.endHeaders, stream: this.#any(), payload: this.#block() }),
    () => frameBytes({ type: TYPE.headers, stream: this.#newStream(), payload: this.#block() }),
    // Trailers that never end: whatever comes after them ends the session.
    () => frameBytes({ type: TYPE.headers, flags: FLAG.endStream, stream: this.#recent(), payload: this.#block() }),
    () =>
      frameBytes({ type: this.#random.below(11), flags: this.#byte(), stream: this.#any(), payload: this.#bytes() }),
    () => frameBytes({ type: TYPE.headers, flags: 5, stream: this.#newStream(), payload: this.#bytes() }),
    () => settings([this.#random.below(10), this.#random.pick(WINDOWS)]),
    () => settings([4, 2 ** 31 - 1], [4, 0], [4, 65_535]),
    () => Buffer.concat(Array.from({ length: 50 }, () => this.#settings())),
    () => Buffer.concat(Array.from({ length: 100 }, () => frameBytes({ type: TYPE.ping, payload: Buffer.alloc(8) }))),
    () => Buffer.concat(Array.from({ length: 120 }, () => this.#takenBack())),
    () => this.#bytes(),
    () => PREFACE,
    () => Buffer.from('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  ];

  /** A request in one of its forms: whole, without its end, in several frames, with padding and priority. */
  #request(): Buffer {
    const stream = this.#newStream();
    const block = this.#block();
    const endStream = this.#random.below(3) === 0;
    const head =
      this.#random.below(3) === 0 ? this.#continued(stream, block, endStream) : this.#whole(stream, block, endStream);
    if (endStream || this.#coin()) {
      return head;
    }
    return Buffer.concat([head, data(stream, requestBody(this.#random), { endStream: this.#random.below(3) > 0 })]);
  }

  /** A request and its end by the caller, right after each other or with something between them. */
  #takenBack(): Buffer {
    const request = this.#request();
    const between = this.#random.below(3) === 0 ? this.#trailers() : Buffer.alloc(0);
    return Buffer.concat([request, between, numbered(TYPE.rstStream, this.#nextStream - 2, this.#random.pick(CODES))]);
  }

  #whole(stream: number, block: Buffer, endStream: boolean): Buffer {
    const flags = FLAG.endHeaders | (endStream ? FLAG.endStream : 0);
    if (this.#random.below(4) > 0) {
      return frameBytes({ type: TYPE.headers, flags, stream, payload: block });
    }
    const padding = this.#random.below(20);
    const weighted = Buffer.concat([uint32(this.#random.pick([0, 1, stream + 2])), Buffer.from([this.#byte()])]);
    const payload = Buffer.concat([Buffer.from([padding]), weighted, block, Buffer.alloc(padding)]);
    return frameBytes({ type: TYPE.headers, flags: flags | FLAG.padded | FLAG.priority, stream, payload });
  }

  #continued(stream: number, block: Buffer, endStream: boolean): Buffer {
    const frames: Buffer[] = [];
    const parts = 1 + this.#random.below(6);
    for (let part = 0; part <= parts; part += 1) {
      const payload = block.subarray((block.length * part) / (parts + 1), (block.length * (part + 1)) / (parts + 1));
      const flags = (part === parts ? FLAG.endHeaders : 0) | (part === 0 && endStream ? FLAG.endStream : 0);
      frames.push(frameBytes({ type: part === 0 ? TYPE.headers : TYPE.continuation, flags, stream, payload }));
    }
    return Buffer.concat(frames);
  }

  #trailers(): Buffer {
    const fields = this.#random.pick([
      [],
      [['x-trailer', 'a']],
      [
        ['grpc-status', '0'],
        ['expect', '100-continue'],
      ],
    ] as const);
    return headers(this.#recent(), fields, { endStream: true });
  }

  #priority(stream: number): Buffer {
    const payload = Buffer.concat([uint32(this.#random.pick([0, 1, 2 ** 31 + 3])), Buffer.from([this.#byte()])]);
    return frameBytes({ type: TYPE.priority, stream, payload });
  }

  #settings(): Buffer {
    return this.#random.pick([
      settings(),
      settings([1, this.#random.pick([0, 4_096, 2 ** 32 - 1])]),
      settings([3, this.#random.pick([0, 1, 100])], [6, this.#random.below(100_000)]),
      settings([4, this.#random.pick([0, 1, 65_535, 2 ** 31 - 1])]),
      settings([5, this.#random.pick([16_384, 2 ** 24 - 1])]),
      settings([8, 1]),
      settings([200 + this.#random.below(1_000), this.#byte()]),
    ]);
  }

  #padded(): Buffer {
    const payload = Buffer.concat([Buffer.from([this.#byte()]), requestBody(this.#random).subarray(0, 300)]);
    return frameBytes({ type: TYPE.data, flags: FLAG.padded, stream: this.#any(), payload });
  }

  #promise(): Buffer {
    return Buffer.concat([uint32(this.#random.pick([0, 2, 4, this.#nextStream])), this.#block()]);
  }

  #block(): Buffer {
    const fields = requestFields(this.#random, this.#port);
    return this.#random.below(4) === 0 ? indexedBlock(fields) : headerBlock(fields);
  }

  /** The frame with one byte changed, cut short, or said to be of another length. */
  #damaged(frame: Buffer): Buffer {
    const damaged = Buffer.from(frame);
    switch (this.#random.below(3)) {
      case 0:
        damaged[this.#random.below(damaged.length)] = this.#byte();
        return damaged;
      case 1:
        return damaged.subarray(0, this.#random.below(damaged.length + 1));
      default:
        damaged[this.#random.below(Math.min(3, damaged.length))] = this.#byte();
        return damaged;
    }
  }

  #newStream(): number {
    this.#nextStream += 2;
    return this.#nextStream - 2;
  }

  /** A stream that it has opened, or would open next. */
  #recent(): number {
    return Math.max(1, this.#nextStream - 2 * this.#random.pick([1, 1, 1, 2, 3, 6]));
  }

  #any(): number {
    return this.#random.pick([
      0,
      1,
      2,
      this.#recent(),
      this.#recent(),
      this.#nextStream + 10,
      2 ** 31 - 1,
      2 ** 32 - 1,
    ]);
  }

  #bytes(): Buffer {
    return Buffer.from(Array.from({ length: this.#random.pick([0, 1, 4, 5, 8, 9, 60]) }, () => this.#byte()));
  }

  #byte(): number {
    return this.#random.below(256);
  }

  #coin(): boolean {
    return this.#random.below(2) === 0;
  }
}
