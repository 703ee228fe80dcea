import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { systemOrigin } from '../../../src/domain/audit/audit-event.ts';
import { AuthError } from '../../../src/domain/errors.ts';
import { WriteThread } from '../../../src/storage/sqlite/write-thread.ts';
import { startChild } from '../child-process.ts';
import { organization, tokenKey } from '../fixtures.ts';
import { databaseFile, engineAt } from '../sqlite-files.ts';

const ORIGIN = systemOrigin(0);
const UNAVAILABLE = { reason: 'UNAVAILABLE' };

function threadOver(file: string, workerFile?: URL) {
  const thread = new WriteThread({ file, lockWaitMs: 10_000, ...(workerFile ? { workerFile } : {}) });
  onTestFinished(() => thread.close());
  const createOrganization = () => {
    const created = organization();
    return thread.write('createOrganization', [created, tokenKey(created.orgId)], ORIGIN);
  };
  return { thread, createOrganization };
}

test('a thread that ends leaves it open whether its writes were done, and the next write starts another', async () => {
  const file = databaseFile();
  await engineAt(file).migrate();
  const dying = new URL('../../support/storage/dying-writer.js', import.meta.url);
  const { thread, createOrganization } = threadOver(file, dying);
  expect(await createOrganization()).toBe('created');
  const settled = await Promise.allSettled([
    createOrganization(),
    thread.write('ping', [], ORIGIN),
    createOrganization(),
  ]);
  for (const each of settled) {
    // UNAVAILABLE would promise that nothing was done.
    expect(each.status === 'rejected' && each.reason).toBeInstanceOf(Error);
    expect(each.status === 'rejected' && each.reason).not.toBeInstanceOf(AuthError);
  }
  expect(await createOrganization()).toBe('created');
});

test('a file that does not open is UNAVAILABLE, until it does', async () => {
  const file = databaseFile();
  const { thread, createOrganization } = threadOver(file);
  for (const each of await Promise.allSettled([createOrganization(), thread.write('ping', [], ORIGIN)])) {
    expect(each).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
  }
  await engineAt(file).migrate();
  expect(await createOrganization()).toBe('created');
});

test('what a write throws is told with its code, and undoes no other', async () => {
  const file = databaseFile();
  await engineAt(file).migrate();
  const { thread, createOrganization } = threadOver(file);
  const key = tokenKey('none');
  const broken = thread.write('createOrganization', [organization(), key], ORIGIN);
  const [fault, beside] = await Promise.allSettled([broken, createOrganization()]);
  expect(fault).toMatchObject({
    status: 'rejected',
    reason: { name: 'SqliteError', code: 'SQLITE_CONSTRAINT_FOREIGNKEY' },
  });
  expect(beside).toEqual({ status: 'fulfilled', value: 'created' });
});

test('closing it before its first write starts none, and later writes are UNAVAILABLE', async () => {
  const { thread, createOrganization } = threadOver(databaseFile());
  await thread.close();
  await expect(createOrganization()).rejects.toMatchObject(UNAVAILABLE);
});

test('a process waits for the thread that it closes', async () => {
  const file = databaseFile();
  await engineAt(file).migrate();
  const child = startChild('leave-open.js', [`sqlite:${file}`, 'close']);
  expect(await child.rest()).toEqual(['written', 'closed']);
  expect(await child.ended).toBe(0);
});

test('an idle thread does not hold the process', async () => {
  const file = databaseFile();
  await engineAt(file).migrate();
  const child = startChild('leave-open.js', [`sqlite:${file}`]);
  expect(await child.next()).toBe('written');
  expect(await child.ended).toBe(0);
});

test('a store that was closed is one file, whichever of its connections closed last', async () => {
  for (let round = 0; round < 25; round += 1) {
    const file = databaseFile();
    const engine = engineAt(file);
    await engine.migrate();
    const store = await engine.open({ writesInThread: true });
    const created = organization();
    await store.createOrganization(created, tokenKey(created.orgId));
    await store.close();
    // SQLite leaves its log where two connections close at one time: each sees the other.
    expect({ round, log: existsSync(`${file}-wal`) }).toEqual({ round, log: false });
  }
});
