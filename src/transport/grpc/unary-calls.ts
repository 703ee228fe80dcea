import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { AuthError, type ErrorReason } from '../../domain/errors.ts';
import type { IncomingCall, ReadRequest } from '../../operations/call.ts';
import { CallReport, type UnreadRefusal } from '../../operations/call-report.ts';
import type { Failure } from '../../operations/failure.ts';
import type { Operation } from '../../operations/operation.ts';
import type { Operations } from '../../operations/pipeline.ts';
import type { Admission, Arrival, Peer } from '../admission/admission.ts';
import { AT_ONCE, type Manner } from '../admission/repeats.ts';
import { wireError } from '../error-mapping.ts';
import { ACCEPTED_ENCODINGS, type Compression, inflated } from '../inflation.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { crowdedError, type HeldBytes, type Hold } from '../net/held-bytes.ts';
import { isClosed, joinedValues } from '../net/streams.ts';
import { UnfinishedRequests } from '../net/unfinished-requests.ts';
import { decodeRequest, UndecodableRequest, unreadableError } from '../request-decoding.ts';
import { byRpcPath } from '../rpc-paths.ts';
import { stoppingError } from '../stopping.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import { GRPC_CODES } from './codes.ts';
import { cutGrpcTimeout } from './grpc-timeout.ts';
import { PreparedRefusals } from './prepared-refusals.ts';
import { type ReplyFraming, replyFraming } from './reply-framing.ts';
import { type MessageFault, RequestMessage, type SentMessage } from './request-message.ts';
import { ignoreErrors, refuseStream, refuseStreamWith } from './stream-refusal.ts';

/** What every unary call of a port shares. */
export interface UnaryCallOptions {
  readonly operations: Operations;
  readonly proxies: TrustedProxies;
  /** Where requests are counted that wait for their end. */
  readonly heldBytes: HeldBytes;
  readonly admission: Admission;
  /** Whether the server is stopping: calls that arrive now are refused UNAVAILABLE. */
  isDraining(): boolean;
}

/** A stream that asks for a call, with what came first of it. */
export interface CallStream {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  /** How its message may be compressed; null where it names no compression. */
  readonly compression: Compression | null;
}

/** Answers the call that a stream asks for. To be called in the turn in which the stream came. Never throws. */
export type UnaryEndpoint = (stream: CallStream) => void;

/** The endpoints of all operations, by the paths of their RPCs. */
export function unaryEndpoints(options: UnaryCallOptions): ReadonlyMap<string, UnaryEndpoint> {
  const unfinished = new UnfinishedRequests();
  const refusals = new PreparedRefusals();
  const endpoints = new Map<string, UnaryEndpoint>();
  for (const [path, operation] of byRpcPath(options.operations.services)) {
    const method = { ...options, operation, unfinished, refusals, frameReply: replyFraming(operation.method.output) };
    endpoints.set(path, (stream) => admit(method, stream));
  }
  return endpoints;
}

/** An operation with what its calls need. */
interface Method extends UnaryCallOptions {
  readonly operation: Operation;
  readonly unfinished: UnfinishedRequests;
  readonly refusals: PreparedRefusals;
  readonly frameReply: ReplyFraming;
}

/** What is known of a call as it comes. */
interface Admitted {
  /** Null for a call that is never shed. */
  readonly arrival: Arrival | null;
  /** The IP address of the other end: Node forgets it with the stream. */
  readonly peer: string | undefined;
}

function admit(method: Method, callStream: CallStream): void {
  const { admission, operation, isDraining } = method;
  const { stream } = callStream;
  const peer = peerOf(callStream);
  const arrival = isDraining() ? null : admission.arrive(operation, peer);
  const call = new UnaryCall(method, callStream, { arrival, peer: peer.address });
  if (arrival === null || arrival.refusal === null) {
    call.begin();
    return;
  }
  ignoreErrors(stream);
  stream.resume();
  call.refuseUnread(arrival.refusal);
}

function peerOf({ stream, headers, rawHeaders }: CallStream): Peer {
  return {
    connection: stream.session,
    isShared: true,
    address: stream.session?.socket.remoteAddress,
    header: (name) => headerOf(headers, rawHeaders, name),
    hasKeyInQuery: () => false,
  };
}

