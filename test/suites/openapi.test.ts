import { execFile } from 'node:child_process';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { serverOfTest } from '../security/backend.ts';
import type { TestServer } from '../support/running-server.ts';
import { pythonTool } from './python-tool.ts';

/**
 * What schemathesis also looks for, and is as docs/contract.md, section 1, has it: a schema cannot say that a token must be one of
 * ours (so that data which fit it are refused), nor that `null` and the empty string mean "not given" for any type.
 */
const EXCUSED = 'positive_data_acceptance,negative_data_rejection';

/** The most examples of an operation: all of them together take a minute. */
const EXAMPLES = 30;

let schemathesis: string;

beforeEach((context) => {
  schemathesis = pythonTool(context, 'openapi', 'schemathesis');
});

test('schemathesis finds no fault with the six calls, asked with an API key', { timeout: 600_000 }, async () => {
  const server = await serverOfTest();
  const { apiKey } = await server.createOrganization();
  await expectNoFault(server, { paths: '^/auth/', operations: 52, header: `x-api-key: ${apiKey}` });
});

test('schemathesis finds no fault with management, asked with the admin token', { timeout: 600_000 }, async () => {
  const server = await serverOfTest();
  const header = `Authorization: Bearer ${server.adminToken}`;
  await expectNoFault(server, { paths: '^/organizations', operations: 24, header });
});

interface Asked {
  /** A pattern of paths, and how many operations they have. */
  readonly paths: string;
  readonly operations: number;
  readonly header: string;
}

/** Statuses of 5xx, ones that are not in the document, other headers and bodies than it says, and more. */
async function expectNoFault(server: TestServer, { paths, operations, header }: Asked): Promise<void> {
  const { code, said } = await run(schemathesis, [
    'run',
    `${server.httpAddress}/openapi.json`,
    ...['--include-path-regex', paths, '-H', header, '--seed', '1', '--max-examples', String(EXAMPLES)],
    ...['--checks', 'all', '--exclude-checks', EXCUSED, '--continue-on-failure', '--no-color'],
  ]);
  expect(code, said).toBe(0);
  expect(said).toContain(`Tested: ${operations}`);
  expect(server.logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}

function run(command: string, args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  return new Promise((resolve) => {
    const options = { cwd: temporaryFolder(), maxBuffer: 64 * 1_048_576 };
    execFile(command, args, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), said: stdout + stderr }),
    );
  });
}
