import type { FieldViolation } from '../errors.ts';
import type { KeyManager } from '../management-key.ts';
import { type Checked, checked, readEmail, readLine } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { readMask } from '../update-mask.ts';
import { changeUser, type ManagedUserInput, readUserIds } from './manage-user.ts';
import type { UserRecord, UserUpdate } from './storage.ts';
import { MAX_FULLNAME, readMetadata, readRoles } from './user-fields.ts';

/** Parameters of UpdateUser; what the mask does not name is not looked at. */
export interface UpdateUserInput extends ManagedUserInput {
  readonly updateMask: readonly string[];
  readonly email: string;
  readonly fullname: string;
  readonly emailVerified: boolean;
  readonly roles: readonly string[];
  readonly publicMetadata: string;
  readonly privateMetadata: string;
}

export interface UpdateUserParameters extends ManagedUserInput {
  readonly update: UserUpdate;
}

const NAMES = ['email', 'fullname', 'email_verified', 'roles', 'public_metadata', 'private_metadata'] as const;

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readUserUpdate(input: UpdateUserInput, faults: FieldViolation[] = []): Checked<UpdateUserParameters> {
  const ids = readUserIds(input, faults);
  const mask = readMask(input.updateMask, NAMES, faults);
  const update: UserUpdate = {
    ...(mask.has('email') && { email: readEmail('email', input.email, faults) }),
    ...(mask.has('fullname') && { fullname: readLine('fullname', input.fullname, MAX_FULLNAME, faults) }),
    ...(mask.has('email_verified') && { emailVerified: input.emailVerified }),
    ...(mask.has('roles') && { roles: readRoles(input.roles, faults) }),
    ...(mask.has('public_metadata') && {
      publicMetadata: readMetadata('public_metadata', input.publicMetadata, faults),
    }),
    ...(mask.has('private_metadata') && {
      privateMetadata: readMetadata('private_metadata', input.privateMetadata, faults),
    }),
  };
  return checked({ ...ids, update }, faults);
}

/** Changes what was named. Throws as `manageUser` does. */
export function updateUser(
  ports: Ports,
  { update, ...named }: Checked<UpdateUserParameters>,
  manager: KeyManager | null,
): Promise<{ readonly user: UserRecord; readonly endedSessions: number }> {
  return changeUser(ports, manager, named, { kind: 'update', update });
}
