import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { ask, authClient, shownBy } from '../transport/grpc/test-server.ts';
import type { ServerProcess } from './server-process.ts';

type Address = Pick<ServerProcess, 'httpAddress' | 'grpcAddress'>;

export type Entrance = 'http' | 'grpc';

/** What became of one call: OK, the reason of our error, or how the connection failed. */
interface Answer {
  readonly outcome: string;
  /** FooBar's; '' without one. */
  readonly token: string;
}

/** Nothing was done, and the caller knows it: our own UNAVAILABLE, or no connection was had at all. */
export const SAFE_TO_REPEAT: readonly string[] = ['UNAVAILABLE', 'NOT_CONNECTED'];

/**
 * The call met the end of an idle connection, or of the listener, on its way: no server of HTTP/1.1 can tell that caller
 * anything (RFC 9112, section 9.3.1). That nothing was done the tests see in the store.
 */
export const RESET = 'RESET';

/** A client of one server over kept connections, by both ports. It tries nothing twice. */
export class Caller {
  readonly #address: Address;
  readonly #apiKey: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #grpc: Client;

  constructor(address: Address, apiKey: string) {
    this.#address = address;
    this.#apiKey = apiKey;
    this.#grpc = authClient(address.grpcAddress, credentials.createInsecure());
  }

  /** `onSent` is called when the request has been handed to the system; by gRPC when it has been given to the library. */
  call(
    entrance: Entrance,
    name: 'fooBar' | 'login' | 'validate',
    fields: Readonly<Record<string, string>>,
    onSent: () => void = () => {},
  ): Promise<Answer> {
    if (entrance === 'http') {
      return this.#http(name, fields, onSent);
    }
    onSent();
    return this.#rpc(name, fields);
  }

  close(): void {
    this.#agent.destroy();
    this.#grpc.close();
  }

  #http(name: string, fields: Readonly<Record<string, string>>, onSent: () => void): Promise<Answer> {
    const body = JSON.stringify(fields);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-api-key': this.#apiKey,
    };
    return new Promise((resolve) => {
      const path = `${this.#address.httpAddress}/auth/${name}`;
      const call = request(path, { method: 'POST', agent: this.#agent, headers });
      call.once('finish', onSent);
      call.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const json: { error?: string; token?: string } = JSON.parse(Buffer.concat(chunks).toString());
          resolve({ outcome: json.error ?? 'OK', token: json.token ?? '' });
        });
        response.on('error', () => resolve({ outcome: 'CUT_OFF in the reply', token: '' }));
      });
      call.on('error', (error: NodeJS.ErrnoException) => {
        const outcome = OUTCOMES_OF_SOCKETS[error.code ?? ''] ?? `CUT_OFF ${error.code}`;
        resolve({ outcome, token: '' });
      });
      call.end(body);
    });
  }

  async #rpc(name: 'fooBar' | 'login' | 'validate', fields: Readonly<Record<string, string>>): Promise<Answer> {
    const metadata = new Metadata();
    metadata.set('x-api-key', this.#apiKey);
    try {
      const response = await ask(this.#grpc, name, fields, { metadata, deadlineMs: 60_000 });
      return { outcome: 'OK', token: String(Reflect.get(response, 'token') ?? '') };
    } catch (error) {
      return { outcome: outcomeOf(error as ServiceError), token: '' };
    }
  }
}

const OUTCOMES_OF_SOCKETS: Readonly<Record<string, string>> = { ECONNREFUSED: 'NOT_CONNECTED', ECONNRESET: RESET };

function outcomeOf(error: ServiceError): string {
  const { reason } = shownBy(error);
  if (reason !== null) {
    return reason;
  }
  // What grpc-js says when no connection could be made.
  const isUnconnected = error.code === 14 && /^No connection established/.test(error.details);
  return isUnconnected ? 'NOT_CONNECTED' : `CUT_OFF ${error.code} ${error.details}`;
}

/** A call that was made. */
export interface SentCall {
  /** When it was surely sent, on the clock of `performance.now()`; infinite where it never was. */
  readonly sentAt: number;
  readonly name: string;
  readonly outcome: string;
}

/** Who the load is. It logs in as another user than it validates: a user has at most 100 sessions. */
export interface LoadUser {
  readonly loginEmail: string;
  readonly password: string;
  readonly email: string;
  readonly session: string;
}

type Steps = (
  entrance: Entrance,
  name: 'fooBar' | 'login' | 'validate',
  fields: Record<string, string>,
  onSent: () => void,
) => Promise<Answer>;

/** More work than this in flight says that the machine gives no more: calls would wait in this process alone. */
const MOST_IN_FLIGHT = 64;

/**
 * Sends about `rate` calls a second, whether the earlier ones were answered or not, as far as the machine gives it:
 * Validate, and FooBar with Login, by HTTP and gRPC in turn. `step` makes one call.
 */
export class Load {
  readonly #user: LoadUser;
  readonly #step: Steps;
  readonly #running: Promise<void>;
  readonly #pending = new Set<Promise<void>>();
  readonly #sent: SentCall[] = [];
  #isOver = false;
  #onAnswer = (): void => {};

  constructor(rate: number, user: LoadUser, step: Steps) {
    this.#user = user;
    this.#step = step;
    this.#running = this.#run(rate);
  }

  /** Fulfilled when so many calls more have been answered. */
  answered(count: number): Promise<void> {
    const enough = this.#sent.length + count;
    return new Promise((resolve) => {
      this.#onAnswer = () => this.#sent.length >= enough && resolve();
    });
  }

  /** Sends no more; every call, once each has ended. */
  async end(): Promise<readonly SentCall[]> {
    this.#isOver = true;
    await this.#running;
    await Promise.all(this.#pending);
    return this.#sent;
  }

  async #run(rate: number): Promise<void> {
    const startedAt = performance.now();
    // A login is two calls: of five units of work six calls come.
    for (let unit = 0; !this.#isOver; unit += 1) {
      const dueAt = startedAt + (unit * 1_000 * 1.2) / rate;
      const early = dueAt - performance.now();
      if (early > 0) {
        await pause(early);
      }
      if (this.#pending.size >= MOST_IN_FLIGHT) {
        await Promise.race(this.#pending);
      }
      const work = this.#unit(unit).finally(() => this.#pending.delete(work));
      this.#pending.add(work);
    }
  }

  async #unit(unit: number): Promise<void> {
    const { loginEmail, password, email, session } = this.#user;
    const entrance = unit % 2 === 0 ? 'http' : 'grpc';
    if (unit % 5 !== 0) {
      await this.#call(entrance, 'validate', { email, sessionToken: session });
      return;
    }
    const nonce = await this.#call(entrance, 'fooBar', { identity: loginEmail });
    if (nonce.outcome === 'OK') {
      await this.#call(entrance, 'login', { email: loginEmail, password, foobar: nonce.token });
    }
  }

  async #call(entrance: Entrance, name: Parameters<Steps>[1], fields: Record<string, string>): Promise<Answer> {
    let sentAt: number;
    let answer: Answer;
    do {
      sentAt = Number.POSITIVE_INFINITY;
      answer = await this.#step(entrance, name, fields, () => {
        sentAt = performance.now();
      });
      // A machine that is busy with other things has a long queue: nothing was done, and who waits may come again.
      if (answer.outcome === 'OVERLOADED') {
        await pause(20);
      }
    } while (answer.outcome === 'OVERLOADED');
    this.#sent.push({ sentAt, name: `${entrance} ${name}`, outcome: answer.outcome });
    this.#onAnswer();
    return answer;
  }
}
