import type { Organization } from '../../../domain/organizations/storage.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';
import { pageParameters } from './paging.ts';

const COLUMNS = 'org_id AS orgId, name, name_key AS nameKey, created_at AS createdAt, closed_at AS closedAt';

/** The table `organizations`. */
export function organizationRows(connection: Connection): Rows['organizations'] {
  const byId = connection.prepare<[string], Organization>(`SELECT ${COLUMNS} FROM organizations WHERE org_id = ?`);
  const byNameKey = connection.prepare<[string], Organization>(
    `SELECT ${COLUMNS} FROM organizations WHERE name_key = ?`,
  );
  const list = connection.prepare<[number, string, number], Organization>(
    `SELECT ${COLUMNS} FROM organizations
     WHERE (created_at, org_id) > (?, ?) ORDER BY created_at, org_id LIMIT ?`,
  );
  const listWithoutPrivateKey = connection.prepare<[number, string, number], Organization>(
    `SELECT ${COLUMNS} FROM organizations
     WHERE (created_at, org_id) > (?, ?) AND closed_at IS NULL AND NOT EXISTS (
       SELECT 1 FROM api_keys WHERE api_keys.org_id = organizations.org_id AND revoked_at IS NULL AND was_sealed = 0)
     ORDER BY created_at, org_id LIMIT ?`,
  );
  const insert = connection.prepare<[string, string, string, number, number | null]>(
    `INSERT INTO organizations (org_id, name, name_key, created_at, closed_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (name_key) DO NOTHING`,
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
    find: (orgId) => byId.get(orgId) ?? null,
    findByNameKey: (nameKey) => byNameKey.get(nameKey) ?? null,
    list: (page) => list.all(...pageParameters(page)),
    listWithoutPrivateKey: (page) => listWithoutPrivateKey.all(...pageParameters(page)),
    insert: ({ orgId, name, nameKey, createdAt, closedAt }) =>
      insert.run(orgId, name, nameKey, createdAt, closedAt).changes === 1,
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
