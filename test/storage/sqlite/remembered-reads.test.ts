import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { addOrganization, addSession, addUser, KID, NOW, signingKey, storeIdentity } from '../fixtures.ts';
import { databaseFile, engineAt, openMigrated } from '../sqlite-files.ts';

/** Two handles of one store, with connections of their own as two processes have them. */
async function twoHandles() {
  const file = databaseFile();
  return { file, reader: await openMigrated(file), writer: await engineAt(file).open() };
}

describe('a read that is answered from memory', () => {
  test('never outlives a change by another connection: 300 sessions, ended one by one while all are asked for', async () => {
    const { reader, writer } = await twoHandles();
    await writer.initialize(storeIdentity(), signingKey({ kid: KID }));
    const org = await addOrganization(writer);
    const sessions = [];
    for (let i = 0; i < 300; i += 1) {
      const user = await addUser(writer, org, { email: `user${i}@example.com` });
      sessions.push(await addSession(writer, org, user));
    }
    const look = ({ sessionId }: { sessionId: string }) => reader.findSession(org.orgId, sessionId);
    for (const [index, session] of sessions.entries()) {
      expect(await look(session)).toMatchObject({ revokedAt: null });
      expect(await look(session)).toMatchObject({ revokedAt: null });
      const { orgId } = org;
      const { userId, sessionId } = session;
      const seen = await look(session);
      await writer.endSession({ orgId, userId, sessionId, email: seen?.email ?? '' }, NOW + index);
      expect(await look(session)).toMatchObject({ revokedAt: NOW + index });
    }
    await Promise.all([reader.close(), writer.close()]);
  });

  test('is as new as the last read of its turn: a change between two of them is seen', async () => {
    const { file, reader, writer } = await twoHandles();
    await writer.initialize(storeIdentity(), signingKey({ kid: KID }));
    const org = await addOrganization(writer);
    const { orgId, sessionId } = await addSession(writer, org, await addUser(writer, org));
    const look = () => reader.findSession(orgId, sessionId);
    expect(await look()).toMatchObject({ revokedAt: null });
    await setImmediate();
    const before = look();
    const other = new Database(file);
    other.prepare('UPDATE sessions SET revoked_at = ? WHERE session_id = ?').run(NOW, sessionId);
    expect(await look()).toMatchObject({ revokedAt: NOW });
    expect(await before).toMatchObject({ revokedAt: NOW });
    other.close();
    await Promise.all([reader.close(), writer.close()]);
  });

  test('is told of a key that is revoked and of an organization that is closed', async () => {
    const { reader, writer } = await twoHandles();
    const org = await addOrganization(writer);
    const hash = org.key.apiKeyHash;
    expect(await reader.findApiKey(hash)).toMatchObject({ revokedAt: null, organizationClosedAt: null });
    expect(await reader.findOrganization(org.orgId)).toMatchObject({ closedAt: null });
    await writer.closeOrganization(org.orgId, NOW);
    expect(await reader.findApiKey(hash)).toMatchObject({ organizationClosedAt: NOW });
    expect(await reader.findOrganization(org.orgId)).toMatchObject({ closedAt: NOW });
    await writer.revokeApiKey({ orgId: org.orgId, keyId: org.keyId, at: NOW, endSessions: false });
    expect(await reader.findApiKey(hash)).toMatchObject({ revokedAt: NOW });
    await Promise.all([reader.close(), writer.close()]);
  });

  test('is of something that is there: what comes later is found', async () => {
    const { reader, writer } = await twoHandles();
    expect(await reader.findOrganization('0b0e5d1c-7d6f-4b0e-8f61-6f3c7a8f6a11')).toBeNull();
    const org = await addOrganization(writer, { orgId: '0b0e5d1c-7d6f-4b0e-8f61-6f3c7a8f6a11' });
    expect(await reader.findOrganization(org.orgId)).toMatchObject({ orgId: org.orgId });
    await Promise.all([reader.close(), writer.close()]);
  });

  test('is refused once its store is closed', async () => {
    const { reader, writer } = await twoHandles();
    const org = await addOrganization(writer);
    await reader.findOrganization(org.orgId);
    await reader.close();
    await expect(reader.findOrganization(org.orgId)).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
    await writer.close();
  });
});

test('a path that is a link to the file is no other store, though an old index lies beside the link', async () => {
  const { file, reader, writer } = await twoHandles();
  const link = `${file}-linked`;
  writeFileSync(`${link}-shm`, Buffer.alloc(32_768));
  symlinkSync(file, link);
  const linked = await engineAt(link).open();
  const org = await addOrganization(writer);
  expect(await linked.findOrganization(org.orgId)).toMatchObject({ closedAt: null });
  await writer.closeOrganization(org.orgId, NOW);
  expect(await linked.findOrganization(org.orgId)).toMatchObject({ closedAt: NOW });
  await linked.reopenOrganization(org.orgId);
  expect(await linked.findOrganization(org.orgId)).toMatchObject({ closedAt: null });
  await Promise.all([linked.close(), reader.close(), writer.close()]);
});

test.each([
  ['a store', false],
  ['a store that writes in a thread', true],
])('%s that is closed leaves the locks of this process to its other connections', async (_, writesInThread) => {
  const { file, reader, writer } = await twoHandles();
  const closed = await engineAt(file).open({ writesInThread });
  await addOrganization(closed);
  await reader.findOrganization('none');
  await writer.findOrganization('none');
  const before = locksOf(`${file}-shm`);
  expect(before).not.toEqual([]);
  await closed.close();
  expect(locksOf(`${file}-shm`)).toEqual(before);
  await Promise.all([reader.close(), writer.close()]);
});

/** The system's locks of this process on a file (proc_locks(5)). */
function locksOf(file: string): string[] {
  const { ino } = statSync(file);
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${ino} `))
    .map((line) => line.replace(/^\d+: /, ''));
}
