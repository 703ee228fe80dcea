import type { Command } from 'commander';
import type { Ports } from '../domain/ports.ts';
import { type ExportedUser, exportUsers } from '../domain/users/export-users.ts';
import { readUser } from '../domain/users/user.ts';
import { readDossier, type UserDossier } from '../domain/users/user-dossier.ts';
import type { Terminal } from './command.ts';
import { UsageError } from './failure.ts';
import { ORG_HELP, withOrganization } from './organization-argument.ts';
import { instant } from './output.ts';

interface ExportOptions {
  readonly withPasswordHashes?: boolean;
}

/** `authflow user export`. */
export function registerExport(user: Command, terminal: Terminal): void {
  user
    .command('export')
    .description(
      "all that is kept of one user, but for the password's hash, as one JSON object; without USER all users of the organization, as " +
        'lines of JSON that user import reads',
    )
    .argument('<ORG>', ORG_HELP)
    .argument('[USER]', 'user_id or e-mail')
    .option('--with-password-hashes', 'of all users: with the hashes, for whoever has the file to guess at')
    .option('--json', 'print JSON, as without it')
    .action(async (argument: string, named: string | undefined, { withPasswordHashes = false }: ExportOptions) => {
      if (named !== undefined && withPasswordHashes) {
        throw new UsageError('--with-password-hashes is for the export of all users.');
      }
      await withOrganization(terminal, argument, (ports, orgId) =>
        named === undefined
          ? exportAll(ports, { orgId, withPasswordHashes }, terminal)
          : exportOne(ports, { orgId, user: named }, terminal),
      );
    });
}

async function exportOne(
  ports: Ports,
  named: { readonly orgId: string; readonly user: string },
  { output }: Terminal,
): Promise<void> {
  const dossier = await readDossier(ports, readUser(named));
  await output.lines(...JSON.stringify(dossierOf(dossier), null, 2).split('\n'));
}

async function exportAll(
  ports: Ports,
  asked: { readonly orgId: string; readonly withPasswordHashes: boolean },
  { output }: Terminal,
): Promise<void> {
  for await (const user of exportUsers(ports, asked)) {
    await output.lines(JSON.stringify(lineOf(user)));
  }
}

/** As an import reads it; what a user has not is left out. */
function lineOf(user: ExportedUser): object {
  return {
    email: user.email,
    fullname: user.fullname,
    ...(user.passwordHash ? { password_hash: user.passwordHash } : {}),
    email_verified: user.emailVerifiedAt !== null,
    ...(user.roles.length > 0 ? { roles: user.roles } : {}),
    ...(user.publicMetadata === '' ? {} : { public_metadata: JSON.parse(user.publicMetadata) }),
    ...(user.privateMetadata === '' ? {} : { private_metadata: JSON.parse(user.privateMetadata) }),
    created_at: new Date(user.createdAt).toISOString(),
    disabled: user.disabledAt !== null,
  };
}

function dossierOf(dossier: UserDossier): object {
  const { user, failedLogins, sessions } = dossier;
  return {
    user_id: user.userId,
    email: user.email,
    fullname: user.fullname,
    created_at: instant(user.createdAt),
    disabled_at: instant(user.disabledAt),
    org_id: user.orgId,
    email_verified_at: instant(user.emailVerifiedAt),
    roles: user.roles,
    public_metadata: user.publicMetadata,
    private_metadata: user.privateMetadata,
    has_password: dossier.hasPassword,
    must_change_password: dossier.mustChangePassword,
    second_factor: user.hasSecondFactor,
    recovery_codes_left: dossier.recoveryCodesLeft,
    wrong_codes: dossier.wrongCodes,
    credential_changes: dossier.credentialChanges,
    failed_logins: failedLogins.map(({ countedAs, failures: count, lockedUntil }) => ({
      counted_as: countedAs,
      failures: count,
      locked_until: instant(lockedUntil === 0 ? null : lockedUntil),
    })),
    sessions: sessions.map(({ sessionId, createdAt, expiresAt, revokedAt }) => ({
      session_id: sessionId,
      created_at: instant(createdAt),
      expires_at: instant(expiresAt),
      revoked_at: instant(revokedAt),
    })),
  };
}
