import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deadLinks, environmentOf, marked, outputsOf, printedPattern } from './support/guide.ts';
import { startMailServer } from './support/mail-server.ts';
import { ROOT, readmeBlocks } from './support/readme-blocks.ts';
import { type ReadmeServer, runShell, type ShellResult, startReadmeServer } from './support/readme-server.ts';
import { shapeOf, withAddresses } from './support/shown-replies.ts';

const GUIDE = join('docs', 'accounts.md');
const START = 'npm start -- --org "Acme, Inc."';
/** The kinds of the mails that the blocks read, in turn. */
const MAILS = ['reset_password', 'verify_email', 'invite'];

const text = readFileSync(join(ROOT, GUIDE), 'utf8');
const shellBlocks = readmeBlocks(GUIDE).filter(({ language }) => language === 'sh');
const mailServerBlock = shellBlocks.find(({ text }) => text.includes('AUTHFLOW_SMTP_URL'));
const blocks = shellBlocks.filter((block) => block.text !== START && block !== mailServerBlock);

describe('the shell blocks of docs/accounts.md, one after the other in one shell', () => {
  let server: ReadmeServer;
  let result: ShellResult;
  let outputs: readonly string[];

  beforeAll(async () => {
    server = await startReadmeServer(START);
    const script = awaitingMails(blocks.map(({ text }) => withAddresses(text, server)));
    result = await runShell(marked(script), environmentOf(server));
    outputs = outputsOf(result.stdout);
    // A command is a process of its own, and some thirty take a minute on a machine that is not busy.
  }, 900_000);
  afterAll(() => server?.stop());

  test('the line that starts the server is in it', () => {
    expect(shellBlocks.map(({ text }) => text)).toContain(START);
  });

  test('every one of them ends well', () => {
    expect({ code: result.code, blocks: outputs.length, stderr: result.stderr }).toMatchObject({
      code: 0,
      blocks: blocks.length,
    });
  });

  const shown = blocks.map((block, index) => ({ ...block, index }));
  test.each(shown.filter(({ shown }) => shown !== null))('block $index answers what is shown after it', (block) => {
    expect(shapeOf(JSON.parse(outputs[block.index] ?? ''))).toEqual(shapeOf(block.shown));
  });

  test.each(shown.filter(({ printed }) => printed !== null))('block $index prints what is shown after it', (block) => {
    const printed = (block.printed ?? '').replaceAll('http://127.0.0.1:8080', server.http);
    expect(outputs[block.index]?.trimEnd()).toMatch(printedPattern(printed));
  });
});

test('with the settings of a mail server a forgotten password is mailed, with a link that a browser opens at the public address', async () => {
  const mailServer = await startMailServer();
  const smtp = /'smtps:[^']*'/;
  expect(mailServerBlock?.text).toMatch(smtp);
  const settings = mailServerBlock?.text.replace(smtp, `smtp://127.0.0.1:${mailServer.port}`) ?? '';
  const server = await startReadmeServer(settings.replace(/npm start$/, START));
  try {
    const [setUp, forgotten] = blocks.map((block) => withAddresses(block.text, server));
    expect(await runShell(`${setUp}\n${forgotten}`, environmentOf(server))).toMatchObject({ code: 0 });
    await expect.poll(() => mailServer.mails.map(({ to }) => to)).toEqual([['maria@example.com']]);
    const [mail] = mailServer.mails;
    expect(mail?.from).toBe('no-reply@example.com');
    const [link = ''] = /https:\S+/.exec(mail?.parsed.text ?? '') ?? [];
    expect(link).toMatch(/^https:\/\/auth\.example\.com\/account\/reset-password\?token=/);
    const opened = link.replace('https://auth.example.com', server.http);
    const page = await fetch(opened, { headers: { 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' } });
    expect({ status: page.status, body: await page.text() }).toEqual({
      status: 200,
      body: expect.stringContaining('<form'),
    });
  } finally {
    await server.stop();
  }
});

test('every link of it inside the repository leads somewhere', () => {
  expect(deadLinks('accounts.md')).toEqual([]);
});

/** The mails are made a moment after the calls that ask for them, which readers take longer than. */
function awaitingMails(script: readonly string[]): readonly string[] {
  const kinds = [...MAILS];
  const asking = script.filter((block) => block.includes('$(newest)'));
  // The first mail is read twice.
  expect(asking).toHaveLength(MAILS.length + 1);
  return script.map((block) => {
    const isOfNext = block.includes('$(newest)') && block !== asking[1];
    if (!isOfNext) {
      return block;
    }
    const wait = `until npx authflow mail list --json | grep -q '"kind":"${kinds.shift()}"'; do :; done`;
    // Before the command that reads it: the block may have asked for the mail itself.
    return block.replace(/^.*\$\(newest\).*$/m, (line) => `${wait}\n${line}`);
  });
}
