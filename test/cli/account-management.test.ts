import { beforeEach, describe, expect, test } from 'vitest';
import { openAdministration } from '../../src/app/administration.ts';
import { readSettings } from '../../src/config/settings.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { storeOfTest } from '../support/stores.ts';
import { runHere } from './captured-terminal.ts';

const EMAIL = 'ada@example.com';

describe('organizations and their users', () => {
  let env: Readonly<Record<string, string>>;

  beforeEach(async () => {
    const { environment } = await storeOfTest();
    env = { ...environment, AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN };
    expect((await runHere(['migrate'], env)).code).toBe(0);
    await told('org', 'create', 'Acme');
  });

  async function told(...args: readonly string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await runHere([...args, '--json'], env);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    return JSON.parse(stdout);
  }

  test('org show tells settings and users, which org update changes and puts back', async () => {
    await told('user', 'create', 'Acme', EMAIL, 'Ada Lovelace');
    expect(await told('org', 'show', 'Acme')).toMatchObject({ name: 'Acme', locale: 'en', reset_url: '', users: 1 });
    const resetUrl = 'https://app.example.com/new-password?token={token}';
    await told('org', 'update', 'Acme', `reset_url=${resetUrl}`, 'session_ttl_seconds=3600', 'locale=de');
    const changed = { reset_url: resetUrl, session_ttl_seconds: 3_600, locale: 'de', mail_approved: true };
    expect(await told('org', 'show', 'Acme')).toMatchObject(changed);
    await told('org', 'update', 'Acme', 'reset_url=', 'locale=');
    expect(await told('org', 'show', 'Acme')).toMatchObject({
      reset_url: '',
      locale: 'en',
      session_ttl_seconds: 3_600,
    });
  });

  test.each([
    [1, 'INVALID_ARGUMENT', 'reset_url=https://app.example.com/new-password'],
    [1, 'INVALID_ARGUMENT', 'session_ttl_seconds=long'],
    [1, 'INVALID_ARGUMENT', 'session_ttl_seconds=1.5'],
    [1, 'INVALID_ARGUMENT', 'session_ttl_seconds=0x10'],
    [1, 'INVALID_ARGUMENT', 'session_ttl_seconds= '],
    [1, 'INVALID_ARGUMENT', 'locale=xx'],
    [2, 'mail_approved is true or false', 'mail_approved=yes'],
    [2, 'mail_approved is true or false', 'mail_approved='],
    [2, 'NAME=VALUE', 'reset-url=https://app.example.com/{token}'],
  ])('org update refuses with %i and %s: %s', async (code, words, setting) => {
    const before = await told('org', 'show', 'Acme');
    const refused = await runHere(['org', 'update', 'Acme', setting], env);
    expect(refused).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(words) });
    expect(await told('org', 'show', 'Acme')).toEqual(before);
  });

  test('user create makes one with roles, and a password that is shown once', async () => {
    const created = await told(
      'user',
      'create',
      'Acme',
      EMAIL,
      'Ada',
      '--generate',
      '--verified',
      '--roles',
      'admin,editor',
    );
    expect(created).toMatchObject({ email: EMAIL, roles: 'admin,editor', email_verified_at: expect.any(String) });
    expect(created.password).toEqual(expect.any(String));
    expect(await told('user', 'list', 'Acme')).toMatchObject([{ email: EMAIL, roles: 'admin,editor' }]);
    const shown = await told('user', 'show', 'Acme', EMAIL);
    expect(shown).toMatchObject({ has_password: true, roles: 'admin,editor' });
    expect(JSON.stringify(shown)).not.toContain(created.password);
    const again = await runHere(['user', 'create', 'Acme', EMAIL, 'Ada'], env);
    expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('USER_EXISTS') });
  });

  test('user create does not choose between a password that is given and one that is made', async () => {
    const refused = await runHere(['user', 'create', 'Acme', EMAIL, 'Ada', '--password', '--generate'], env);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--generate') });
    expect(await told('user', 'list', 'Acme')).toEqual([]);
  });

  test('user update changes what is given, and user roles the whole list, which must parse', async () => {
    await told('user', 'create', 'Acme', EMAIL, 'Ada', '--verified', '--roles', 'admin');
    const metadata = '{"plan": "pro"}';
    await told('user', 'update', 'Acme', EMAIL, '--fullname', 'Ada L.', '--public-metadata', metadata);
    const changed = { fullname: 'Ada L.', public_metadata: metadata, email_verified_at: expect.any(String) };
    expect(await told('user', 'show', 'Acme', EMAIL)).toMatchObject({ ...changed, roles: 'admin' });
    expect(await told('user', 'roles', 'Acme', EMAIL, 'editor, auditor')).toMatchObject({ roles: 'editor,auditor' });
    for (const roles of ['Editor', 'editor,editor', 'a,,b']) {
      const refused = await runHere(['user', 'roles', 'Acme', EMAIL, roles], env);
      expect({ roles, ...refused }).toMatchObject({ roles, code: 1, stderr: expect.stringContaining('roles') });
    }
    expect(await told('user', 'roles', 'Acme', EMAIL)).toMatchObject({ roles: '' });
    expect((await runHere(['user', 'update', 'Acme', EMAIL], env)).stderr).toContain('Say what to change');
    await told('user', 'update', 'Acme', EMAIL, '--email', 'grace@example.com');
    expect(await told('user', 'show', 'Acme', 'grace@example.com')).toMatchObject({ email_verified_at: null });
  });

  test('user impersonate opens a session that says so, for a reason that the audit log keeps', async () => {
    await told('user', 'create', 'Acme', EMAIL, 'Ada', '--roles', 'admin');
    expect((await runHere(['user', 'impersonate', 'Acme', EMAIL], env)).code).toBe(2);
    const opened = await told('user', 'impersonate', 'Acme', EMAIL, '--reason', 'Ticket 4711', '--seconds', '60');
    const [, claims = ''] = String(opened.token).split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ act: { sub: 'administrator' } });
    for (const seconds of ['3601', 'x', '']) {
      const args = ['user', 'impersonate', 'Acme', EMAIL, '--reason', 'Ticket', '--seconds', seconds];
      expect({ seconds, ...(await runHere(args, env)) }).toMatchObject({ seconds, code: 1, stdout: '' });
    }
    expect((await runHere(['audit', '--type', 'user.impersonated', '--json'], env)).stdout).toContain('Ticket 4711');
    // A role that is taken away ends it.
    expect(await told('user', 'roles', 'Acme', EMAIL, 'editor')).toMatchObject({ ended_sessions: 1 });
  });

  test('user show tells of a password that must be changed', async () => {
    await told('user', 'create', 'Acme', EMAIL, 'Ada', '--generate');
    expect(await told('user', 'show', 'Acme', EMAIL)).toMatchObject({ must_change_password: false });
    await told('user', 'set-password', 'Acme', EMAIL, '--generate', '--must-change');
    expect(await told('user', 'show', 'Acme', EMAIL)).toMatchObject({ must_change_password: true });
  });

  test('user reset-second-factor tells whether there was one', async () => {
    await told('user', 'create', 'Acme', EMAIL, 'Ada');
    const reset = ['user', 'reset-second-factor', 'Acme'];
    expect(await told(...reset, EMAIL)).toMatchObject({ email: EMAIL, had_second_factor: false, ended_sessions: 0 });
    const unknown = await runHere([...reset, 'nobody@example.com'], env);
    expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('USER_NOT_FOUND') });
  });

  test('user create --invite leaves a mail', async () => {
    await told('user', 'create', 'Acme', EMAIL, 'Ada', '--invite');
    const administration = await openAdministration(readSettings(env));
    try {
      const mails = await administration.ports.storage.listMails(null, { after: null, limit: 10 });
      expect(mails).toMatchObject([{ kind: 'invite' }]);
    } finally {
      await administration.close();
    }
  });
});
