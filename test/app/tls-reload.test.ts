import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { checkCertificate } from '../../src/app/doctor-files.ts';
import { readSettings } from '../../src/config/settings.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { CERTIFICATES } from '../support/certificates.js';
import { freshPage } from '../support/fresh-page.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';

const { ca, otherCa, server: first, foreign: second, client } = CERTIFICATES;
const FIRST = new X509Certificate(first.cert).serialNumber;
const SECOND = new X509Certificate(second.cert).serialNumber;
/** Long beyond the two seconds between two looks. */
const WAIT = { timeout: 120_000, interval: 20 };

interface Files {
  readonly folder: string;
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string;
}

/** Files of the first pair, with `ca` as the clients' authority. */
function newFiles(folder = temporaryFolder()): Files {
  const files = { folder, cert: join(folder, 'cert'), key: join(folder, 'key'), clientCa: join(folder, 'ca') };
  writeFileSync(files.cert, first.cert);
  writeFileSync(files.key, first.key);
  writeFileSync(files.clientCa, ca);
  return files;
}

async function startWith(files: Files, { mutual = false } = {}): Promise<TestServer> {
  const { tls } = readSettings({
    AUTHFLOW_TLS_CERT: files.cert,
    AUTHFLOW_TLS_KEY: files.key,
    ...(mutual ? { AUTHFLOW_TLS_CLIENT_CA: files.clientCa } : {}),
  });
  const server = await startTestServer({ settings: { tls, drainTimeoutMs: 60_000 } });
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]();
  });
  return server;
}

test('a reload gives new connections of both ports the new certificate, and drops no call of the old ones', async () => {
  const files = newFiles();
  const server = await startWith(files);
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: [ca, otherCa] });
  onTestFinished(() => agent.destroy());
  const session = openSession(server);
  expect([await nonce(server, agent), await check(session)]).toEqual([200, '0']);
  expect(await shownEnd(server, agent)).toBe(Date.parse(new X509Certificate(first.cert).validTo) / 1000);

  writeFileSync(files.cert, second.cert);
  writeFileSync(files.key, second.key);
  await server.reloadTls();
  expect(await shownEnd(server, agent)).toBe(Date.parse(new X509Certificate(second.cert).validTo) / 1000);
  expect(events(server, 'tls_reloaded')).toMatchObject([{ changed: true, client_ca_changed: false }]);
  expect(await servedBy(server)).toEqual([SECOND, SECOND]);
  // The connections that were there before are the same, and serve on.
  expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
  expect([await nonce(server, agent), await check(session)]).toEqual([200, '0']);
  expect(session.closed).toBe(false);
});

test('a pair that does not fit keeps the old one in use and says why; once it fits it is taken', async () => {
  const files = newFiles();
  const server = await startWith(files);
  writeFileSync(files.cert, second.cert);
  await server.reloadTls();
  expect(await servedBy(server)).toEqual([FIRST, FIRST]);
  writeFileSync(files.cert, 'half of a certif');
  await server.reloadTls();
  rmSync(files.cert);
  await server.reloadTls();
  expect(events(server, 'tls_not_reloaded').map(({ reason }) => String(reason))).toEqual([
    expect.stringContaining('AUTHFLOW_TLS_KEY'),
    expect.stringContaining('AUTHFLOW_TLS_CERT'),
    expect.stringContaining('ENOENT'),
  ]);
  expect(await servedBy(server)).toEqual([FIRST, FIRST]);
  writeFileSync(files.cert, second.cert);
  writeFileSync(files.key, second.key);
  await server.reloadTls();
  expect(await servedBy(server)).toEqual([SECOND, SECOND]);
});

test('files that are replaced are noticed without a signal, and a half replaced pair is told once', async () => {
  const files = newFiles();
  const server = await startWith(files);
  replace(files.cert, second.cert);
  await expect.poll(() => events(server, 'tls_not_reloaded').length, WAIT).toBe(1);
  expect(await servedBy(server)).toEqual([FIRST, FIRST]);
  replace(files.key, second.key);
  await expect.poll(() => servedBy(server), WAIT).toEqual([SECOND, SECOND]);
  expect(events(server, 'tls_not_reloaded')).toHaveLength(1);
});

test('a symbolic link that points elsewhere is noticed without a signal, as Kubernetes replaces its files', async () => {
  const folder = temporaryFolder();
  const [old, fresh] = [join(folder, '..old'), join(folder, '..fresh')];
  for (const place of [old, fresh]) {
    mkdirSync(place);
    newFiles(place);
  }
  writeFileSync(join(fresh, 'cert'), second.cert);
  writeFileSync(join(fresh, 'key'), second.key);
  const data = join(folder, '..data');
  symlinkSync(old, data);
  const server = await startWith({
    folder,
    cert: join(data, 'cert'),
    key: join(data, 'key'),
    clientCa: join(data, 'ca'),
  });
  symlinkSync(fresh, join(folder, '..next'));
  renameSync(join(folder, '..next'), data);
  await expect.poll(() => servedBy(server), WAIT).toEqual([SECOND, SECOND]);
  expect(events(server, 'tls_not_reloaded')).toEqual([]);
});

