import { once } from 'node:events';
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CERTIFICATES } from '../support/certificates.js';
import { startTestServer } from '../support/running-server.ts';
import { goTool } from './go-tool.ts';
import { type Report, runH2spec, type Target } from './h2spec/report.ts';

/** Cases of h2spec 2.2.1, the optional ones included. */
const CASES = 146;
/**
 * A case that sends two frames passes only where the second comes before the answer to the first, so what fails is
 * asked again, this often at most.
 */
const REPEATS = 5;
const { server: pair } = CERTIFICATES;

/** How a bare server answers every request: in the shape of the port that it stands beside. */
type Answer = (stream: ServerHttp2Stream) => void;
const byHeadersAndBody: Answer = (stream) => {
  stream.respond({ ':status': 200 });
  stream.end('ok');
};
/** h2spec is no gRPC client: it is told so by headers alone. */
const byHeadersAlone: Answer = (stream) => stream.respond({ ':status': 415 }, { endStream: true });

/**
 * Why a case may fail here that a bare server passes, by port.
 *
 * What is no preface of HTTP/2 is HTTP/1.1 to the HTTP port in clear text, and is answered in it; h2spec takes that
 * answer for a broken frame. With TLS the protocol is agreed on before, and the case must pass.
 */
const NOT_HTTP2 = ['http2/3.5: Sends invalid connection preface'];

describe.each([
  { name: 'in clear text', tls: false, excused: NOT_HTTP2 },
  { name: 'by TLS', tls: true, excused: [] },
])('h2spec $name fails nothing that a bare node:http2 server passes', { timeout: 600_000 }, ({ tls, excused }) => {
  test('on the HTTP port', async (context) => {
    const h2spec = goTool(context, 'h2spec', 'h2spec');
    await using server = await startTestServer({ settings: tlsSettings(tls) });
    const port = Number(new URL(server.httpAddress).port);
    expect(await failsAlone(h2spec, { port, tls }, await startBareServer(tls, byHeadersAndBody))).toEqual(excused);
  });

  test('on the gRPC port', async (context) => {
    const h2spec = goTool(context, 'h2spec', 'h2spec');
    await using server = await startTestServer({ settings: tlsSettings(tls) });
    const port = Number(new URL(`http://${server.grpcAddress}`).port);
    expect(await failsAlone(h2spec, { port, tls }, await startBareServer(tls, byHeadersAlone))).toEqual([]);
  });
});

/** The cases that fail on a port of ours, every time, and not on the bare server. */
async function failsAlone(h2spec: string, ours: Target, bare: Target): Promise<readonly string[]> {
  const [found, reference] = await Promise.all([runH2spec(h2spec, ours), runH2spec(h2spec, bare)]);
  expect([found.size, reference.size]).toEqual([CASES, CASES]);
  let failing = [...failed(found)].filter((title) => !failed(reference).has(title));
  for (let repeat = 0; repeat < REPEATS && failing.length > 0; repeat++) {
    const again = failed(await runH2spec(h2spec, ours, sectionsOf(failing)));
    failing = failing.filter((title) => again.has(title));
  }
  return failing;
}

function failed(report: Report): ReadonlySet<string> {
  const failures = [...report].filter(([, outcome]) => outcome !== 'passed' && outcome !== 'skipped');
  return new Set(failures.map(([title]) => title));
}

function sectionsOf(titles: readonly string[]): readonly string[] {
  return [...new Set(titles.map((title) => title.slice(0, title.indexOf(':'))))];
}

async function startBareServer(tls: boolean, answer: Answer): Promise<Target> {
  // As many streams as a port of ours allows: h2spec skips the case of one more where none is stated.
  const options = { settings: { maxConcurrentStreams: 100 } };
  const server: Http2Server = tls ? createSecureServer({ ...pair, ...options }) : createServer(options);
  server.on('stream', (stream) => {
    // Streams that h2spec breaks.
    stream.on('error', () => undefined);
    answer(stream);
  });
  server.on('sessionError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, tls };
}

function tlsSettings(tls: boolean) {
  const file = (pem: string) => ({ path: '', pem });
  return { tls: tls ? { cert: file(pair.cert), key: file(pair.key), clientCa: null } : null };
}
