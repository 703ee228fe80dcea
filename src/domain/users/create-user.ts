import { AuthError, type FieldViolation } from '../errors.ts';
import type { NewMail } from '../mail/storage.ts';
import type { KeyManager } from '../management-key.ts';
import { type Checked, checked, invalidArgument, readEmail, readId, readLine } from '../parameters.ts';
import { requireFitPassword, requireGoodPassword } from '../passwords/new-password.ts';
import { readPassword } from '../passwords/read-password.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import { managerOf, managerRefusal, requireUnprotected } from './manage-user.ts';
import type { AddedUser, UserRecord } from './storage.ts';
import { MAX_FULLNAME, readMetadata, readRoles } from './user-fields.ts';

/** Parameters of CreateUser; '' where one is missing. */
export interface CreateUserInput {
  readonly orgId: string;
  readonly email: string;
  readonly fullname: string;
  readonly password: string;
  readonly passwordHash: string;
  readonly invite: boolean;
  readonly emailVerified: boolean;
  readonly roles: readonly string[];
  readonly publicMetadata: string;
  readonly privateMetadata: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own; else PASSWORD_POLICY. */
export function readNewUser(
  input: CreateUserInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<CreateUserInput> {
  const { password, passwordHash, invite } = input;
  const orgId = readId('org_id', input.orgId, faults);
  const email = readEmail('email', input.email, faults);
  const fullname = readLine('fullname', input.fullname, MAX_FULLNAME, faults);
  const newPassword = password === '' ? '' : readPassword('password', password, faults);
  if (passwordHash !== '' && password !== '') {
    faults.push({ field: 'password_hash', message: 'must not be sent with a password' });
  }
  if (invite && (password !== '' || passwordHash !== '')) {
    faults.push({ field: 'invite', message: 'must not be sent with a password or a hash' });
  }
  const roles = readRoles(input.roles, faults);
  const publicMetadata = readMetadata('public_metadata', input.publicMetadata, faults);
  const privateMetadata = readMetadata('private_metadata', input.privateMetadata, faults);
  const texts = { orgId, email, fullname, passwordHash, roles, publicMetadata, privateMetadata };
  const parameters = checked({ ...input, ...texts, password: newPassword }, faults);
  if (newPassword !== '') {
    requireGoodPassword(newPassword, rules, { email, fullname });
  }
  return parameters;
}

/**
 * Adds a user for a manager (null: the administrator). Of several with one e-mail, one wins. A password is hashed in the place of a
 * caller of the first class.
 *
 * Throws INVALID_ARGUMENT for a hash that cannot be read, ORGANIZATION_NOT_FOUND, API_KEY_INVALID, ACCESS_DENIED, PASSWORD_POLICY, OVERLOADED, USER_EXISTS, DEADLINE_EXCEEDED.
 */
export async function createUser(
  ports: Ports,
  { password, passwordHash, invite, emailVerified, ...fields }: Checked<CreateUserInput>,
  manager: KeyManager | null,
  call: CallContext,
): Promise<UserRecord> {
  const { orgId, email, fullname, roles } = fields;
  requireUnprotected(ports, manager, roles);
  const add = async (hash: string | null) => {
    const createdAt = ports.clock.now();
    const userId = ports.ids.uuidV7(createdAt);
    const emailVerifiedAt = emailVerified ? createdAt : null;
    const user: AddedUser = { ...fields, userId, passwordHash: hash, createdAt, emailVerifiedAt };
    const outcome = await ports.storage.addUser(
      user,
      managerOf(ports.rules, manager),
      invite ? invitationTo(ports, user) : null,
    );
    if (outcome !== 'added') {
      throw managerRefusal(outcome);
    }
    const { passwordHash: __, ...record } = user;
    return { ...record, disabledAt: null, hasPassword: hash !== null, hasSecondFactor: false };
  };
  if (password === '') {
    return add(passwordHash === '' ? null : readHash(ports, passwordHash));
  }
  // Whose hash would be in vain is told before it is made; the write looks again.
  if ((await ports.storage.findOrganization(orgId)) === null) {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
  if ((await ports.storage.findUserByEmail(orgId, email)) !== null) {
    throw new AuthError('USER_EXISTS');
  }
  await requireFitPassword(ports, password, { orgId, email, fullname });
  const slot = await ports.passwords.acquire({ orgId, callerClass: 'private_key' }, call);
  try {
    return await add(await slot.hash(password));
  } finally {
    slot.release();
  }
}

/** A hash as it is stored, in whatever spelling it came. */
function readHash({ foreignHashes }: Ports, passwordHash: string): string {
  const read = foreignHashes.read(passwordHash);
  if ('fault' in read) {
    throw invalidArgument([{ field: 'password_hash', message: read.fault }]);
  }
  return read.stored;
}

function invitationTo({ mails }: Ports, { orgId, userId, email, createdAt }: AddedUser): NewMail {
  const mail = { kind: 'invite', orgId, userId, to: email, newEmail: null, credentialVersion: 1 } as const;
  return mails.seal(mail, 'private_key', createdAt);
}
