import { once } from 'node:events';
import net from 'node:net';

/** @typedef {{ status: number, head: string, body: string }} Answer */

/** An answer that is longer comes in parts. */
const BUFFER_BYTES = 4_096;

/**
 * One HTTP/1.1 connection, one call at a time. On the bare socket: `node:http` would cost more than many a server. Into a buffer of its
 * own: to collect what each read would leave behind takes milliseconds, which would be told as the server's.
 */
export class HttpCaller {
  #socket;
  #received = '';
  /** @type {{ resolve: (answer: Answer) => void, reject: (error: Error) => void } | null} */
  #waiting = null;

  /** @param {{ port: number, host: string }} address */
  constructor(address) {
    const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
    const callback = (/** @type {number} */ bytes) => {
      this.#receive(buffer.latin1Slice(0, bytes));
      return true;
    };
    const socket = net.connect({ ...address, noDelay: true, onread: { buffer, callback } });
    this.#socket = socket;
    socket.on('close', () => this.#settle(new Error('The server closed the connection.')));
    socket.on('error', (error) => this.#settle(error));
  }

  /** @param {string} address as `http://127.0.0.1:8080` */
  static async connect(address) {
    const { hostname, port } = new URL(address);
    const caller = new HttpCaller({ port: Number(port), host: hostname });
    await once(caller.#socket, 'connect');
    return caller;
  }

  /**
   * Sends a request made by {@link postRequest} and gives the body of the answer. Any status but 200 is an error.
   *
   * @param {string | Buffer} request
   * @returns {Promise<string>}
   */
  async call(request) {
    return (await this.expect(request)).body;
  }

  /**
   * As {@link call}, and gives all of the answer.
   *
   * @param {string | Buffer} request
   * @returns {Promise<Answer>}
   */
  async expect(request) {
    const answer = await this.ask(request);
    if (answer.status !== 200) {
      throw new Error(`${answer.head}\r\n\r\n${answer.body}`);
    }
    return answer;
  }

  /**
   * Sends a request made by {@link postRequest} and gives the answer, whatever it is. Rejected when the connection ends first.
   *
   * @param {string | Buffer} request
   * @returns {Promise<Answer>}
   */
  ask(request) {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error('The server closed the connection.'));
        return;
      }
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  /**
   * Itself, or one that is connected anew where this connection ends with its last answer, or ended before it.
   *
   * @param {Answer | null} answer
   * @param {string} address
   * @returns {Promise<HttpCaller>}
   */
  async renewed(answer, address) {
    if (answer !== null && !/\r\nconnection: *close/i.test(answer.head)) {
      return this;
    }
    this.close();
    return HttpCaller.connect(address);
  }

  close() {
    this.#socket.destroy();
  }

  /** @param {string} chunk */
  #receive(chunk) {
    this.#received += chunk;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) {
      return;
    }
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#received)?.[1];
    if (length === undefined) {
      this.#settle(new Error(`An answer without a length: ${this.#received}`));
      return;
    }
    const end = headEnd + 4 + Number(length);
    if (this.#received.length < end) {
      return;
    }
    const answer = this.#received;
    this.#received = '';
    const head = answer.slice(0, headEnd);
    this.#settle({ status: Number(head.slice(9, 12)), head, body: answer.slice(headEnd + 4, end) });
  }

  /** @param {Answer | Error} outcome */
  #settle(outcome) {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (outcome instanceof Error) {
      waiting?.reject(outcome);
    } else {
      waiting?.resolve(outcome);
    }
  }
}

/**
 * The bytes of a POST with a JSON body.
 *
 * @param {string} path
 * @param {Record<string, string>} parameters
 * @returns {Buffer}
 */
export function postRequest(path, parameters) {
  const body = JSON.stringify(parameters);
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
