import { connect } from 'node:net';
import { type RawAnswer, rawCall } from '../transport/grpc/test-server.ts';
import { send } from './backend.ts';

/** In every secret that the tests send: one search finds them all. */
export const MARK = 'Zq7-Marked';

export const EMAIL = 'user@example.com';

/** Everything secret that a call can carry, each told apart from every other by its name and number. */
export class MarkedSecrets {
  readonly #index: number;

  constructor(index: number) {
    this.#index = index;
  }

  secret(name: string): string {
    return `${MARK}${name}${this.#index}`;
  }

  /** In the form of a key. */
  key(name: string): string {
    return `af_${`${this.secret(name)}-`.padEnd(43, 'x')}`;
  }

  /** In the form of a session token. */
  jwt(name: string): string {
    return `${this.secret(`${name}Header`)}.${this.secret(`${name}Payload`)}.${'s'.repeat(85)}A`;
  }

  /** The parameters of every call at once. */
  fields(): Record<string, string> {
    return {
      email: EMAIL,
      identity: EMAIL,
      fullname: 'Ada',
      disclaimed: 'true',
      api_key: this.#index % 2 === 0 ? this.key('key') : this.secret('apiKey'),
      foobar: this.secret('foobar'),
      password: this.secret('password'),
      newPassword: this.secret('newPassword'),
      currentPassword: this.secret('currentPassword'),
      sessionToken: this.jwt('session'),
      token: this.secret('mailToken'),
      newEmail: 'new@example.com',
      challenge: this.secret('challenge'),
      code: this.secret('code'),
      recovery_code: this.secret('recoveryCode'),
      unknown: this.secret('unknown'),
    };
  }

  headers(): Record<string, string> {
    return { authorization: `Bearer ${this.jwt('bearer')}`, 'x-api-key': this.key('header') };
  }
}

/** Sends to one server, counts the secrets that went out, and keeps all that came back. */
export class MarkedTraffic {
  readonly #httpAddress: string;
  readonly #grpcAddress: string;
  readonly #sent = new Set<string>();
  readonly replies: string[] = [];

  constructor({ httpAddress, grpcAddress }: { readonly httpAddress: string; readonly grpcAddress: string }) {
    this.#httpAddress = httpAddress;
    this.#grpcAddress = grpcAddress;
  }

  /** How many different secrets were sent. */
  get count(): number {
    return this.#sent.size;
  }

  async http(path: string, request: Parameters<typeof send>[2] = {}): Promise<void> {
    const { body, headers } = request;
    this.#note(path, typeof body === 'string' ? body : JSON.stringify(body ?? ''), JSON.stringify(headers ?? {}));
    const { text } = await send(this.#httpAddress, path, request);
    this.replies.push(text);
  }

  /** Bytes to the HTTP port as they are; what it says until it ends the connection, which we half-close. */
  async raw(bytes: string): Promise<void> {
    this.#note(bytes);
    const { hostname, port } = new URL(this.#httpAddress);
    const chunks: Buffer[] = [];
    await new Promise((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.end(bytes));
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('error', () => undefined);
      socket.on('close', resolve);
    });
    this.replies.push(Buffer.concat(chunks).toString('latin1'));
  }

  async grpc(path: string, body: Buffer, headers: Record<string, string> = {}): Promise<void> {
    this.#note(path, body.toString('latin1'), JSON.stringify(headers));
    const answer = await rawCall(this.#grpcAddress, path, body, headers).catch(String);
    this.replies.push(typeof answer === 'string' ? answer : textOf(answer));
  }

  #note(...texts: readonly string[]): void {
    for (const [secret] of texts.join('\n').matchAll(new RegExp(`${MARK}[A-Za-z]+\\d+`, 'g'))) {
      this.#sent.add(secret);
    }
  }
}

function textOf({ grpcMessage, details, body }: RawAnswer): string {
  return [grpcMessage, Buffer.from(details ?? '', 'base64').toString('latin1'), body.toString('latin1')].join('\n');
}