test('a new client authority sends connections of the old one away, answers their calls, and resumes no session', async () => {
  const files = newFiles();
  const server = await startWith(files, { mutual: true });
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca, ...client });
  onTestFinished(() => agent.destroy());
  const [session, other] = [openSession(server, client), openSession(server, client, 'grpc')];
  const goneAway = [session, other].map((one) => once(one, 'goaway'));
  const closed = [session, other].map((one) => once(one, 'close'));
  expect([await nonce(server, agent), await check(session)]).toEqual([200, '0']);
  const ticket = await sessionOf(server);
  expect((await resume(server, ticket)).isReused).toBe(true);
  // Its headers are there, its body is not: it is in flight.
  const inFlight = openCall(session);
  await new Promise((resolve) => session.ping(resolve));

  writeFileSync(files.clientCa, otherCa);
  await server.reloadTls();
  expect(events(server, 'tls_reloaded')).toMatchObject([{ client_ca_changed: true }]);
  await Promise.all(goneAway);
  inFlight.end();
  expect(await inFlight.answer).toBe('0');
  await Promise.all(closed);
  // The next answer of HTTP/1.1 ends the connection, and there is no other to be had.
  expect(await nonce(server, agent)).toBe(200);
  await expect(nonce(server, agent)).rejects.toThrow();
  expect((await resume(server, ticket)).isAnswered).toBe(false);
  const taken = new Agent({ ca, ...second });
  onTestFinished(() => taken.destroy());
  expect(await nonce(server, taken)).toBe(200);
});

test('doctor tells when the certificate ends, and fails it within its last week', () => {
  const { tls } = readSettings({ AUTHFLOW_TLS_CERT: newFiles().cert, AUTHFLOW_TLS_KEY: newFiles().key });
  const settings = { ...readSettings({}), tls };
  const expiresAt = new X509Certificate(first.cert).validToDate.getTime();
  const isSound = (now: number) => checkCertificate(settings, now).map(({ ok }) => ok);
  expect(isSound(expiresAt - 8 * 86_400_000)).toEqual([true]);
  expect([isSound(expiresAt - 6 * 86_400_000), isSound(expiresAt + 1)]).toEqual([[false], [false]]);
  expect(checkCertificate({ ...settings, tls: null }, 0)).toEqual([]);
});

function replace(file: string, content: string): void {
  writeFileSync(`${file}.next`, content);
  renameSync(`${file}.next`, file);
}

function events(server: TestServer, event: string): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = server.logLines.map((line) => JSON.parse(line));
  return lines.filter((line) => line.event === event);
}

/** The serial numbers of the certificates that both ports show to a new connection. */
async function servedBy(server: TestServer): Promise<readonly string[]> {
  return Promise.all(
    [portOf(server.httpAddress), portOf(server.grpcAddress)].map(async (port) => {
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
      await once(socket, 'secureConnect');
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      return serialNumber;
    }),
  );
}

function portOf(address: string): number {
  return Number(/\d+$/.exec(address)?.[0]);
}

async function nonce(server: TestServer, agent: Agent): Promise<number> {
  return (await get(server, agent, '/auth/fooBar?identity=ada@example.com')).status;
}

/** When the certificate ends, as the metrics say. */
async function shownEnd(server: TestServer, agent: Agent): Promise<number> {
  const page = await freshPage(async () => (await get(server, agent, '/metrics')).body);
  return Number(/^authflow_tls_certificate_expiration_timestamp_seconds (\d+)$/m.exec(page)?.[1]);
}

async function get(server: TestServer, agent: Agent, path: string) {
  const asked = request(`${server.httpAddress}${path}`, { agent });
  const response = once(asked, 'response');
  asked.end();
  const [reply] = await response;
  return { status: Number(reply.statusCode), body: await text(reply) };
}

function openSession(server: TestServer, pair: object = {}, port: 'http' | 'grpc' = 'http'): ClientHttp2Session {
  const address = port === 'http' ? server.httpAddress : `https://${server.grpcAddress}`;
  const session = connectHttp2(address, { ca: [ca, otherCa], ...pair });
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

/** A FooBar by gRPC whose body is still to come; `answer` is its status. */
function openCall(session: ClientHttp2Session) {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/authflow.v1.AuthService/FooBar',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  let status = 'none';
  stream.on('trailers', (trailers) => {
    status = String(trailers['grpc-status']);
  });
  stream.resume();
  const answer = new Promise<string>((resolve) => stream.on('close', () => resolve(status)));
  const identity = Buffer.from('ada@example.com');
  const message = Buffer.concat([Buffer.from([0x0a, identity.length]), identity]);
  const prefix = Buffer.from([0, 0, 0, 0, message.length]);
  return { answer, end: () => stream.end(Buffer.concat([prefix, message])) };
}

async function check(session: ClientHttp2Session): Promise<string> {
  const call = openCall(session);
  call.end();
  return call.answer;
}

/** What a client of the first authority would resume. */
async function sessionOf(server: TestServer): Promise<Buffer> {
  const socket = connectTls({ port: portOf(server.httpAddress), host: '127.0.0.1', ca, ...client });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  const ticket = once(socket, 'session');
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  const [session] = await ticket;
  return session;
}

async function resume(
  server: TestServer,
  session: Buffer,
): Promise<{ readonly isReused: boolean; readonly isAnswered: boolean }> {
  const socket: TLSSocket = connectTls({
    port: portOf(server.httpAddress),
    host: '127.0.0.1',
    ca: [ca, otherCa],
    ...client,
    session,
  });
  socket.on('error', () => {});
  let isReused = false;
  socket.once('secureConnect', () => {
    isReused = socket.isSessionReused();
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  });
  let isAnswered = false;
  socket.on('data', () => {
    isAnswered = true;
  });
  await once(socket, 'close');
  return { isReused, isAnswered };
}
