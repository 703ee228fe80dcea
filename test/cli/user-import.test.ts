import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openAdministration } from '../../src/app/administration.ts';
import { run } from '../../src/cli/run.ts';
import { readSettings } from '../../src/config/settings.ts';
import type { MailTokenSubject } from '../../src/domain/accounts/mail-token.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { fooBar, login, verifyEmail } from '../support/asked.ts';
import { ROOT } from '../support/readme-blocks.ts';
import { storeOfTest } from '../support/stores.ts';
import vectors from '../vectors/password-hashes.json' with { type: 'json' };
import { CapturedStream, runHere } from './captured-terminal.ts';
import { resultOf, startCli } from './spawned-cli.ts';

const CALL = { isAbandoned: () => false };
const BCRYPT = '$2a$10$hPYclkchGGE0Oc4Old2MMu58aXikw9YmLIP5XGxbx75PY/76VQGWW';
const PASSWORD = 'Analytical-1843';

/** A store with an organization, and commands and calls of it, in this process. */
class Place {
  readonly folder = temporaryFolder();
  readonly env: Record<string, string>;
  #apiKey = '';
  #orgId = '';

  private constructor(env: Readonly<Record<string, string>>) {
    this.env = { ...env };
  }

  static async open(settings: Readonly<Record<string, string>> = {}): Promise<Place> {
    const place = new Place({ ...(await storeOfTest()).environment, ...settings });
    await place.run('migrate');
    const { stdout } = await place.run('org', 'create', 'Acme', '--json');
    ({ org_id: place.#orgId, api_key: place.#apiKey } = JSON.parse(stdout));
    return place;
  }

  run(...args: readonly string[]) {
    return runHere(args, this.env);
  }

  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** What an import of these lines printed. */
  async import(lines: readonly unknown[], ...options: readonly string[]) {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    const path = this.file('users.jsonl', text);
    const { code, stdout, stderr } = await this.run('user', 'import', path, '--org', 'Acme', '--json', ...options);
    return { code, stderr, ...(stdout === '' ? {} : JSON.parse(stdout)) };
  }

  async use<T>(work: (ports: Ports, orgId: string) => Promise<T>): Promise<T> {
    const administration = await openAdministration(readSettings(this.env));
    return work(administration.ports, this.#orgId).finally(() => administration.close());
  }

  logIn(email: string, password: string): Promise<string> {
    return this.use(async (ports) => {
      const { token } = await fooBar(ports, { identity: email, apiKey: this.#apiKey });
      const asked = { foobar: token, email, password, orgId: '', apiKey: this.#apiKey };
      return login(ports, asked, CALL).then(
        () => 'OK',
        (error) => error.reason,
      );
    });
  }

  storedHash(email: string): Promise<string | null | undefined> {
    return this.use(async ({ storage }, orgId) => {
      const user = await storage.findUserByEmail(orgId, email);
      return (await storage.findUserCredentials(orgId, user?.userId ?? ''))?.passwordHash;
    });
  }

  users() {
    return this.use(({ storage }, orgId) => storage.listUsers(orgId, { limit: 5_000, after: null }));
  }
}

describe('user import', () => {
  test('adds users with all that their lines say, who log in as before', async () => {
    const place = await Place.open();
    const ada = {
      email: 'Ada@Example.com',
      fullname: 'Ada Lovelace',
      password_hash: BCRYPT,
      email_verified: true,
      roles: ['admin', 'billing:read'],
      public_metadata: { plan: 'pro' },
      private_metadata: { crm: 7 },
      created_at: '2019-12-10T09:30:00Z',
    };
    const lines = [
      ada,
      { email: 'bob@example.com', password_hash: BCRYPT, disabled: true },
      { email: 'c@example.com' },
    ];
    expect(await place.import(lines)).toMatchObject({
      code: 0,
      stderr: '',
      ...{ added: 3, existing: 0, refused: 0, without_password: 1, dry_run: false, stopped: false },
    });
    expect((await place.users()).find(({ email }) => email === 'ada@example.com')).toMatchObject({
      email: 'ada@example.com',
      fullname: 'Ada Lovelace',
      createdAt: Date.UTC(2019, 11, 10, 9, 30),
      disabledAt: null,
      emailVerifiedAt: expect.any(Number),
      roles: ada.roles,
      publicMetadata: '{"plan":"pro"}',
      privateMetadata: '{"crm":7}',
    });
    expect(await place.logIn('ada@example.com', PASSWORD)).toBe('OK');
    expect(await place.logIn('ada@example.com', `${PASSWORD}!`)).toBe('CREDENTIALS_INVALID');
    expect(await place.logIn('bob@example.com', PASSWORD)).toBe('USER_DISABLED');
    expect(await place.logIn('c@example.com', PASSWORD)).toBe('CREDENTIALS_INVALID');
  });

  test.each([
    ['bcrypt', /^\$2b\$/],
    ['argon2id', /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/],
  ])(
    'P4: the first right login upgrades a hash of another algorithm to %s, a wrong one never',
    async (setting, form) => {
      const place = await Place.open({ AUTHFLOW_PASSWORD_HASH: setting });
      const django = 'pbkdf2_sha256$12000$seasalt2$hlDLKsxgkgb1aeOppkM5atCYw5rPzAjCNQZ4NYyUROw=';
      await place.import([{ email: 'ada@example.com', password_hash: django }]);
      const imported = await place.storedHash('ada@example.com');
      expect(imported).toMatch(/^\$pbkdf2-sha256\$i=12000\$/);
      expect(await place.logIn('ada@example.com', PASSWORD)).toBe('CREDENTIALS_INVALID');
      expect(await place.storedHash('ada@example.com')).toBe(imported);
      expect(await place.logIn('ada@example.com', 'lètmein')).toBe('OK');
      const upgraded = await place.storedHash('ada@example.com');
      expect(upgraded).toMatch(form);
      expect(await place.logIn('ada@example.com', 'lètmein')).toBe('OK');
      expect(await place.storedHash('ada@example.com')).toBe(upgraded);
    },
  );

  test('tells each bad line by its number and what is wrong, never by what it holds, and adds the others', async () => {
    const place = await Place.open();
    const secret = '$2b$31$abcdefghijklmnopqrstuuSECRETSECRETSECRETSECRETSECRETSEC';
    const bad: readonly (readonly [unknown, RegExp])[] = [
      ['{"email":"secret@example.com"', /not JSON/],
      ['[1]', /must be a JSON object/],
      [{}, /email is required/],
      [{ email: 'secret' }, /email must be an e-mail address/],
      [{ email: 7 }, /email must be a string/],
      [{ email: 'x@example.com', pasword_hash: secret }, /no other members than email, fullname/],
      [{ email: 'x@example.com', password_hash: secret }, /password_hash is cut off or out of bounds/],
      [{ email: 'x@example.com', password_hash: 'secret' }, /password_hash has a form that is not known/],
      [{ email: 'x@example.com', password_hash: 7 }, /password_hash must be a string or an object/],
      [{ email: 'x@example.com', password_hash: { passwordHash: secret, salt: 'AAAA' } }, /--firebase-parameters/],
      [{ email: 'x@example.com', roles: ['Admin'] }, /roles must each be/],
      [{ email: 'x@example.com', roles: 'admin' }, /roles must be a list/],
      [{ email: 'x@example.com', public_metadata: 'secret' }, /public_metadata must be a JSON object/],
      [
        { email: 'x@example.com', private_metadata: { a: 'x'.repeat(4_090) } },
        /private_metadata must have at most 4,096/,
      ],
      ['{"email":"x@example.com","public_metadata":{"__proto__":{"secret":1}}}', /no member __proto__/],
      ['{"email":"x@example.com","public_metadata":{"n":9007199254740993}}', /beyond 2\^53/],
      [{ email: 'x@example.com', public_metadata: { a: [[[[[[[['secret']]]]]]]] } }, /8 levels/],
      [{ email: 'x@example.com', created_at: 'secret' }, /created_at must be an instant/],
      [{ email: 'x@example.com', created_at: '2999-01-01T00:00:00Z' }, /created_at must lie between/],
      [{ email: 'x@example.com', email_verified: 'secret' }, /email_verified must be true or false/],
      [{ email: 'x@example.com', fullname: 'x'.repeat(201) }, /fullname must have at most 200/],
      [`{"email":"${'x'.repeat(2 ** 20)}@example.com"}`, /longer than 1 MiB/],
    ];
    const lines = bad.flatMap(([line], at) => [line, { email: `good${at}@example.com` }]);
    const { code, stderr, added, refused } = await place.import(lines);
    expect({ code, added, refused }).toEqual({ code: 1, added: bad.length, refused: bad.length });
    const told = stderr.trimEnd().split('\n');
    expect(told).toHaveLength(bad.length);
    for (const [at, [, fault]] of bad.entries()) {
      expect(told[at]).toMatch(fault);
      expect(told[at]).toMatch(new RegExp(`^Line ${2 * at + 1}: `));
    }
    expect(stderr).not.toMatch(/secret/i);
    expect(await place.users()).toHaveLength(bad.length);
  });

  test('a second run adds those that the first did not, and leaves the others as they are', async () => {
    const place = await Place.open();
    const lines = Array.from({ length: 450 }, (_, n) => ({ email: `user${n}@example.com`, fullname: 'First' }));
    expect(await place.import(lines.slice(0, 300))).toMatchObject({ added: 300, existing: 0 });
    const again = lines.map((line) => ({ ...line, fullname: 'Second' }));
    expect(await place.import(again)).toMatchObject({ code: 0, added: 150, existing: 300 });
    const names = (await place.users()).map(({ fullname }) => fullname);
    expect(names.filter((name) => name === 'First')).toHaveLength(300);
    expect(names).toHaveLength(450);
  });

  test('--dry-run judges everything and writes nothing', async () => {
    const place = await Place.open();
    await place.import([{ email: 'there@example.com' }]);
    const lines = [{ email: 'there@example.com' }, { email: 'new@example.com' }, { email: 'new@example.com' }, {}];
    expect(await place.import(lines, '--dry-run')).toMatchObject({
      code: 1,
      ...{ added: 1, existing: 2, refused: 1, dry_run: true },
      stderr: expect.stringContaining('Line 4: email is required.'),
    });
    expect(await place.users()).toHaveLength(1);
  });

  test('an e-mail that is kept for a user who was moved from it counts as there, in a dry run and in earnest', async () => {
    const place = await Place.open();
    await place.import([{ email: 'left@example.com', email_verified: true }]);
    await place.use(async (ports, orgId) => {
      const { userId = '' } = (await ports.storage.findUserByEmail(orgId, 'left@example.com')) ?? {};
      const user = await ports.storage.findUserCredentials(orgId, userId);
      const subject = { ...user, newEmail: 'new@example.com' } as MailTokenSubject;
      await verifyEmail(ports, ports.mailTokens.sign('change_email', subject, ports.clock.now()));
    });
    for (const options of [['--dry-run'], []]) {
      const report = await place.import([{ email: 'left@example.com' }], ...options);
      expect(report).toMatchObject({ code: 0, added: 0, existing: 1 });
    }
    expect((await place.users()).map(({ email }) => email)).toEqual(['new@example.com']);
  });

  test('has one row of the audit log a batch, by the command, with how many', async () => {
    const place = await Place.open();
    await place.import(Array.from({ length: 250 }, (_, n) => ({ email: `user${n}@example.com` })));
    await place.import([{ email: 'user0@example.com' }]);
    const { stdout } = await place.run('audit', '--type', 'user.imported', '--json');
    const rows = stdout.trim().startsWith('[')
      ? JSON.parse(stdout)
      : stdout
          .trim()
          .split('\n')
          .map((row) => JSON.parse(row));
    expect(rows).toMatchObject([
      { actor: 'cli', count: 200 },
      { actor: 'cli', count: 50 },
    ]);
  });

  test('an organization that is closed or unknown, and a file that is not there, are refused', async () => {
    const place = await Place.open();
    const path = place.file('users.jsonl', '{"email":"ada@example.com"}\n');
    expect(await place.run('user', 'import', path, '--org', 'Nobody')).toMatchObject({ code: 1 });
    expect(await place.run('user', 'import', `${path}.gone`, '--org', 'Acme')).toMatchObject({ code: 2 });
    const isFolder = await place.run('user', 'import', place.folder, '--org', 'Acme');
    expect(isFolder).toMatchObject({ code: 2, stderr: expect.stringContaining('EISDIR') });
    expect(await place.run('user', 'import', path, '--org', 'Acme', '--format', 'x')).toMatchObject({ code: 2 });
    const parameters = ['--firebase-parameters', place.file('p.txt', 'rounds: 8, base64_signer_key: SECRET==')];
    const lacking = await place.run('user', 'import', path, '--org', 'Acme', ...parameters);
    expect(lacking).toMatchObject({ code: 2, stderr: expect.stringContaining('mem_cost') });
    expect(lacking.stderr).not.toContain('SECRET');
    const empty = place.file('empty.json', '{"realm":"acme"}');
    expect(await place.run('user', 'import', empty, '--org', 'Acme', '--format', 'keycloak')).toMatchObject({
      code: 2,
    });
    await place.run('org', 'close', 'Acme');
    const closed = await place.run('user', 'import', path, '--org', 'Acme');
    expect(closed).toMatchObject({ code: 1, stderr: expect.stringContaining('ORGANIZATION_NOT_FOUND') });
  });

  test.each(vectors.filter(({ source }) => source.includes('by default')))(
    'P4: $source: is imported, its user logs in, and only argon2 is not renewed',
    async ({ password, hash }) => {
      const place = await Place.open();
      const line = { email: 'ada@example.com', password_hash: hash.startsWith('{') ? JSON.parse(hash) : hash };
      expect(await place.import([line])).toMatchObject({ code: 0, stderr: '', added: 1, without_password: 0 });
      expect(await place.logIn('ada@example.com', `${password}!`)).toBe('CREDENTIALS_INVALID');
      expect(await place.logIn('ada@example.com', password)).toBe('OK');
      expect(await place.logIn('ada@example.com', password)).toBe('OK');
      expect(await place.storedHash('ada@example.com')).toMatch(hash.startsWith('argon2') ? /^\$argon2id/ : /^\$2b\$/);
    },
  );

  test.each([
    ['Keycloak', 'firebase', 'credentials', 'keycloak'],
    ['Firebase', 'keycloak', 'passwordHash', 'firebase'],
    ['Supabase', 'auth0', 'encrypted_password', 'supabase'],
    ['Auth0', 'supabase', 'passwordHash', 'auth0'],
    ['AuthFlow', 'supabase', 'password_hash', 'authflow'],
  ])(
    'a dump of %s read as one of %s loses nobody their password: it is refused',
    async (source, format, member, right) => {
      const place = await Place.open();
      const { files } = section(source === 'AuthFlow' ? 'Lines' : `From ${source}`);
      const [[name, body]] = files as [readonly [string, string]];
      const first = source === 'AuthFlow' ? body.slice(0, body.indexOf('\n')) : body;
      const args = ['user', 'import', place.file(name, first), '--org', 'Acme', '--format', format, '--json'];
      const { code, stdout, stderr } = await place.run(...args);
      expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 1, added: 0, refused: 1 });
      expect(stderr).toMatch(/^Line [12]: /);
      expect(stderr).toContain(`${member}, as --format ${right} reads it`);
      expect(await place.users()).toEqual([]);
    },
  );

  test("P6: Firebase's signer key is nowhere in the store", async () => {
    const place = await Place.open();
    const key = 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==';
    const parameters = `base64_signer_key: ${key}, base64_salt_separator: Bw==, rounds: 8, mem_cost: 14`;
    const passwordHash = 'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==';
    const line = { email: 'ada@example.com', password_hash: { passwordHash, salt: '42xEC+ixf3L2lw==' } };
    const imported = await place.import([line], '--firebase-parameters', place.file('parameters.txt', parameters));
    expect(imported).toMatchObject({ code: 0, added: 1 });
    const stored = (await place.storedHash('ada@example.com')) ?? '';
    expect(stored).toMatch(/^\$firebase-scrypt\$ln=14,r=8,p=1\$/);
    expect(stored).not.toContain(key.slice(0, 20));
    expect(stored).not.toContain(passwordHash.slice(0, 20));
    expect(await place.logIn('ada@example.com', 'user1password')).toBe('OK');
  });
});

describe('user export', () => {
  const LINES = [
    {
      email: 'ada@example.com',
      fullname: 'Ada \u2028"\\ Łovelace',
      password_hash: BCRYPT,
      email_verified: true,
      roles: ['admin'],
      public_metadata: { plan: 'pro' },
      private_metadata: { a: [1, null, 'é'] },
      created_at: '2019-12-10T09:30:00.250Z',
      disabled: false,
    },
    {
      email: 'bob@example.com',
      fullname: '',
      email_verified: false,
      created_at: '2020-01-01T00:00:00.000Z',
      disabled: true,
    },
  ];
  const exported = async (place: Place, ...options: readonly string[]) => {
    const { code, stdout } = await place.run('user', 'export', 'Acme', ...options);
    expect(code).toBe(0);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };

  test('of all users is what an import reads: with the hashes nothing is lost but ids and sessions', async () => {
    const [place, other] = [await Place.open(), await Place.open()];
    await place.import(LINES);
    const lines = await exported(place, '--with-password-hashes');
    expect(lines).toEqual(LINES);
    expect(await other.import(lines)).toMatchObject({ code: 0, added: 2, refused: 0 });
    expect(await exported(other, '--with-password-hashes')).toEqual(LINES);
    expect(await other.logIn('ada@example.com', PASSWORD)).toBe('OK');
  });

  test('has no hashes where they are not asked for, and none of one user', async () => {
    const place = await Place.open();
    await place.import(LINES);
    const [{ password_hash: _, ...ada }, bob] = LINES as [(typeof LINES)[0], (typeof LINES)[1]];
    expect(await exported(place)).toEqual([ada, bob]);
    const one = await place.run('user', 'export', 'Acme', 'ada@example.com', '--with-password-hashes');
    expect(one).toMatchObject({ code: 2, stdout: '' });
  });
});

/** The fenced blocks of a section: files by their names, and commands of ours. */
function section(heading: string) {
  const text = readFileSync(join(ROOT, 'docs/importing-users.md'), 'utf8');
  const [, part = ''] = text.split(new RegExp(`^#+ ${heading}$`, 'm'));
  const fences = [...(part.split(/^## /m)[0] ?? '').matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)];
  const files = fences.filter(([, language]) => language !== 'sh');
  const commands = fences.filter(([, language, name]) => language === 'sh' && name !== 'ours=no');
  return {
    files: files.map(([, , name = '', body = '']) => [name, body] as const),
    commands: commands.flatMap(([, , , body = '']) => body.trim().split('\n')),
  };
}

describe('docs/importing-users.md', () => {
  const COMMAND = /^npx authflow user import (\S+) --org Acme(.*)$/;

  test.each([
    ['Firebase', 'ada@example.com', 'user1password', { fullname: 'Ada Lovelace' }],
    ['Keycloak', 'peter@example.com', 'iceberg', { fullname: 'Peter Cold', roles: ['editor'] }],
    [
      'Supabase',
      'grace@example.com',
      PASSWORD,
      { fullname: 'Grace Hopper', publicMetadata: '{"full_name":"Grace Hopper"}' },
    ],
    ['Auth0', 'alan@example.com', PASSWORD, { privateMetadata: '{"auth0_id":"60425dc43519d90068f82973"}' }],
    ['Django', 'ada@example.com', 'lètmein', { fullname: 'Ada Lovelace', privateMetadata: '{"django_id":1}' }],
  ])('the example from %s is imported, and its user logs in', async (source, email, password, expected) => {
    const place = await Place.open();
    const { files, commands } = section(`From ${source}`);
    for (const [name, body] of files) {
      place.file(name, body);
    }
    expect(commands).toHaveLength(1);
    for (const command of commands) {
      const [, file = '', options = ''] = COMMAND.exec(command) ?? [];
      const args = options.split(' ').filter(Boolean);
      const placed = args.map((arg) => (files.some(([name]) => name === arg) ? join(place.folder, arg) : arg));
      const ran = await place.run('user', 'import', join(place.folder, file), '--org', 'Acme', ...placed);
      expect(ran).toMatchObject({ code: 0, stderr: '' });
    }
    const verified = source === 'Django' ? null : expect.any(Number);
    expect(await place.users()).toMatchObject([{ email, emailVerifiedAt: verified, disabledAt: null, ...expected }]);
    expect(await place.logIn(email, password)).toBe('OK');
  });

  test('the lines of its first example are imported', async () => {
    const place = await Place.open();
    const [[, body]] = section('Lines').files as [readonly [string, string]];
    expect(await place.import(body.trim().split('\n'))).toMatchObject({ code: 0, added: 2 });
    expect(await place.logIn('ada@example.com', PASSWORD)).toBe('OK');
  });
});

test('an import that is stopped leaves whole batches, and the next run goes on from there', async () => {
  const place = await Place.open();
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => `{"email":"user${from + n}@example.com"}\n`).join('');
  async function* piped() {
    yield lines(0, 250);
    process.emit('SIGTERM');
    yield lines(250, 1_000);
  }
  const [stdout, stderr] = [new CapturedStream(), new CapturedStream()];
  const stdin = () => Readable.from(piped());
  const args = ['user', 'import', '-', '--org', 'Acme', '--json'];
  expect(await run(args, { env: place.env, stdin, stdout, stderr })).toBe(1);
  const { added, stopped } = JSON.parse(stdout.text);
  expect(stopped).toBe(true);
  // A stream is read ahead of what is written.
  expect([200, 400]).toContain(added);
  expect(stderr.text).toContain('Run it again');
  expect(await place.users()).toHaveLength(added);
  const again = await place.run('user', 'import', place.file('all.jsonl', lines(0, 1_000)), ...args.slice(3));
  expect(JSON.parse(again.stdout)).toMatchObject({ added: 1_000 - added, existing: added, stopped: false });
});

test('two processes that import the same users at once add each once, and tell of each who added them', async () => {
  const place = await Place.open();
  const [OWN, SHARED] = [400, 2_000];
  const line = (email: string) => `{"email":"${email}@example.com","roles":["editor"]}\n`;
  const lines = (count: number, name: string) => Array.from({ length: count }, (_, n) => line(`${name}${n}`));
  const shared = lines(SHARED, 'shared');
  const importing = ['first', 'second'].map((name) => {
    const child = startCli(['user', 'import', '-', '--org', 'Acme', '--json'], { ...place, isFed: true });
    child.stdin.write(lines(OWN, name).join(''));
    return { child, ended: resultOf(child) };
  });
  // Both are at work when the shared ones come, which the second meets in another order.
  const began = async () => new Set((await place.users()).map(({ email }) => email.replace(/\d.*/, ''))).size;
  await expect.poll(began).toBe(2);
  importing[0]?.child.stdin.end(shared.join(''));
  importing[1]?.child.stdin.end(shared.toReversed().join(''));
  const told = await Promise.all(
    importing.map(async ({ ended }) => {
      const { code, stdout, stderr } = await ended;
      return { code, stderr, ...JSON.parse(stdout) };
    }),
  );
  for (const report of told) {
    expect(report).toMatchObject({ code: 0, stderr: '', refused: 0, stopped: false });
    expect(report.added + report.existing).toBe(OWN + SHARED);
  }
  expect(told[0].added + told[1].added).toBe(2 * OWN + SHARED);
  const emails = (await place.users()).map(({ email }) => email);
  expect([emails.length, new Set(emails).size]).toEqual([2 * OWN + SHARED, 2 * OWN + SHARED]);
});

test('a terminal is shown how far an import is, and bad lines between', async () => {
  const place = await Place.open();
  const lines = Array.from({ length: 2_000 }, (_, n) =>
    JSON.stringify({ email: n === 700 ? 'x' : `user${n}@example.com` }),
  );
  const path = place.file('many.jsonl', lines.join('\n'));
  const [stdout, stderr] = [new CapturedStream(), Object.assign(new CapturedStream(), { isTTY: true })];
  // As slow as a store can be: each look at the clock is a second later.
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 1_000;
    return now;
  });
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  await run(['user', 'import', path, '--org', 'Acme'], {
    env: place.env,
    stdin: () => Readable.from([]),
    stdout,
    stderr,
  });
  const shown = stderr.text.split('\r\u001b[K');
  expect(
    shown.filter((line) => /^\[[#.]{24}\] \d+ %, \d+ added, 0 there before, [01] refused, \d+ users\/s$/.test(line))
      .length,
  ).toBeGreaterThan(5);
  expect(shown).toContain('Line 701: email must be an e-mail address of at most 254 bytes.\n');
  expect(shown.at(-1)).toBe('');
});
