import type { Organization } from '../../domain/organizations/storage.ts';
import type { PageRequest } from '../../domain/page.ts';
import type { Connection } from './driver.ts';
import { pageParameters } from './paging.ts';

const COLUMNS = 'org_id AS orgId, name, name_key AS nameKey, created_at AS createdAt, closed_at AS closedAt';

/** The statements of the table `organizations`. */
export function organizationTable(connection: Connection) {
  const byId = connection.prepare<[string], Organization>(`SELECT ${COLUMNS} FROM organizations WHERE org_id = ?`);
  const byNameKey = connection.prepare<[string], Organization>(
    `SELECT ${COLUMNS} FROM organizations WHERE name_key = ?`,
  );
  const isOpen = connection
    .prepare<[string], number>('SELECT closed_at IS NULL FROM organizations WHERE org_id = ?')
    .pluck();
  const list = connection.prepare<[number, string, number], Organization>(
    `SELECT ${COLUMNS} FROM organizations
     WHERE (created_at, org_id) > (?, ?) ORDER BY created_at, org_id LIMIT ?`,
  );
  const insert = connection.prepare<[string, string, string, number, number | null]>(
    `INSERT INTO organizations (org_id, name, name_key, created_at, closed_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (name_key) DO NOTHING`,
  );
  const close = connection.prepare<[number, string], Organization>(
    `UPDATE organizations SET closed_at = coalesce(closed_at, ?) WHERE org_id = ? RETURNING ${COLUMNS}`,
  );
  const reopen = connection.prepare<[string], Organization>(
    `UPDATE organizations SET closed_at = NULL WHERE org_id = ? RETURNING ${COLUMNS}`,
  );
  return {
    find: (orgId: string): Organization | null => byId.get(orgId) ?? null,
    findByNameKey: (nameKey: string): Organization | null => byNameKey.get(nameKey) ?? null,
    isOpen: (orgId: string): boolean => isOpen.get(orgId) === 1,
    list: (page: PageRequest): readonly Organization[] => list.all(...pageParameters(page)),
    /** Whether its name was free. */
    insert: (organization: Organization): boolean =>
      insert.run(
        organization.orgId,
        organization.name,
        organization.nameKey,
        organization.createdAt,
        organization.closedAt,
      ).changes === 1,
    close: (orgId: string, at: number): Organization | null => close.get(at, orgId) ?? null,
    reopen: (orgId: string): Organization | null => reopen.get(orgId) ?? null,
  };
}