function headerOf(headers: IncomingHttpHeaders, rawHeaders: readonly string[], name: string): string | null {
  const value = headers[name];
  if (value === undefined) {
    return null;
  }
  // Of several Node keeps the first alone: a proxy in front may have looked at another.
  return name === 'authorization' ? joinedValues(rawHeaders, name) : String(value);
}

/** Names and values in turn, which Node takes as they are; of an object it would make such a list for every reply. */
const REPLY_HEADERS: readonly string[] = [
  ':status',
  '200',
  'content-type',
  'application/grpc+proto',
  'grpc-accept-encoding',
  ACCEPTED_ENCODINGS,
];
const WITH_TRAILERS = { waitForTrailers: true };
const OK = { 'grpc-status': '0' };

/** What is told of a message that is no fault of its parameters: a code, a sentence, and what the metrics count it as. */
const FAULTS: Readonly<Record<Exclude<MessageFault, 'unreadable'>, readonly [number, string, ErrorReason]>> = {
  too_large: [GRPC_CODES.resourceExhausted, 'The request message is larger than 64 KiB.', 'PAYLOAD_TOO_LARGE'],
  not_one: [GRPC_CODES.unimplemented, 'The call takes exactly one message.', 'INVALID_ARGUMENT'],
};

/**
 * A unary call on its stream of HTTP/2, from the first byte of its message to its reply. Nearly all requests are whole in the
 * packet that brought them, and are neither counted nor timed; what waits for its end is.
 */
class UnaryCall implements IncomingCall {
  readonly entrance = 'grpc';
  readonly arrivedAt = performance.now();
  readonly timeoutMs: number;
  readonly #method: Method;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #rawHeaders: readonly string[];
  readonly #compression: Compression | null;
  readonly #arrival: Arrival | null;
  readonly #peer: string | undefined;
  readonly #message: RequestMessage;
  /** What of the request waits for its end; null where nothing does. */
  #hold: Hold | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Whether it waits for no more of the request: that is whole, refused or gone. */
  #isRead = false;
  #request: Uint8Array = NO_BYTES;

  constructor(method: Method, { stream, headers, rawHeaders, compression }: CallStream, { arrival, peer }: Admitted) {
    this.#arrival = arrival;
    this.#peer = peer;
    this.#method = method;
    this.#stream = stream;
    this.#headers = headers;
    this.#rawHeaders = rawHeaders;
    this.#compression = compression;
    this.#message = new RequestMessage(compression !== null);
    this.timeoutMs = cutGrpcTimeout(String(headers['grpc-timeout'] ?? ''));
  }

  /**
   * Takes what arrives where Node hands it to the stream, in the turn of its packet: by the stream's own events it would come
   * a turn later, and be kept twice.
   */
  begin(): void {
    const stream = this.#stream;
    ignoreErrors(stream);
    if (stream.endAfterHeaders) {
      this.#end();
      return;
    }
    const { push } = stream;
    stream.push = (piece: Buffer | null): boolean => {
      if (piece !== null) {
        this.#take(piece);
        return true;
      }
      this.#end();
      return push.call(stream, null);
    };
    if (stream.readableLength > 0) {
      this.#takeKept();
    }
    stream.once('end', () => this.#end());
    // Lets the peer send on, and the stream end.
    stream.resume();
    this.#method.unfinished.add(this);
  }

  /**
   * By TLS Node 24 reads on where a write is under way, and tells of the streams after it: such a stream has kept what it was
   * sent, and perhaps its end, which no other push tells.
   */
  #takeKept(): void {
    for (let piece: Buffer | null = this.#stream.read(); piece !== null; piece = this.#stream.read()) {
      this.#take(piece);
    }
  }

  get isUnfinished(): boolean {
    return !this.#isRead;
  }

  /** The request was not whole in the packet that brought it. */
  waitForEnd(): void {
    const { heldBytes } = this.#method;
    this.#hold = heldBytes.begin(this.#headers, () => this.#refuse(crowdedError()));
    this.#message.keep();
    this.#hold.set(this.#message.roomBytes);
    const remainingMs = Math.max(0, Math.ceil(this.arrivedAt + this.timeoutMs - performance.now()));
    this.#timer = setTimeout(() => this.#refuse(new AuthError('DEADLINE_EXCEEDED')), remainingMs);
    this.#stream.once('close', () => this.#stopReading());
  }

