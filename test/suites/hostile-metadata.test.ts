import { execFile } from 'node:child_process';
import { beforeEach, describe, expect, test } from 'vitest';
import { serverOfTest } from '../security/backend.ts';
import { needs } from '../support/needs.ts';
import { ROOT } from '../support/readme-blocks.ts';
import type { TestServer } from '../support/running-server.ts';
import { frame, rawCall } from '../transport/grpc/test-server.ts';

const FOO_BAR = 'authflow.v1.AuthService/FooBar';
const REQUEST = '{"identity":"ada@example.com"}';
const LONG = 'a'.repeat(20_000);
const ANSWERED = /"token"/;
const many = (option: string): readonly string[] =>
  Array.from({ length: 150 }, (_, i) => [option, `x-many: ${i}`]).flat();

describe('grpcurl', () => {
  beforeEach((context) =>
    needs(context, 'grpcurl: go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3', ['grpcurl', '-version']),
  );

  test.each<[string, readonly string[], RegExp]>([
    ['long metadata', ['-rpc-header', `x-long: ${LONG}`], /Code: ResourceExhausted\s+Message: The metadata/],
    [
      'long metadata of reflection',
      ['-reflect-header', `x-long: ${LONG}`],
      /code = ResourceExhausted desc = .*metadata/,
    ],
    ['metadata just below the bound', ['-rpc-header', `x-long: ${LONG.slice(0, 15_000)}`], ANSWERED],
    ['metadata in binary', ['-rpc-header', 'x-note-bin: AP8A'], ANSWERED],
    ['metadata in binary that is no base64', ['-rpc-header', 'x-note-bin: %%%'], ANSWERED],
    ['more fields than a request may have', many('-rpc-header'), /ENHANCE_YOUR_CALM/],
    [
      'a repeated authorization',
      ['-rpc-header', 'authorization: Bearer a.b.c', '-rpc-header', 'authorization: Bearer d.e.f'],
      /INVALID_ARGUMENT/,
    ],
    ['a key that is none', ['-rpc-header', 'x-api-key: af_%00'], /API_KEY_INVALID/],
    ['fields of answers', ['-rpc-header', 'grpc-status: 0', '-rpc-header', 'grpc-message: ok'], ANSWERED],
    ['a field that HTTP/2 forbids', ['-rpc-header', 'connection: close'], /PROTOCOL_ERROR/],
    ['another host', ['-authority', 'elsewhere.example:1'], ANSWERED],
    ['a deadline beyond all bounds', ['-max-time', '1000000000'], ANSWERED],
    ['a deadline that is over', ['-max-time', '0.000001'], /[Dd]eadline/],
    ['a long name of the program', ['-user-agent', LONG.slice(0, 9_000)], ANSWERED],
  ])('%s', async (_title, options, expected) => {
    const server = await serverOfTest();
    const { grpcAddress } = server;
    expect(await run('grpcurl', ['-plaintext', ...options, '-d', REQUEST, grpcAddress, FOO_BAR])).toMatch(expected);
    await expectUnharmed(server);
  });
});

describe('buf curl', () => {
  // A client that has read our limit by then refuses by itself to send beyond it.
  const BY_ITSELF = "larger than peer's advertised limit";
  const refused = {
    grpcPort: new RegExp(`resource_exhausted|${BY_ITSELF}`),
    httpPort: new RegExp(`431|${BY_ITSELF}`),
  };

  test.each<[string, 'grpcPort' | 'httpPort']>([
    ['grpc', 'grpcPort'],
    ['grpc', 'httpPort'],
    ['grpcweb', 'httpPort'],
    ['connect', 'httpPort'],
  ])('by the protocol %s to the %s', async (protocol, port) => {
    const server = await serverOfTest();
    const address = port === 'grpcPort' ? `http://${server.grpcAddress}` : server.httpAddress;
    const ask = (...headers: readonly string[]): Promise<string> =>
      run('npx', [
        ...['buf', 'curl', '--schema', 'proto', '--protocol', protocol, '--http2-prior-knowledge', '-d', REQUEST],
        ...headers.flatMap((header) => ['-H', header]),
        `${address}/${FOO_BAR}`,
      ]);
    expect(await ask(`x-long: ${LONG}`)).toMatch(refused[port]);
    expect(await ask('x-note: é\u00ff', 'x-note-bin: %%%', 'x-twice: 1', 'x-twice: 2')).toMatch(ANSWERED);
    expect(await ask('authorization: Bearer a.b.c', 'authorization: Bearer d.e.f')).toMatch(/invalid_argument/);
    await expectUnharmed(server);
  });
});

// What both of them refuse to send, by hand.
test.each<[string, Readonly<Record<string, string>>, number]>([
  ['a deadline of 11,415 years', { 'grpc-timeout': '99999999H' }, 0],
  ['a deadline that is none', { 'grpc-timeout': `${'9'.repeat(5_000)}S` }, 0],
  ['an unknown encoding of what is not encoded', { 'grpc-encoding': 'br' }, 12],
  ['an encoding that is none', { 'grpc-encoding': 'x'.repeat(5_000) }, 12],
  ['text beyond ASCII', { 'x-note': 'caf\u00e9 \u00ff' }, 0],
  ['a name that HTTP takes and gRPC does not', { 'x!y': 'a' }, 0],
])('by hand: %s', async (_title, headers, status) => {
  const server = await serverOfTest();
  const message = Buffer.from('\n\x0fada@example.com');
  const { grpcStatus } = await rawCall(server.grpcAddress, `/${FOO_BAR}`, frame(message), { ...headers });
  expect(grpcStatus).toBe(status);
  await expectUnharmed(server);
});

async function expectUnharmed(server: TestServer): Promise<void> {
  expect((await fetch(`${server.httpAddress}/auth/fooBar?identity=ada@example.com`)).status).toBe(200);
  expect(server.logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}

/** All that a command prints, however it ends. */
function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: ROOT }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
}
