/** Who signs in, and with what. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Who may sign in to every server here. */
export const ROLES = {
  /** The superuser. */
  admin: { user: 'postgres', password: 'admins-password' },
  /** Owns the database `authflow`, and may do no more: what the manual asks for. */
  owner: { user: 'authflow', password: 'owners-password' },
  /** May connect, and may create nothing. */
  stranger: { user: 'stranger', password: 'strangers-password' },
} as const;

/** The one that each server has. */
export const DATABASE = 'authflow';

export interface UrlOptions extends Partial<Login> {
  readonly database?: string;
}

/** As the owner, in the database `authflow`, where nothing else is said. */
export function urlOf(ports: readonly number[], { user, password, database = DATABASE }: UrlOptions = {}): string {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  return `postgres://${user ?? ROLES.owner.user}:${password ?? ROLES.owner.password}@${hosts}/${database}`;
}

/** Makes the roles and the database in a new server. */
export async function createRoles(query: (sql: string, database: string) => Promise<unknown>): Promise<void> {
  for (const { user, password } of [ROLES.owner, ROLES.stranger]) {
    await query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}'`, 'postgres');
  }
  await query(`CREATE DATABASE ${DATABASE} OWNER ${ROLES.owner.user}`, 'postgres');
}