  header(name: string): string | null {
    return headerOf(this.#headers, this.#rawHeaders, name);
  }

  peerAddress(): string {
    return this.#method.proxies.callerOf(this.#peer, this.header('x-forwarded-for'));
  }

  forwardedAddress(): string | null {
    return this.#method.proxies.forwardedCallerOf(this.#peer, this.header('x-forwarded-for'));
  }

  isGone(): boolean {
    return isClosed(this.#stream);
  }

  read(): ReadRequest {
    if (this.#method.isDraining()) {
      throw stoppingError();
    }
    const message = decodeRequest(this.#method.operation.method.input, this.#request);
    // A call may last: its bytes keep all that was read of the connection with them.
    this.#request = NO_BYTES;
    if (message instanceof UndecodableRequest) {
      throw unreadableError();
    }
    return { message, faults: NO_FAULTS };
  }

  #take(piece: Buffer): void {
    if (this.#isRead) {
      return;
    }
    const fault = this.#message.add(piece);
    if (fault !== null) {
      this.#refuseFault(fault);
    } else {
      this.#hold?.set(this.#message.roomBytes);
    }
  }

  #end(): void {
    if (this.#isRead) {
      return;
    }
    this.#stopReading();
    // Node ends what the peer has taken back, or lost the connection of, too: that is no end of the request.
    if (isClosed(this.#stream)) {
      return;
    }
    const message = this.#message.end();
    if (typeof message === 'string') {
      this.#refuseFault(message);
    } else if (message.isCompressed) {
      this.#inflate(message);
    } else {
      this.#request = message.bytes;
      this.#answer();
    }
  }

  async #inflate({ bytes }: SentMessage): Promise<void> {
    const message = await inflated(this.#compression ?? 'gzip', bytes, MAX_MESSAGE_BYTES);
    if (typeof message === 'string') {
      this.#refuseFault(message);
    } else {
      this.#request = message;
      this.#answer();
    }
  }

  async #answer(): Promise<void> {
    const { operations, operation, frameReply } = this.#method;
    const answer = await operations.answer(operation, this);
    const stream = this.#stream;
    if (isClosed(stream)) {
      return;
    }
    if ('failure' in answer) {
      this.#fail(answer.failure);
      return;
    }
    this.#arrival?.mannerOf(null);
    const frame = frameReply(answer.reply);
    // A list of its own: Node adds the date to it.
    stream.respond([...REPLY_HEADERS], WITH_TRAILERS);
    stream.on('wantTrailers', sendOk);
    stream.end(frame);
  }

  /** Refuses it before a byte of its message is looked at. */
  refuseUnread(refusal: UnreadRefusal): void {
    this.#isRead = true;
    this.#fail(this.#report().refusedUnread(refusal));
  }

  #fail(failure: Failure): void {
    const { holdMs, ends }: Manner = this.#arrival?.mannerOf(failure) ?? AT_ONCE;
    const stream = this.#stream;
    const refuse = (): void => {
      if (ends && !isClosed(stream)) {
        // A frame of a few bytes: RFC 9113, section 7.
        stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
      } else {
        this.#method.refusals.refuse(stream, wireError(failure));
      }
    };
    if (holdMs === 0) {
      refuse();
    } else {
      setTimeout(refuse, holdMs);
    }
  }

  #refuseFault(fault: MessageFault): void {
    if (fault === 'unreadable') {
      this.#refuse(unreadableError());
      return;
    }
    const [code, sentence, reason] = FAULTS[fault];
    this.#stopReading();
    if (!isClosed(this.#stream)) {
      this.#report().refused(reason);
      refuseStream(this.#stream, code, sentence);
    }
  }

  #refuse(error: AuthError): void {
    this.#stopReading();
    if (!isClosed(this.#stream)) {
      refuseStreamWith(this.#stream, wireError(this.#report().failed(error)));
    }
  }

  #report(): CallReport {
    const { operations, operation } = this.#method;
    return new CallReport(operations.observer, this.entrance, operation.method.name, this.arrivedAt, this);
  }

  #stopReading(): void {
    this.#isRead = true;
    this.#hold?.release();
    clearTimeout(this.#timer);
  }
}

function sendOk(this: ServerHttp2Stream): void {
  if (!isClosed(this)) {
    this.sendTrailers(OK);
  }
}

const NO_BYTES = new Uint8Array(0);
const NO_FAULTS = [] as const;
