import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND_GROUPS } from '../src/cli/commands.ts';
import { EXIT } from '../src/cli/exit-code.ts';
import { SETTINGS } from '../src/config/settings.ts';
import { ERROR_REASONS } from '../src/domain/errors.ts';
import { SERVICES } from '../src/operations/services.ts';
import { WIRE_CODES } from '../src/transport/error-mapping.ts';
import { needs } from './support/needs.ts';
import { type Block, README, ROOT, readmeBlocks, readmeSection, tableRows } from './support/readme-blocks.ts';
import { type ReadmeServer, runShell, type ShellResult, startReadmeServer } from './support/readme-server.ts';
import { shapeOf, withAddresses } from './support/shown-replies.ts';

const START = 'npm start -- --org "Acme, Inc."';
/** What installs and tests the whole repository: this test runs inside of it. */
const WHOLE = ['npm ci && npm start', 'npm ci && npm test'];
const MARK = '=== block';
/** What is typed in the same shell after all of the blocks. */
const CLI = 'npx authflow org list --json';

const blocks = readmeBlocks();
const shellBlocks = blocks.filter(({ language, text }) => language === 'sh' && text !== START && !WHOLE.includes(text));
const hasGrpcurl = spawnSync('grpcurl', ['-version']).error === undefined;
const hasShell = ['bash', 'curl'].every((tool) => spawnSync(tool, ['--version']).error === undefined);

test('what the blocks are written for is there', (context) => {
  needs(context, 'bash', ['bash', '--version']);
  needs(context, 'curl', ['curl', '--version']);
  needs(context, 'grpcurl: go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3', ['grpcurl', '-version']);
});

