import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { CERTIFICATES } from '../../support/certificates.js';

const MAIN = fileURLToPath(new URL('../../../src/cli/authflow.js', import.meta.url));
const CHEAP = fileURLToPath(new URL('../../support/serve.js', import.meta.url));

export type Port = 'http' | 'grpc';

/** `authflow serve` in a process of its own, of which nothing is hidden: every line of its log, its descriptors, its end. */
export interface WatchedServer {
  readonly child: ChildProcess;
  readonly ports: Readonly<Record<Port, number>>;
  /** What it logged at levels warn and error, lines that are no JSON or hold control characters, and what else it wrote there. */
  readonly complaints: readonly string[];
  /** A connection of one of its ports, by TLS with this protocol agreed on where the server speaks it; 'raw': without. */
  connect(port: Port, protocol: 'h2' | 'http/1.1' | 'raw'): Socket;
  /** Whether a whole call of FooBar is answered by the port; the outcome in words. */
  fooBar(port: Port): Promise<string>;
  /** How many descriptors it has open. */
  descriptors(): number;
  /** Its resident memory in bytes. */
  memory(): number;
}

export interface WatchedServerOptions {
  readonly tls: boolean;
  /** Arguments of Node, before the product's. */
  readonly nodeArguments?: readonly string[];
  /** Hashes cost 4 instead of 10 or more. */
  readonly hashesCheaply?: boolean;
  /** Settings beside those that every test needs. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts it on free ports of loopback. It is killed when the test ends. */
export async function startWatchedServer({
  tls,
  nodeArguments = [],
  hashesCheaply = false,
  environment = {},
}: WatchedServerOptions): Promise<WatchedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'authflow-frames-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const entry = hashesCheaply ? [CHEAP] : [MAIN, 'serve'];
  const child = spawn(process.execPath, [...nodeArguments, ...entry], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      AUTHFLOW_DATA_DIR: join(folder, 'data'),
      AUTHFLOW_HTTP_PORT: '0',
      AUTHFLOW_GRPC_PORT: '0',
      AUTHFLOW_API_KEY_CLAIM: 'key',
      ...(tls ? tlsSettings(folder) : {}),
      ...environment,
    },
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  const complaints: string[] = [];
  const ports = await started(child, complaints);
  const connect = (port: Port, protocol: string): Socket => {
    const where = { host: '127.0.0.1', port: ports[port] };
    return tls && protocol !== 'raw'
      ? connectTls({ ...where, ca: CERTIFICATES.ca, ALPNProtocols: [protocol] })
      : connectTcp(where);
  };
  return {
    child,
    ports,
    complaints,
    connect,
    fooBar: (port) => fooBar(port, connect(port, 'h2'), tls),
    descriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
    memory: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024,
  };
}

function tlsSettings(folder: string): Record<string, string> {
  const files = { AUTHFLOW_TLS_CERT: join(folder, 'cert.pem'), AUTHFLOW_TLS_KEY: join(folder, 'key.pem') };
  writeFileSync(files.AUTHFLOW_TLS_CERT, CERTIFICATES.server.cert);
  writeFileSync(files.AUTHFLOW_TLS_KEY, CERTIFICATES.server.key, { mode: 0o600 });
  return files;
}

/** What could end a line or move a terminal's cursor (docs/security.md, W6). */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

function started(child: ChildProcess, complaints: string[]): Promise<Record<Port, number>> {
  const { stderr } = child;
  if (stderr === null) {
    throw new Error('The process has no log.');
  }
  return new Promise((resolve, reject) => {
    createInterface(stderr).on('line', (line) => {
      const { level = 'error', event, http_port: http, grpc_port: grpc } = readLine(line);
      if (event === 'started') {
        resolve({ http: Number(http), grpc: Number(grpc) });
      } else if (CONTROL.test(line)) {
        complaints.push(`Control characters: ${JSON.stringify(line)}`);
      } else if (level === 'warn' || level === 'error') {
        complaints.push(line);
      }
    });
    child.once('exit', () => reject(new Error(`The server ended before it listened: ${complaints.join(' ')}`)));
  });
}

function readLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

/** One call over a connection of its own, by Connect on the HTTP port and by gRPC on the other. */
function fooBar(port: Port, socket: Socket, tls: boolean): Promise<string> {
  const isGrpc = port === 'grpc';
  const session = connectHttp2(tls ? 'https://localhost' : 'http://localhost', { createConnection: () => socket });
  return new Promise<string>((resolve) => {
    session.on('error', (error) => resolve(`no connection: ${error.message}`));
    const stream = session.request({
      ':method': 'POST',
      ':path': '/authflow.v1.AuthService/FooBar',
      'content-type': isGrpc ? 'application/grpc' : 'application/json',
      te: 'trailers',
    });
    let outcome = 'cut off';
    const onHeaders = (fields: Readonly<Record<string, unknown>>): void => {
      outcome = String((isGrpc ? fields['grpc-status'] : fields[':status']) ?? outcome);
    };
    stream.on('response', onHeaders).on('trailers', onHeaders);
    stream.on('error', () => undefined);
    stream.on('close', () => resolve(outcome === (isGrpc ? '0' : '200') ? 'OK' : outcome));
    stream.resume().end(isGrpc ? GRPC_REQUEST : '{"identity":"ada@example.com"}');
  }).finally(() => session.destroy());
}

/** FooBarRequest with its first field, `identity`, in the framing of gRPC. */
const GRPC_REQUEST = Buffer.concat([Buffer.from([0, 0, 0, 0, 17, 0x0a, 15]), Buffer.from('ada@example.com')]);
