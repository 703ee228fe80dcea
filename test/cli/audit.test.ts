import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { openAdministration } from '../../src/app/administration.ts';
import { rotateSecret } from '../../src/app/secret-rotation.ts';
import { readSettings } from '../../src/config/settings.ts';
import { createOrganization, readNewOrganization } from '../../src/domain/organizations/organization.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { auditEvent, HOUR } from '../storage/fixtures.ts';
import { runHere } from './captured-terminal.ts';
import { type CliPlace, startCli } from './spawned-cli.ts';

interface Line {
  readonly type: string;
  readonly actor: string;
  readonly org_id: string | null;
  readonly created_at: string;
}

async function newStore() {
  const env = { AUTHFLOW_DATA_DIR: temporaryFolder() };
  expect(await runHere(['migrate'], env)).toMatchObject({ code: 0 });
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runHere(args, env);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return stdout;
  };
  const audit = async (...args: string[]): Promise<readonly Line[]> =>
    (await run('audit', ...args, '--json'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return { env, run, audit };
}

describe('audit', () => {
  test('prints what commands did as theirs, oldest first, a line of JSON for each', async () => {
    const { run, audit } = await newStore();
    const { org_id } = JSON.parse(await run('org', 'create', 'Acme', '--json'));
    await run('key', 'add', 'Acme', '--label', 'second');
    await run('org', 'create', 'Globex');
    await run('signing-key', 'rotate', '--compromised');
    await run('org', 'close', 'Acme');
    expect((await audit('Acme')).map(({ type, actor, org_id: of }) => [type, actor, of])).toEqual([
      ['organization.created', 'cli', org_id],
      ['api_key.created', 'cli', org_id],
      ['organization.closed', 'cli', org_id],
    ]);
    const all = await audit();
    expect(all.map(({ created_at }) => created_at)).toEqual(all.map(({ created_at }) => created_at).toSorted());
    expect(all.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['signing_key.added', 'signing_key.retired', 'organization.created']),
    );
    expect((await audit('--type', 'organization.created')).length).toBe(2);
    expect(await audit('--since', '2100-01-01T00:00:00Z')).toEqual([]);
    expect((await audit('--since', '1h')).length).toBe(all.length);
  });

  test('tells a rotation of the secret once, with both secrets by their ids', async () => {
    const { env, audit } = await newStore();
    const options = { compromised: false, pause: async () => undefined };
    const { secretId, previousSecretId } = await rotateSecret(readSettings(env), options);
    expect(await audit('--type', 'secret.rotated')).toMatchObject([
      {
        actor: 'cli',
        target_id: secretId,
        details: { previous_secret_id: previousSecretId, compromised: false },
      },
    ]);
  });

  test('prints a table for people, in which nothing acts', async () => {
    const { env, run } = await newStore();
    const administration = await openAdministration(readSettings(env));
    const { reason, actor, keyId } = auditEvent({ keyId: randomUUID() });
    await administration.ports.storage.recordAuditEvents([auditEvent({ keyId, address: '\u001b[2J' })]);
    await administration.close();
    const table = await run('audit');
    const [names = '', ...rows] = table.trimEnd().split('\n');
    const columns = ['created_at', 'type', 'result', 'reason', 'actor', 'key_id', 'org_id', 'user_id', 'target_id'];
    expect(names.split(/ +/)).toEqual([...columns, 'count', 'address']);
    const told = rows.map((row) => row.split(/ {2,}/)).find((cells) => cells[1] === 'login.failed');
    expect(told?.slice(2, 6)).toEqual(['refused', reason, actor, keyId]);
    expect(table).not.toContain('\u001b');
  });

  test('refuses a type, an instant and a user that cannot be, and says of options what they take', async () => {
    const { env, run } = await newStore();
    await run('org', 'create', 'Acme');
    for (const [args, code, names] of [
      [['--type', 'login.unheard_of'], 2, /--type .*docs\/operations\.md/],
      [['--since', 'yesterday'], 2, /--since .*24h/],
      [['--since', '2026-13-01T00:00:00Z', '--follow'], 2, /--since .*24h/],
      [['Acme', '--user', 'nobody@example.com'], 1, /USER_NOT_FOUND/],
      [['--user', 'nobody@example.com'], 2, /ORG/],
      [['Nobody'], 1, /ORGANIZATION_NOT_FOUND/],
    ] as const) {
      const { stderr, ...outcome } = await runHere(['audit', ...args], env);
      expect({ args, ...outcome }).toMatchObject({ args, code, stdout: '' });
      expect(stderr).toMatch(names);
    }
  });

  test('--follow prints each event of several writers once, until it is stopped', async () => {
    const { env } = await newStore();
    const place: CliPlace = { folder: env.AUTHFLOW_DATA_DIR, env };
    const [one, other] = [await openAdministration(readSettings(env)), await openAdministration(readSettings(env))];
    await createOrganization(one.ports, readNewOrganization({ name: 'Before' }));
    const following = startCli(['audit', '--follow', '--since', '1h', '--json'], place);
    let printed = '';
    following.stdout?.on('data', (chunk) => {
      printed += String(chunk);
    });
    const told = () =>
      printed
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).event_id as string);
    await expect.poll(() => told().length).toBeGreaterThan(1);
    const before = told().length;
    const events = Array.from({ length: 100 }, () => auditEvent({ createdAt: Date.now() }));
    await Promise.all(events.map((event, n) => (n % 2 === 0 ? one : other).ports.storage.recordAuditEvents([event])));
    const old = auditEvent({ createdAt: Date.now() - 2 * HOUR });
    await one.ports.storage.recordAuditEvents([old, auditEvent({ createdAt: Date.now() })]);
    await expect.poll(() => told().length).toBe(before + 101);
    const ids = new Set(told());
    expect(ids.size).toBe(before + 101);
    expect(events.filter(({ eventId }) => !ids.has(eventId))).toEqual([]);
    expect(ids.has(old.eventId)).toBe(false);
    following.kill('SIGINT');
    const [code] = await once(following, 'exit');
    expect(code).toBe(0);
    await Promise.all([one.close(), other.close()]);
  });
});
