import { describe, expect, test } from 'vitest';
import { ensureOrganization, findOrganizationByName } from '../../src/domain/organizations/organization.ts';
import {
  closeOrganization,
  createOrganization,
  fooBar,
  getOrganization,
  listOrganizations,
  reopenOrganization,
  validate,
} from '../support/asked.ts';
import { NOBODY, outcomeOf, rulesStand } from './rules.ts';

const stand = rulesStand();
const create = (name: string) => createOrganization(stand.ports, { name });
const named = (orgId: string) => ({ orgId });

describe('a new organization', () => {
  test('has an id that tells nothing, and a first key that opens it', async () => {
    const { organization, apiKey } = await create('  Globex, Inc. ');
    expect(organization).toMatchObject({ name: 'Globex, Inc.', closedAt: null });
    expect(organization.orgId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(apiKey).toMatch(/^af_[A-Za-z0-9_-]{43}$/);
    expect(await outcomeOf(fooBar(stand.ports, { identity: 'ada@example.com', apiKey }))).toBe('OK');
  });

  test("keeps the key's digest alone, and it sealed, because it is the one of tokens", async () => {
    const { organization, apiKey } = await create('Sealed');
    const [key] = await stand.ports.storage.listApiKeys(organization.orgId, { limit: 2, after: null });
    expect(key).toMatchObject({ label: '', inTokens: true, revokedAt: null });
    expect(JSON.stringify(key)).not.toContain(apiKey);
  });

  test('takes a name of its own: compared NFC, without case or surrounding space', async () => {
    await create('Caf\u00e9 Straße');
    for (const name of ['Cafe\u0301 Straße', 'CAFÉ STRASSE'.replace('SS', 'ß'), ' caf\u00e9 straße ']) {
      expect(await outcomeOf(create(name))).toBe('ORGANIZATION_EXISTS');
    }
    expect(await outcomeOf(create('Cafe Straße'))).toBe('OK');
  });

  test('of two that take one name at once, one is made', async () => {
    const outcomes = await Promise.all([outcomeOf(create('Twin')), outcomeOf(create('twin'))]);
    expect(outcomes.sort()).toEqual(['OK', 'ORGANIZATION_EXISTS']);
  });

  test('has a name of 1 to 100 code points without control characters', async () => {
    expect(await outcomeOf(create('😀'.repeat(100)))).toBe('OK');
    for (const name of ['', '  ', '😀'.repeat(101), 'a\nb']) {
      expect(await outcomeOf(create(name))).toBe('INVALID_ARGUMENT name');
    }
  });
});

describe('an organization that is made where it is missing', () => {
  test('shows its key the first time alone', async () => {
    const first = await ensureOrganization(stand.ports, { name: 'Once' });
    expect(first.apiKey).toMatch(/^af_/);
    expect(await ensureOrganization(stand.ports, { name: ' ONCE ' })).toEqual({ ...first, apiKey: null });
  });

  test('is found where another process made it in between', async () => {
    const storage = stand.ports.storage;
    let looks = 0;
    const ports = {
      ...stand.ports,
      storage: new Proxy(storage, {
        get(target, name) {
          if (name === 'findOrganizationByNameKey') {
            looks += 1;
            return looks === 1 ? async () => null : (key: string) => target.findOrganizationByNameKey(key);
          }
          const value = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
    };
    const { organization } = await create('Between');
    expect(await ensureOrganization(ports, { name: 'Between' })).toEqual({ organization, apiKey: null });
  });

  test('has a name as any other', async () => {
    expect(await outcomeOf(ensureOrganization(stand.ports, { name: '' }))).toBe('INVALID_ARGUMENT name');
  });
});

test('one is found by its name as sign-up compares it, or not at all', async () => {
  const { organization } = await create('Findable');
  expect(await findOrganizationByName(stand.ports, ' FINDABLE')).toEqual(organization);
  expect(await findOrganizationByName(stand.ports, 'Missing')).toBeNull();
});

test('pages hold every organization, closed ones too, oldest first', async () => {
  const { organization } = await create('Closed');
  await closeOrganization(stand.ports, named(organization.orgId));
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await listOrganizations(stand.ports, { pageSize: 2, pageToken });
    seen.push(...page.organizations.map(({ orgId }) => orgId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  const rows = await stand.ports.storage.listOrganizations({ limit: 1_000, after: null });
  expect(seen).toEqual(rows.map(({ orgId }) => orgId));
  expect(seen).toContain(organization.orgId);
  const bad = listOrganizations(stand.ports, { pageSize: 201, pageToken: 'x' });
  expect(await outcomeOf(bad)).toBe('INVALID_ARGUMENT page_size page_token');
});

describe('closing', () => {
  test('ends every live session, tells how many, and keeps its first instant', async () => {
    const user = await stand.newUser();
    await stand.newSession(user);
    await stand.newSession(user);
    const elsewhere = await stand.newSession(await stand.newUser());
    const first = await closeOrganization(stand.ports, named(user.orgId));
    expect(first.endedSessions).toBe(2);
    expect(first.organization.closedAt).not.toBeNull();
    stand.pass(1_000);
    const again = await closeOrganization(stand.ports, named(user.orgId));
    expect(again).toEqual({ organization: first.organization, endedSessions: 0 });
    expect(await outcomeOf(validate(stand.ports, elsewhere))).toBe('OK');
  });

  test('is undone by reopening, but for the sessions', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    await closeOrganization(stand.ports, named(user.orgId));
    expect(await reopenOrganization(stand.ports, named(user.orgId))).toMatchObject({ closedAt: null });
    expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
    expect(await outcomeOf(stand.logIn(user))).toBe('OK');
    expect(await outcomeOf(reopenOrganization(stand.ports, named(user.orgId)))).toBe('OK');
  });
});

test.each([
  ['describing', getOrganization],
  ['closing', closeOrganization],
  ['reopening', reopenOrganization],
] as const)('%s takes an org_id in any case, and one that exists', async (_, work) => {
  const { orgId } = await stand.newTenant();
  expect(await outcomeOf(work(stand.ports, named(orgId.toUpperCase())))).toBe('OK');
  expect(await outcomeOf(work(stand.ports, named(NOBODY)))).toBe('ORGANIZATION_NOT_FOUND');
  expect(await outcomeOf(work(stand.ports, named('Acme')))).toBe('INVALID_ARGUMENT org_id');
  expect(await outcomeOf(work(stand.ports, named('')))).toBe('INVALID_ARGUMENT org_id');
});
