import { everyRow } from '../page.ts';
import type { Ports } from '../ports.ts';
import type { HashedUser, UserRecord } from './storage.ts';

export interface UserExportInput {
  readonly orgId: string;
  readonly withPasswordHashes: boolean;
}

/** What an import reads again of a user; the hash is there where it was asked for. */
export type ExportedUser = UserRecord & Partial<Pick<HashedUser, 'passwordHash'>>;

/** Every user of an organization, oldest first, read in pages: who comes or goes meanwhile is given or not. */
export function exportUsers(
  { storage }: Ports,
  { orgId, withPasswordHashes }: UserExportInput,
): AsyncGenerator<ExportedUser> {
  return everyRow<ExportedUser>(
    (page) => (withPasswordHashes ? storage.listHashedUsers(orgId, page) : storage.listUsers(orgId, page)),
    ({ userId }) => userId,
  );
}
