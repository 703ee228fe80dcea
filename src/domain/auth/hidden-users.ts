import { AuthError, type ErrorReason } from '../errors.ts';
import type { Rules } from '../ports.ts';

/** What tells who is known. */
export const TELLING_REASONS: ReadonlySet<ErrorReason> = new Set([
  'USER_NOT_FOUND',
  'USER_DISABLED',
  'ORGANIZATION_NOT_FOUND',
]);

/**
 * Runs a login. Where users are hidden, it fails with CREDENTIALS_INVALID in the place of each reason that tells who is known
 * (docs/security.md, A2).
 */
export async function hidingUsers<T>({ hidesUsers }: Pick<Rules, 'hidesUsers'>, login: () => Promise<T>): Promise<T> {
  try {
    return await login();
  } catch (error) {
    if (hidesUsers && error instanceof AuthError && TELLING_REASONS.has(error.reason)) {
      throw new AuthError('CREDENTIALS_INVALID', { cause: error });
    }
    throw error;
  }
}
