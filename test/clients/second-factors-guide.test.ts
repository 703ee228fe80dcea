import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deadLinks, environmentOf, marked, outputsOf, printedPattern } from '../support/guide.ts';
import { ROOT, readmeBlocks } from '../support/readme-blocks.ts';
import { type ReadmeServer, runShell, type ShellResult, startReadmeServer } from '../support/readme-server.ts';
import { shapeOf, withAddresses } from '../support/shown-replies.ts';

const GUIDE = join('docs', 'second-factors.md');
const START = 'npm start -- --org "Acme, Inc."';
/** Computes the codes, as an app would: by another implementation than the server's. */
const PYOTP = 'pyotp==2.9.0';

const shellBlocks = readmeBlocks(GUIDE).filter(({ language }) => language === 'sh');
const blocks = shellBlocks.filter(({ text }) => text !== START).map((block, index) => ({ ...block, index }));

describe('the shell blocks of docs/second-factors.md, one after the other in one shell', () => {
  const environment = mkdtempSync(join(tmpdir(), 'authflow-pyotp-'));
  let server: ReadmeServer;
  let result: ShellResult;
  let outputs: readonly string[];

  beforeAll(async () => {
    const bin = join(environment, 'bin');
    const made = await runShell(
      `python3 -m venv ${environment} && ${bin}/pip --disable-pip-version-check install --quiet ${PYOTP}`,
      process.env,
    );
    expect(made).toMatchObject({ code: 0 });
    server = await startReadmeServer(START);
    const script = blocks.map(({ text }) => awaitingMail(withAddresses(text, server)));
    const env = environmentOf(server);
    result = await runShell(marked(script), { ...env, PATH: `${bin}${delimiter}${env.PATH}` });
    outputs = outputsOf(result.stdout);
  }, 900_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(environment, { recursive: true });
  });

  test('the line that starts the server is in it', () => {
    expect(shellBlocks.map(({ text }) => text)).toContain(START);
  });

  test('every one of them ends well', () => {
    expect({ code: result.code, blocks: outputs.length, stderr: result.stderr }).toMatchObject({
      code: 0,
      blocks: blocks.length,
    });
  });

  test.each(blocks.filter(({ shown }) => shown !== null))('block $index answers what is shown after it', (block) => {
    expect(shapeOf(JSON.parse(outputs[block.index] ?? ''))).toEqual(shapeOf(block.shown));
  });

  test.each(blocks.filter(({ printed }) => printed !== null))('block $index prints what is shown after it', (block) => {
    expect(outputs[block.index]?.trimEnd()).toMatch(printedPattern(block.printed ?? ''));
  });
});

// Whose routes examples.test.ts asks, in front of a server.
test('what it shows of each language is in the example that it names', () => {
  const guide = readFileSync(join(ROOT, GUIDE), 'utf8');
  const shown = [...guide.matchAll(/^(\w+), of \[[^\]]*\]\(\.\.\/(examples\/[^)]*)\):\n\n```\w+\n(.*?)\n```$/gms)];
  expect(shown.map(([, language]) => language)).toEqual(['TypeScript', 'Go', 'Python', 'Java', 'Rust']);
  for (const [, , file = '', text = ''] of shown) {
    expect(readFileSync(join(ROOT, file), 'utf8')).toContain(text);
  }
});

test('every link of it inside the repository leads somewhere', () => {
  expect(deadLinks('second-factors.md')).toEqual([]);
});

/** A mail is made a moment after the call that asks for it: on a busy machine not always within what `newest` waits. */
function awaitingMail(block: string): string {
  const kind = block.includes('/auth/login-code') ? 'login_code' : 'second_factor_code';
  const wait = `until npx authflow mail list --json | grep -q '"kind":"${kind}"'; do :; done`;
  return block.replace(/^MAILED=.*$/m, (line) => `${wait}\n${line}`);
}
