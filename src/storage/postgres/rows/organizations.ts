import type { Organization } from '../../../domain/organizations/storage.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { type Holds, selection } from './holds.ts';
import { first, pageParameters } from './paging.ts';

const COLUMNS = `org_id AS "orgId", name, name_key AS "nameKey", created_at AS "createdAt", closed_at AS "closedAt",
  session_ttl_seconds AS "sessionTtlSeconds", mail_approved AS "mailApproved", settings`;
const BY_ID = selection(`SELECT ${COLUMNS} FROM {schema}.organizations WHERE org_id = $1`);
const BY_NAME_KEY = statement(`SELECT ${COLUMNS} FROM {schema}.organizations WHERE name_key = $1`);
const LIST = statement(
  `SELECT ${COLUMNS} FROM {schema}.organizations
   WHERE (created_at, org_id) > ($1, $2) ORDER BY created_at, org_id LIMIT $3`,
);
const LIST_WITHOUT_PRIVATE_KEY = statement(
  `SELECT ${COLUMNS} FROM {schema}.organizations o
   WHERE (created_at, org_id) > ($1, $2) AND closed_at IS NULL AND NOT EXISTS (
     SELECT 1 FROM {schema}.api_keys k WHERE k.org_id = o.org_id AND k.revoked_at IS NULL AND NOT k.was_sealed
       AND k.kind = 'api')
   ORDER BY created_at, org_id LIMIT $3`,
);
const INSERT = statement(
  `INSERT INTO {schema}.organizations
     (org_id, name, name_key, created_at, closed_at, session_ttl_seconds, mail_approved, settings)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name_key) DO NOTHING`,
);
const UPDATE = statement(
  `UPDATE {schema}.organizations
   SET name = $2, name_key = $3, session_ttl_seconds = $4, mail_approved = $5, settings = $6 WHERE org_id = $1`,
);
const SET_CLOSED_AT = statement('UPDATE {schema}.organizations SET closed_at = $2 WHERE org_id = $1');
const GENERATION = statement('SELECT session_generation AS generation FROM {schema}.organizations WHERE org_id = $1');
const SET_GENERATION = statement('UPDATE {schema}.organizations SET session_generation = $2 WHERE org_id = $1');
const INSERT_ENDED = statement(
  'INSERT INTO {schema}.ended_generations (org_id, generation, ended_at) VALUES ($1, $2, $3)',
);

/** The tables `organizations` and `ended_generations`. */
export function organizationRows(queries: Queries, holds: Holds): Rows['organizations'] {
  return {
    find: (orgId) => first(queries.all<Organization>(BY_ID[holds.reading.organization(orgId)], [orgId])),
    findByNameKey: (nameKey) => first(queries.all<Organization>(BY_NAME_KEY, [nameKey])),
    list: (page) => queries.all<Organization>(LIST, pageParameters(page)),
    listWithoutPrivateKey: (page) => queries.all<Organization>(LIST_WITHOUT_PRIVATE_KEY, pageParameters(page)),
    insert: async ({ orgId, name, nameKey, createdAt, closedAt, ...kept }) => {
      const { sessionTtlSeconds, mailApproved, settings } = kept;
      const values = [orgId, name, nameKey, createdAt, closedAt, sessionTtlSeconds, mailApproved, settings];
      return (await queries.count(INSERT, values)) === 1;
    },
    update: ({ orgId, name, nameKey, sessionTtlSeconds, mailApproved, settings }) =>
      queries.send(UPDATE, [orgId, name, nameKey, sessionTtlSeconds, mailApproved, settings]),
    setClosedAt: (orgId, closedAt) => queries.send(SET_CLOSED_AT, [orgId, closedAt]),
    async findSessionGeneration(orgId) {
      holds.organization(orgId);
      return (await first(queries.all<{ generation: number }>(GENERATION, [orgId])))?.generation ?? null;
    },
    endSessionGeneration({ orgId, generation, endedAt }) {
      queries.send(INSERT_ENDED, [orgId, generation, endedAt]);
      queries.send(SET_GENERATION, [orgId, generation + 1]);
    },
  };
}