describe.runIf(hasShell)('the shell blocks, one after the other in one shell', () => {
  const run = shellBlocks.filter(needsNothingMissing);
  let server: ReadmeServer;
  let result: ShellResult;
  let outputs: readonly string[];

  beforeAll(async () => {
    server = await startReadmeServer(START);
    const script = run.map(({ text }, index) => `echo '${MARK} ${index}'\n${withAddresses(text, server)}\necho`);
    result = await runShell([...script, `echo '${MARK} ${run.length}'`, CLI].join('\n'), server.env);
    outputs = result.stdout.split(new RegExp(`^${MARK} \\d+\\n`, 'm')).slice(1);
  });
  afterAll(() => server?.stop());

  test('the line that starts a server with an organization is in the README and prints what the calls need', () => {
    expect(blocks.map(({ text }) => text)).toContain(START);
    expect(server).toMatchObject({
      apiKey: expect.stringMatching(/^af_/),
      orgId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('every one of them ends well', () => {
    expect({ code: result.code, blocks: outputs.length, stderr: result.stderr }).toMatchObject({
      code: 0,
      blocks: run.length + 1,
    });
  });

  test('the CLI runs in the shell that has the variables of the clients', () => {
    expect(shellBlocks.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^export AUTHFLOW_ADDRESS=/m));
    const names = (JSON.parse(outputs[run.length] ?? '') as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['Acme, Inc.', 'Globex', 'Initech']));
  });

  test.each(run.map((block, index) => ({ ...block, index })).filter(({ shown }) => shown !== null))(
    'block $index prints what is shown after it',
    ({ index, shown }) => {
      const printed: unknown = JSON.parse(outputs[index] ?? '');
      expect(shapeOf(printed)).toEqual(shapeOf(shown));
    },
  );

  test('the six calls by gRPC answer in turn', () => {
    const index = run.findIndex(({ text }) => text.includes('rpc SignUp'));
    const replies = (outputs[index] ?? '').trim().split(/(?<=\})\n(?=\{)/);
    expect(replies.map((reply) => Object.keys(JSON.parse(reply)))).toEqual([
      ['user_id', 'email', 'fullname', 'org_id'],
      ['email', 'fullname', 'org_id', 'user_id', 'session_id', 'expires_at'],
      // buf prints no zeros: no other session was ended.
      [],
      [],
    ]);
  });

  test('the container block, which needs an engine and is not run, names what compose.yaml and the image hold', () => {
    const dockerBlock = shellBlocks.find(isDocker)?.text ?? '';
    const service = /compose exec (\S+) node (\S+)/.exec(dockerBlock);
    expect(readFileSync(join(ROOT, 'compose.yaml'), 'utf8')).toContain(`\n  ${service?.[1]}:\n`);
    expect(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')).toContain(`/app/${service?.[2]}`);
  });
});

describe('the programs of the README', () => {
  test.each([
    ['typescript', 'ts'],
    ['go', 'go'],
    ['python', 'python'],
    ['java', 'java'],
    ['rust', 'rust'],
  ])('are the first of clients/%s, whose own tests run it', (client, language) => {
    const own = readmeBlocks(join('clients', client, 'README.md')).find((block) => block.language === language);
    expect(blocks.filter((block) => block.language === language).map(({ text }) => text)).toEqual([own?.text]);
  });
});

test('each of these programs signs up a user of its own, whom nothing else of the README signs up', () => {
  const emailsIn = (text: string): readonly string[] => [
    ...new Set(text.match(/[\w.]+@[\w.]*\bexample(?:\.com)?\b/g) ?? []),
  ];
  const programs = ['ts', 'go', 'python', 'java', 'rust'];
  const own = blocks.filter(({ language }) => programs.includes(language)).map(({ text }) => emailsIn(text));
  expect(own.map((emails) => emails.length)).toEqual(programs.map(() => 1));
  const others = blocks.filter(({ language }) => !programs.includes(language)).flatMap(({ text }) => emailsIn(text));
  expect(others).toContain('ada@example.com');
  const all = [...own.flat(), ...new Set(others)];
  expect(new Set(all).size).toBe(all.length);
});

describe('the README says what the sources say', () => {
  test('the two commands are whole blocks, and every script that is named exists', () => {
    expect(blocks.map(({ text }) => text)).toEqual(expect.arrayContaining(WHOLE));
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const named = [...README.matchAll(/(?:^|`|&& )npm (?:run )?(?!ci\b|install\b)([\w:]+)/gm)].map(([, name]) => name);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining([...new Set(named)]));
    expect(named).toEqual(
      expect.arrayContaining([
        'start',
        'test',
        'test:wide',
        'test:clients',
        'test:suites',
        'test:postgres',
        'test:failover',
        'test:long',
      ]),
    );
  });

  test('continuous integration runs the same test command, and what it leaves out', () => {
    const lines = readFileSync(join(ROOT, '.ci/run'), 'utf8').split('\n');
    // Alone, in brackets, or with its failure kept until the others have been heard.
    const steps = lines.map((line) => /^ *\(?(npm [^()|]*?)\)?( \|\| failures=1)?$/.exec(line)?.[1]);
    expect(steps).toEqual(
      expect.arrayContaining([
        'npm ci && npm test',
        'npm run check:static',
        'npm run test:wide',
        'npm run test:clients',
        'npm run test:suites',
        'npm run test:postgres',
        'npm run test:failover',
      ]),
    );
  });

  test('the settings', () => {
    const cell = (value: string | null) => (value === null ? '–' : `\`${value}\``);
    expect(tableRows(readmeSection('Settings'))).toEqual(
      SETTINGS.map((setting) => [
        `\`${setting.name}\``,
        setting.unit ?? '–',
        cell(setting.default),
        setting.range,
        setting.meaning,
      ]),
    );
  });

  test('the settings that can come from a file', () => {
    const [before = ''] = readmeSection('Settings').split('\n|');
    const files = [...before.matchAll(/`(AUTHFLOW_\w+)_FILE`/g)].map(([, name = '']) => name);
    const secrets = SETTINGS.filter(({ secret }) => secret).map(({ name }) => name);
    expect(files.toSorted()).toEqual(secrets.toSorted());
  });

  test('what opens what: every credential, and every call that a session opens', () => {
    const rows = tableRows(readmeSection('What to know before you rely on it'));
    for (const prefix of ['af_', 'afm_', 'afadm_']) {
      expect(rows.map(([credential]) => credential)).toContainEqual(expect.stringContaining(`\`${prefix}…\``));
    }
    const [, opened = ''] = rows.find(([credential]) => credential?.startsWith('session token')) ?? [];
    const calls = SERVICES.flatMap(({ operations }) => operations).map(({ rest }) => rest);
    const bySession = calls.filter(({ required }) => required?.includes('sessionToken')).map(({ path }) => path);
    const named = [...opened.matchAll(/`(\w[\w/-]*)`/g)].map(([, name]) => `/auth/${name}`);
    expect(named.toSorted()).toEqual(bySession.toSorted());
  });

  test('the errors and their codes', () => {
    expect(tableRows(readmeSection('Errors')).map((row) => row.slice(0, 3))).toEqual(
      ERROR_REASONS.map((reason) => {
        const { grpc, http } = WIRE_CODES[reason];
        return [`\`${reason}\``, grpc === null ? '–' : GRPC_NAMES[grpc], String(http)];
      }),
    );
  });

  test('the commands of the CLI and its exit codes', () => {
    const rows = tableRows(readmeSection('The CLI')).map(([first = '']) => first);
    const commands = rows.filter((first) => first.startsWith('`authflow')).map((first) => first.split(/[ `]+/)[2]);
    expect(commands).toEqual(COMMAND_GROUPS.map(({ name }) => name));
    expect(rows.filter((first) => /^\d+$/.test(first))).toEqual(Object.values(EXIT).map(String));
  });

  test('every link inside the repository leads somewhere', () => {
    const targets = [...README.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
    expect(targets.filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
    expect(targets).not.toEqual([]);
  });
});

/** Names of the codes by their numbers (https://grpc.io/docs/guides/status-codes/). */
const GRPC_NAMES: Readonly<Record<number, string>> = {
  3: 'INVALID_ARGUMENT',
  4: 'DEADLINE_EXCEEDED',
  5: 'NOT_FOUND',
  6: 'ALREADY_EXISTS',
  7: 'PERMISSION_DENIED',
  8: 'RESOURCE_EXHAUSTED',
  9: 'FAILED_PRECONDITION',
  13: 'INTERNAL',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};

function needsNothingMissing(block: Block): boolean {
  return !isDocker(block) && (hasGrpcurl || !block.text.startsWith('grpcurl'));
}

function isDocker({ text }: Block): boolean {
  return text.startsWith('docker ');
}
