import type { Organization } from '../../../domain/organizations/storage.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';
import { pageParameters } from './paging.ts';

const COLUMNS = `org_id AS orgId, name, name_key AS nameKey, created_at AS createdAt, closed_at AS closedAt,
  session_ttl_seconds AS sessionTtlSeconds, mail_approved AS mailApproved, settings`;

/** As SQLite gives it: it has no boolean. */
type OrganizationRow = Omit<Organization, 'mailApproved'> & { readonly mailApproved: number };

/** The table `organizations`. */
export function organizationRows(connection: Connection): Rows['organizations'] {
  const byId = connection.prepare<[string], OrganizationRow>(`SELECT ${COLUMNS} FROM organizations WHERE org_id = ?`);
  const byNameKey = connection.prepare<[string], OrganizationRow>(
    `SELECT ${COLUMNS} FROM organizations WHERE name_key = ?`,
  );
  const list = connection.prepare<[number, string, number], OrganizationRow>(
    `SELECT ${COLUMNS} FROM organizations
     WHERE (created_at, org_id) > (?, ?) ORDER BY created_at, org_id LIMIT ?`,
  );
  const listWithoutPrivateKey = connection.prepare<[number, string, number], OrganizationRow>(
    `SELECT ${COLUMNS} FROM organizations
     WHERE (created_at, org_id) > (?, ?) AND closed_at IS NULL AND NOT EXISTS (
       SELECT 1 FROM api_keys WHERE api_keys.org_id = organizations.org_id AND revoked_at IS NULL AND was_sealed = 0
         AND kind = 'api')
     ORDER BY created_at, org_id LIMIT ?`,
  );
  const insert = connection.prepare<[string, string, string, number, number | null, number | null, number, string]>(
    `INSERT INTO organizations
       (org_id, name, name_key, created_at, closed_at, session_ttl_seconds, mail_approved, settings)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name_key) DO NOTHING`,
  );
  const update = connection.prepare<[string, string, number | null, number, string, string]>(
    `UPDATE organizations SET name = ?, name_key = ?, session_ttl_seconds = ?, mail_approved = ?, settings = ?
     WHERE org_id = ?`,
  );
  const setClosedAt = connection.prepare<[number | null, string]>(
    'UPDATE organizations SET closed_at = ? WHERE org_id = ?',
  );
  const generation = connection
    .prepare<[string], number>('SELECT session_generation FROM organizations WHERE org_id = ?')
    .pluck();
  const setGeneration = connection.prepare<[number, string]>(
    'UPDATE organizations SET session_generation = ? WHERE org_id = ?',
  );
  const insertEnded = connection.prepare<[string, number, number]>(
    'INSERT INTO ended_generations (org_id, generation, ended_at) VALUES (?, ?, ?)',
  );
  return {
    find: (orgId) => toOrganization(byId.get(orgId)),
    findByNameKey: (nameKey) => toOrganization(byNameKey.get(nameKey)),
    list: (page) => list.all(...pageParameters(page)).map(organizationOf),
    listWithoutPrivateKey: (page) => listWithoutPrivateKey.all(...pageParameters(page)).map(organizationOf),
    insert: ({ orgId, name, nameKey, createdAt, closedAt, sessionTtlSeconds, mailApproved, settings }) =>
      insert.run(orgId, name, nameKey, createdAt, closedAt, sessionTtlSeconds, Number(mailApproved), settings)
        .changes === 1,
    update({ orgId, name, nameKey, sessionTtlSeconds, mailApproved, settings }) {
      update.run(name, nameKey, sessionTtlSeconds, Number(mailApproved), settings, orgId);
    },
    setClosedAt(orgId, closedAt) {
      setClosedAt.run(closedAt, orgId);
    },
    findSessionGeneration: (orgId) => generation.get(orgId) ?? null,
    endSessionGeneration({ orgId, generation, endedAt }) {
      insertEnded.run(orgId, generation, endedAt);
      setGeneration.run(generation + 1, orgId);
    },
  };
}

function organizationOf(row: OrganizationRow): Organization {
  return { ...row, mailApproved: row.mailApproved === 1 };
}

function toOrganization(row: OrganizationRow | undefined): Organization | null {
  return row === undefined ? null : organizationOf(row);
}
