import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { goTool } from './go-tool.ts';

/** What the suite may find fault with, and why that is as it should be. */
interface Excuse {
  readonly why: string;
  readonly ports: readonly Port[];
  /** The end of the names of the cases. */
  readonly cases: RegExp;
  /** Each sentence that is excused, whole. */
  readonly says: RegExp;
}

type Port = 'http' | 'grpc';
const BOTH: readonly Port[] = ['http', 'grpc'];

const EXCUSES: readonly Excuse[] = [
  {
    why: 'An operation has no headers and no trailers of its own to send.',
    ports: BOTH,
    cases: /unary\/(?:success|error|error-with-metadata)$/,
    says: /^actual response (?:headers|trailers) missing "x-custom-(?:header|trailer)"$/,
  },
  {
    why: 'What is no readable message is INVALID_ARGUMENT with our details on every entrance (docs/security.md, W2).',
    ports: BOTH,
    cases: /unexpected-compressed-message$/,
    says: /^actual error \{code: 3 \(invalid_argument\), .* does not match expected code 13 \(internal\)$|^actual error contain 1 details; expecting 0$/,
  },
  {
    why: 'An error of ours has details, which the suite does not expect where it asks for none.',
    ports: BOTH,
    cases: /^Timeouts\/.*\/unary$/,
    says: /^actual error contain 1 details; expecting 0$|^connect error JSON: details\[0\]: .*message type "google\.rpc\.ErrorInfo" could not be resolved/,
  },
  {
    why: 'What is no RPC of ours is answered in the envelope of /auth, not in the JSON of Connect.',
    ports: ['http'],
    cases: /\/(?:unimplemented|unexpected-(?:codec|uri|verb|content-type))$/,
    says: /^connect error JSON: (?:missing required key "code"|unexpected end of JSON input)$/,
  },
  {
    why: 'grpc-js says OK in words too.',
    ports: ['grpc'],
    cases: /./,
    says: /^trailers include a non-empty 'grpc-message' value with zero\/okay 'grpc-status'$/,
  },
  {
    why: 'grpc-js pads base64, where the specification only recommends not to.',
    ports: ['grpc'],
    cases: /./,
    says: /^trailers include 'grpc-status-details-bin' value with padding but servers should emit unpadded: \S+$/,
  },
  {
    why: 'grpc-js looks neither at the method nor at what follows application/grpc+.',
    ports: ['grpc'],
    cases: /\/unexpected-(?:codec|verb)$/,
    says: /^expecting an error but received none$|^expecting 0 response messages but instead got 1$/,
  },
];

const folder = fileURLToPath(new URL('conformance/', import.meta.url));

// It judges a deadline by half a second, which a busy machine may miss.
describe('connectconformance 1.0.7 finds no fault that is not named here', { timeout: 600_000, retry: 2 }, () => {
  test('with the HTTP port', async (context) => {
    const { cases, faults } = await judge(goTool(context, 'conformance', 'connectconformance'), 'http');
    expect(faults).toEqual([]);
    expect(cases).toBe(1_963);
  });

  test('with the gRPC port', async (context) => {
    const { cases, faults } = await judge(goTool(context, 'conformance', 'connectconformance'), 'grpc');
    expect(faults).toEqual([]);
    expect(cases).toBe(215);
  });
});

interface Judgement {
  readonly cases: number;
  /** What is not excused, each with the name of its case before it. */
  readonly faults: readonly string[];
}

async function judge(suite: string, port: Port): Promise<Judgement> {
  const printed = await new Promise<string>((resolve) => {
    const server = [process.execPath, `${folder}server.ts`, port];
    // It ends with 1 where a case fails, which is for its report to say.
    execFile(
      suite,
      ['--mode', 'server', '--conf', `${folder}${port}-port.yaml`, '--max-servers', '2', '--', ...server],
      { maxBuffer: 64 * 1_048_576 },
      (_, stdout, stderr) => resolve(stdout + stderr),
    );
  });
  const [report = '', total] = printed.split(/^Total cases: /m);
  expect(total, printed.slice(-2_000)).toBeDefined();
  const excuses = EXCUSES.filter(({ ports }) => ports.includes(port));
  const faults = report
    .split(/^FAILED: /m)
    .slice(1)
    .flatMap((failure) => {
      const [name = '', ...sentences] = failure.split('\n').map((line) => line.replace(/^[\s;]+|[\s:]+$/g, ''));
      return sentences
        .filter(
          (sentence) => sentence !== '' && !excuses.some(({ cases, says }) => cases.test(name) && says.test(sentence)),
        )
        .map((sentence) => `${name}: ${sentence}`);
    });
  return { cases: Number.parseInt(total ?? '', 10), faults };
}
