import { accessSync, constants, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { temporaryFile } from '../config/temporary-folder.ts';
import { runHere } from './captured-terminal.ts';

const COMMANDS = [
  'serve',
  'org create',
  'org list',
  'org show',
  'org update',
  'org close',
  'org reopen',
  'key add',
  'key list',
  'key revoke',
  'user list',
  'user show',
  'user create',
  'user update',
  'user roles',
  'user impersonate',
  'user disable',
  'user enable',
  'user delete',
  'user export',
  'user set-password',
  'user unlock',
  'mail list',
  'mail show',
  'mail retry',
  'session list',
  'session revoke',
  'signing-key list',
  'signing-key rotate',
  'admin-token rotate',
  'migrate',
  'backup',
  'restore',
  'doctor',
  'health',
  'conformance',
  'config',
  'version',
];

describe('help', () => {
  test('names every group and explains the exit codes', async () => {
    const { code, stdout, stderr } = await runHere(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^  ${command.split(' ')[0]} `, 'm'));
    }
    expect(stdout).toContain('Exit codes:');
  });

  test.each(COMMANDS)('%s has its own, with the exit codes, and --json where it prints data', async (command) => {
    const { code, stdout } = await runHere([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: authflow ${command}`);
    expect(stdout).toContain('Exit codes:');
    expect(stdout.includes('--json')).toBe(command !== 'serve');
  });
});

describe('wrong usage ends with 2, on standard error alone', () => {
  test.each([
    [[]],
    [['org']],
    [['unknown']],
    [['org', 'create']],
    [['org', 'create', 'a', 'b']],
    [['org', 'list', '--unknown']],
    [['key', 'revoke', 'ORG']],
    [['key', 'add', 'ORG', '--label']],
    [['session', 'revoke', 'ORG']],
    [['session', 'revoke', 'ORG', 'SESSION', '--user', 'USER']],
    [['backup']],
    [['serve', 'now']],
  ])('%j', async (args) => {
    const { code, stdout, stderr } = await runHere(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toBe('');
  });

  test.each([
    [['user', 'reset-2fa', 'Acme', 'ada@example.com'], "unknown command 'reset-2fa'", 'reset-second-factor'],
    [['user', 'reset-second-factor', 'Acme'], "missing required argument 'USER'", 'Arguments:'],
  ])('%j: the help that it names tells what is right', async (args, fault, answer) => {
    expect((await runHere(args)).stderr).toBe(`error: ${fault}\nAdd --help to see what it takes.\n`);
    expect(await runHere([...args, '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining(answer) });
  });

  test('quotes an argument without what could act on a terminal', async () => {
    const { stderr } = await runHere(['org', '--\u001b[31m\rred']);
    expect(stderr).toContain('red');
    expect(stderr).not.toMatch(/(?!\n)\p{Cc}/u);
  });
});

describe('wrong settings', () => {
  test.each(['serve', 'org list', 'migrate', 'doctor', 'config'])(
    'stop %s with 2, every fault on its line',
    async (command) => {
      const env = { AUTHFLOW_HTTP_PORT: 'hunter2', AUTHFLOW_SECRET: 'hunter2', AUTHFLOW_HOTS: 'hunter2' };
      const { code, stdout, stderr } = await runHere(command.split(' '), env);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr.split('\n').map((line) => line.split(' ', 2).join(' '))).toEqual([
        'authflow: AUTHFLOW_HTTP_PORT',
        'authflow: AUTHFLOW_SECRET',
        'authflow: AUTHFLOW_HOTS',
        '',
      ]);
      expect(stderr).not.toContain('hunter2');
    },
  );
});

describe('config', () => {
  const secret = 'hunter2-'.repeat(4);

  test('shows the settings in force, and of secrets only that they are set', async () => {
    const { code, stdout } = await runHere(['config'], { AUTHFLOW_SECRET: secret, AUTHFLOW_HTTP_PORT: '9000' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^AUTHFLOW_HTTP_PORT +9000 +environment$/m);
    expect(stdout).toMatch(/^AUTHFLOW_SECRET +\(set\) +environment$/m);
    expect(stdout).not.toContain('hunter2');
  });

  test('shows them where the credentials of a store on PostgreSQL are missing too, and says where those of before are', async () => {
    const env = { AUTHFLOW_DATABASE_URL: 'postgres://ada@127.0.0.1/authflow', AUTHFLOW_DATA_DIR: '/data' };
    const { code, stdout, stderr } = await runHere(['config'], env);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^AUTHFLOW_SECRET +- +default$/m);
    expect(stderr).toMatch(/^authflow: AUTHFLOW_SECRET is missing.*AUTHFLOW_SECRET_FILE=\/data\/secret/m);
    expect(stderr).toMatch(
      /^authflow: AUTHFLOW_ADMIN_TOKEN is missing.*AUTHFLOW_ADMIN_TOKEN_FILE=\/data\/admin-token/m,
    );
    expect(await runHere(['org', 'list'], env)).toEqual({ code: 2, stdout: '', stderr });
  });

  test('in JSON holds what each setting means too', async () => {
    const file = temporaryFile(secret);
    const { stdout } = await runHere(['config', '--json'], { AUTHFLOW_SECRET_FILE: file });
    const rows: { name: string; value: unknown; source: string; meaning: string }[] = JSON.parse(stdout);
    expect(rows.find(({ name }) => name === 'AUTHFLOW_SECRET')).toMatchObject({ value: file, source: 'file' });
    expect(rows.every(({ meaning }) => meaning !== '')).toBe(true);
    expect(stdout).not.toContain('hunter2');
  });
});

test('version prints the version of the package', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const { code, stdout } = await runHere(['version', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ authflow: manifest.version, node: process.versions.node });
  expect(await runHere(['--version'])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
});

// A new checkout in an old place: npx has linked the file before, and does not mark it executable again.
test('the built command is executable, as npx runs it', () => {
  accessSync(new URL('../../src/cli/authflow.js', import.meta.url), constants.X_OK);
});
