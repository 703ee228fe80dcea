import { AuthError } from './errors.ts';
import type { Ports } from './ports.ts';

/** Throws ADMIN_TOKEN_INVALID unless this is the admin token. An API key never stands in for it. */
export async function requireAdministrator(
  { adminTokens }: Pick<Ports, 'adminTokens'>,
  adminToken: string,
): Promise<void> {
  if (!(await adminTokens.verify(adminToken))) {
    throw new AuthError('ADMIN_TOKEN_INVALID');
  }
}
