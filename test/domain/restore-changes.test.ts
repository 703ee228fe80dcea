import { expect, test } from 'vitest';
import { changesSince } from '../../src/domain/restore/changes.ts';
import type { Storage } from '../../src/domain/storage.ts';
import { apiKey, NOW, newUser, organization, tokenKey } from '../storage/fixtures.ts';
import { MemoryStore } from '../support/storage/memory-storage.ts';

const USERS = 450;

/** Two stores that hold the same, so many users with one organization closed, as a backup and its store do at first. */
async function twins() {
  const [backup, present] = [new MemoryStore().open(), new MemoryStore().open()];
  const [org, closed] = [organization({ name: 'Acme' }), organization({ name: 'Closed' })];
  const keys = [tokenKey(org.orgId), tokenKey(closed.orgId)] as const;
  const tenant = { orgId: org.orgId, keyId: keys[0].keyId };
  // Some were made in one instant: only their ids tell their order.
  const users = Array.from({ length: USERS }, (_, n) =>
    newUser(tenant, { email: `user${n}@example.com`, createdAt: NOW + Math.floor(n / 5) }),
  );
  for (const store of [backup, present]) {
    await store.createOrganization(org, keys[0]);
    await store.createOrganization(closed, keys[1]);
    await store.closeOrganization(closed.orgId, NOW);
    for (const user of users) {
      await store.createUser(user);
    }
  }
  return { backup, present, org, closed, tenant, users };
}

async function told(backup: Storage, present: Storage): Promise<readonly string[]> {
  const changes: string[] = [];
  for await (const { kind, name, change } of changesSince(backup, present)) {
    changes.push(`${kind} ${name} ${change}`);
  }
  return changes.toSorted();
}

test('of stores that hold the same nothing is told', async () => {
  const { backup, present } = await twins();
  expect(await told(backup, present)).toEqual([]);
});

test('every change is told once, wherever in the lists it is', async () => {
  const { backup, present, org, closed, tenant, users } = await twins();
  const [first, second, third] = users;
  const last = users.at(-1);
  const { orgId } = org;
  await present.deleteUser(orgId, first?.userId ?? '', NOW);
  await present.deleteUser(orgId, last?.userId ?? '', NOW);
  await present.setUserPassword(orgId, second?.userId ?? '', 'another hash', NOW);
  await backup.disableUser(orgId, third?.userId ?? '', NOW);
  await present.disableUser(orgId, users[300]?.userId ?? '', NOW);
  await present.createUser(newUser(tenant, { email: 'early@example.com', createdAt: NOW - 1 }));
  await present.createUser(newUser(tenant, { email: 'late@example.com', createdAt: NOW + USERS }));
  const made = apiKey(orgId, { label: 'made' });
  await present.createApiKey(made);
  await present.revokeApiKey({ ...tenant, at: NOW, endSessions: false });
  await present.reopenOrganization(closed.orgId);
  const globex = organization({ name: 'Globex', createdAt: NOW + 1 });
  await present.createOrganization(globex, tokenKey(globex.orgId));
  expect(await told(backup, present)).toEqual(
    [
      'api_key a key revoked_since',
      'api_key made made_since',
      'organization Closed reopened_since',
      'organization Globex made_since',
      'user early@example.com made_since',
      'user late@example.com made_since',
      'user user0@example.com deleted_since',
      'user user1@example.com credentials_changed_since',
      // Disabling voids what was bound to the credentials, for ever.
      'user user2@example.com credentials_changed_since',
      'user user2@example.com enabled_since',
      'user user300@example.com credentials_changed_since',
      'user user300@example.com disabled_since',
      `user user${USERS - 1}@example.com deleted_since`,
    ].toSorted(),
  );
});
