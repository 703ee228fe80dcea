import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Database } from '../../../src/storage/sqlite/driver.ts';
import { needs } from '../../support/needs.ts';
import { times } from '../../support/times.ts';
import { type Child, startChild } from '../child-process.ts';
import { loginAttempt, nonce, populate } from '../fixtures.ts';
import { databaseFile, engineAt, openMigrated } from '../sqlite-files.ts';

const NOBODY = { email: 'nobody@example.com' };
const MIB = 1024 * 1024;
/** How children write: as a server does, and as a command does. */
const IN_THREAD = { env: { WRITES_IN_THREAD: 'yes' } };
const BOTH_WAYS = [
  { way: 'in a thread', ...IN_THREAD },
  { way: 'where it reads', env: {} },
];

/** A store with an organization in it, closed, and how children name it. */
async function preparedStore() {
  const file = databaseFile();
  const storage = await openMigrated(file);
  const { org } = await populate(storage);
  await storage.close();
  return { file, org, args: [`sqlite:${file}`, org.orgId, org.keyId] };
}

async function begin(children: readonly Child[]): Promise<void> {
  for (const child of children) {
    expect(await child.next()).toBe('ready');
  }
  for (const child of children) {
    child.send('go');
  }
}

const KILLS = times(50, { beside: 10 });

test(`kill -9 during writes, ${KILLS} times: nothing acknowledged is lost and the file stays sound (R1)`, async () => {
  const { args, file, org } = await preparedStore();
  const tenant = { orgId: org.orgId, keyId: org.keyId };
  let acknowledged = 0;
  for (let round = 0; round < KILLS; round += 1) {
    const child = startChild('write-forever.js', args, round % 2 === 0 ? IN_THREAD : {});
    const seen: unknown[] = [];
    const enough = 1 + ((round * 37) % 200);
    while (seen.length < enough) {
      seen.push(await child.next());
    }
    child.kill();
    seen.push(...(await child.rest()));
    expect(await child.ended).toBe('SIGKILL');
    acknowledged += seen.length;

    const storage = await engineAt(file).open();
    for (const each of seen as Record<string, string>[]) {
      if (each.user) {
        expect(await storage.findUser(org.orgId, each.user)).not.toBeNull();
      }
      if (each.session) {
        expect(await storage.findSession(org.orgId, each.session)).not.toBeNull();
      }
      if (each.ended) {
        expect((await storage.findSession(org.orgId, each.ended))?.revokedAt).not.toBeNull();
      }
      if (each.nonce) {
        const again = loginAttempt(tenant, NOBODY, { nonce: nonce({ nonceId: each.nonce }) });
        expect(await storage.beginLogin(again)).toEqual({ outcome: 'nonce_used' });
      }
    }
    await storage.close();
  }
  expect(acknowledged).toBeGreaterThan(50 * KILLS);
  expect((await engineAt(file).inspect()).faults).toEqual([]);
}, 600_000);

test.for(BOTH_WAYS)(
  'an fsync lies between each acknowledged write $way and its reply, 1,000 of 1,000 (R2)',
  async ({ env }, context) => {
    needs(context, 'strace: apt-get install strace', ['strace', '--version']);
    const { args, file } = await preparedStore();
    const trace = join(dirname(file), 'trace');
    const command = ['strace', '-f', '-y', '-e', 'trace=fsync,fdatasync,write', '-e', 'signal=none', '-o', trace];
    const child = startChild('write-in-turn.js', [...args, '1000'], { command, env });
    await begin([child]);
    expect(await child.rest()).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(await child.ended).toBe(0);

    let synced = 0;
    let isSynced = false;
    const syncing = new Set<string>();
    for (const line of readFileSync(trace, 'utf8').split('\n')) {
      // Another thread's call may come between the beginning and the end of one.
      const [thread = ''] = line.split(' ');
      if (/\bf(data)?sync\(\d+<[^>]*authflow\.db-wal>.*<unfinished/.test(line)) {
        syncing.add(thread);
      }
      const isEnd = /f(data)?sync resumed>.*= 0$/.test(line) && syncing.delete(thread);
      if (isEnd || /\bf(data)?sync\(\d+<[^>]*authflow\.db-wal>.*= 0$/.test(line)) {
        isSynced = true;
      }
      if (/\bwrite\(1<[^>]*>, "\d+\\n"/.test(line)) {
        if (isSynced) {
          synced += 1;
        }
        isSynced = false;
      }
    }
    expect(synced).toBe(1_000);
  },
);

test.for(BOTH_WAYS)(
  'while the file cannot grow, writes $way are UNAVAILABLE and reads answer; once it can, both do (R3)',
  async ({ env }, context) => {
    needs(context, 'prlimit: apt-get install util-linux', ['prlimit', '--version']);
    const { args, file, org } = await preparedStore();
    const child = startChild('answer-calls.js', args, { env });
    const ask = (line: string) => {
      child.send(line);
      return child.next();
    };
    // The kernel refuses what would make a file longer than this, as a full disk would.
    const limitFileSize = (bytes: string) =>
      execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`]);
    expect(await child.next()).toBe('ready');
    expect(await ask('write')).toBe('user_not_found');
    limitFileSize(String(statSync(`${file}-wal`).size));
    for (let i = 0; i < 5; i += 1) {
      expect(await ask('write')).toBe('UNAVAILABLE');
      expect(await ask('read')).toBe(org.orgId);
    }
    limitFileSize('unlimited');
    expect(await ask('write')).toBe('user_not_found');
    expect(await ask('read')).toBe(org.orgId);
  },
);

test('64 consumers in two processes on one file: each of 1,000 nonces is spent exactly once (N1)', async () => {
  const { args } = await preparedStore();
  const children = [0, 1].map(() => startChild('consume-nonces.js', [...args, '32', '1000'], IN_THREAD));
  await begin(children);
  const [first, second] = (await Promise.all(children.map((child) => child.next()))) as number[][];
  const total = first?.map((successes, i) => successes + (second?.[i] ?? 0));
  expect(total).toEqual(Array(1_000).fill(1));
}, 240_000);

test('4 processes × 500 writes beside a long reader: no lock surfaces and the WAL stays bounded (R4)', async () => {
  const { args, file, org } = await preparedStore();
  const reader = new Database(file, { readonly: true });
  onTestFinished(() => {
    reader.close();
  });
  reader.exec('BEGIN');
  const countNonces = reader.prepare('SELECT count(*) FROM spent_nonces').pluck();
  expect(countNonces.get()).toBe(0);

  const children = Array.from({ length: 4 }, () => startChild('write-in-turn.js', [...args, '500'], IN_THREAD));
  await begin(children);
  for (const answers of await Promise.all(children.map((child) => child.rest()))) {
    expect(answers).toEqual(Array.from({ length: 500 }, (_, i) => i));
  }
  expect(countNonces.get()).toBe(0);
  expect(statSync(`${file}-wal`).size).toBeLessThan(64 * MIB);
  reader.exec('COMMIT');
  expect(countNonces.get()).toBe(2_000);

  // The first checkpoint and the write after it cut the WAL back.
  const storage = await engineAt(file).open();
  for (let i = 0; i < 2; i += 1) {
    await storage.beginLogin(loginAttempt({ orgId: org.orgId, keyId: null }, NOBODY));
  }
  expect(statSync(`${file}-wal`).size).toBeLessThanOrEqual(16 * MIB);
  await storage.close();
}, 240_000);

test('of several first starts at once one migrates, and all find the store done (R13)', async () => {
  for (let round = 0; round < 5; round += 1) {
    const file = databaseFile();
    const children = Array.from({ length: 4 }, () => startChild('open-store.js', [`sqlite:${file}`]));
    await begin(children);
    for (const child of children) {
      expect(await child.next()).toEqual({ identity: null });
      expect(await child.ended).toBe(0);
    }
    expect(await engineAt(file).inspect()).toMatchObject({ pendingMigrations: [], faults: [] });
  }
});
