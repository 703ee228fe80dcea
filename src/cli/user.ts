import { type CountedTries, HARD_LOCK_AT } from '../domain/auth/tries.ts';
import type { Checked } from '../domain/parameters.ts';
import type { Ports } from '../domain/ports.ts';
import { changeUser } from '../domain/users/manage-user.ts';
import { readNewPassword, setPassword } from '../domain/users/set-password.ts';
import type { UserRecord } from '../domain/users/storage.ts';
import { unlockUser } from '../domain/users/unlock-user.ts';
import {
  deleteUser,
  disableUser,
  enableUser,
  findUser,
  listUsers,
  readUser,
  readUserPage,
  type UserInput,
} from '../domain/users/user.ts';
import { readDossier } from '../domain/users/user-dossier.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';
import { ORG_HELP, withOrganization } from './organization-argument.ts';
import { instant, type Row } from './output.ts';
import { everyPage } from './pages.ts';
import { makePassword, readTypedPassword } from './password-input.ts';
import { registerExport } from './user-export.ts';
import { registerImport } from './user-import.ts';
import { registerManagement } from './user-management.ts';

interface SetPasswordOptions extends JsonOption {
  readonly generate?: boolean;
  readonly mustChange?: boolean;
}

const USER_HELP = 'user_id or e-mail';

/** `authflow user …`. */
export const register: Register = (program, terminal) => {
  const { output } = terminal;
  const user = program.command('user').description('users of an organization: look at them, change and delete them');

  user
    .command('list')
    .description('list the users of an organization, oldest first')
    .argument('<ORG>', ORG_HELP)
    .option(...JSON_OPTION)
    .action((argument: string, { json }: JsonOption) =>
      withOrganization(terminal, argument, async (ports, orgId) => {
        const pages = everyPage(async (page) => {
          const { users, nextPageToken } = await listUsers(ports, readUserPage({ orgId, ...page }));
          return { items: users.map(listedRow), nextPageToken };
        });
        const columns = ['user_id', 'email', 'fullname', 'created_at', 'disabled_at', 'email_verified_at', 'roles'];
        await output.list(columns, pages, json);
      }),
    );

  registerManagement(user, terminal);

  userCommand('disable', "refuse a user's logins and end their sessions", async (ports, named) => {
    const disabled = await disableUser(ports, named);
    return { ...userRow(disabled.user), ended_sessions: disabled.endedSessions };
  });

  userCommand('enable', 'let a disabled user log in again; ended sessions stay ended', async (ports, named) =>
    userRow((await enableUser(ports, named)).user),
  );

  userCommand(
    'delete',
    'remove a user and end their sessions; the e-mail can sign up again as somebody new',
    async (ports, named) => {
      const deleted = await deleteUser(ports, named);
      return { ...userRow(deleted.user), ended_sessions: deleted.endedSessions };
    },
  );

  userCommand('unlock', "forget a user's failed logins and open the locks that came of them", async (ports, named) => {
    const unlocked = await unlockUser(ports, named);
    return { ...userRow(unlocked.user), opened: listed(unlocked.opened, failures) };
  });

  userCommand(
    'reset-second-factor',
    'take the second factor off a user who lost it, with its recovery codes, and end their sessions',
    async (ports, named) => {
      const { orgId, userId, hasSecondFactor } = await findUser(ports, named.orgId, named.user);
      const reset = await changeUser(ports, null, { orgId, userId }, { kind: 'reset_second_factor' });
      return { ...userRow(reset.user), had_second_factor: hasSecondFactor, ended_sessions: reset.endedSessions };
    },
  );

  userCommand('show', 'one user, how many live sessions they have, and what locks them out', async (ports, named) => {
    const dossier = await readDossier(ports, named);
    return {
      ...listedRow(dossier.user),
      public_metadata: dossier.user.publicMetadata,
      private_metadata: dossier.user.privateMetadata,
      has_password: dossier.hasPassword,
      must_change_password: dossier.mustChangePassword,
      second_factor: dossier.user.hasSecondFactor,
      recovery_codes_left: dossier.recoveryCodesLeft,
      live_sessions: dossier.liveSessions,
      failed_logins: listed(dossier.failedLogins, failures),
      wrong_codes: dossier.wrongCodes,
      locked: listed(dossier.failedLogins.filter(isLocked(ports.clock.now())), lock),
    };
  });

  registerExport(user, terminal);
  registerImport(user, terminal);

  user
    .command('set-password')
    .description(
      'set the password that standard input holds, or that a terminal is asked for, and end all sessions of the user',
    )
    .argument('<ORG>', ORG_HELP)
    .argument('<USER>', USER_HELP)
    .option('--generate', 'make the password, and print it, once')
    .option('--must-change', 'the next login demands another')
    .option(...JSON_OPTION)
    .action(
      async (argument: string, named: string, { generate = false, mustChange = false, json }: SetPasswordOptions) => {
        const newPassword = generate ? makePassword() : await readTypedPassword(terminal);
        await withOrganization(terminal, argument, async (ports, orgId) => {
          const set = await setPassword(
            ports,
            readNewPassword({ orgId, user: named, newPassword, mustChange }, ports.rules),
          );
          const made = generate ? { password: newPassword } : {};
          await output.record({ ...userRow(set.user), ended_sessions: set.endedSessions, ...made }, json);
          if (!generate && terminal.input().isTTY === true) {
            await output.notice('The password is set.');
          }
        });
      },
    );

  /** A command that works on one user and prints what became of them. */
  function userCommand(
    name: string,
    description: string,
    change: (ports: Ports, named: Checked<UserInput>) => Promise<Row>,
  ): void {
    user
      .command(name)
      .description(description)
      .argument('<ORG>', ORG_HELP)
      .argument('<USER>', USER_HELP)
      .option(...JSON_OPTION)
      .action((argument: string, named: string, { json }: JsonOption) =>
        withOrganization(terminal, argument, async (ports, orgId) => {
          await output.record(await change(ports, readUser({ orgId, user: named })), json);
        }),
      );
  }
};

/** Null where there is none. */
function listed(tries: readonly CountedTries[], tell: (tries: CountedTries) => string): string | null {
  return tries.length === 0 ? null : tries.map(tell).join(', ');
}

function failures({ countedAs, failures: count }: CountedTries): string {
  return `${countedAs} ${count}`;
}

function isLocked(now: number): (tries: CountedTries) => boolean {
  return ({ countedAs, failures: count, lockedUntil }) => count >= HARD_LOCK_AT[countedAs] || lockedUntil > now;
}

function lock({ countedAs, failures: count, lockedUntil }: CountedTries): string {
  return `${countedAs} until ${count >= HARD_LOCK_AT[countedAs] ? 'it is unlocked' : instant(lockedUntil)}`;
}

function listedRow(user: UserRecord): Row {
  return { ...userRow(user), email_verified_at: instant(user.emailVerifiedAt), roles: user.roles.join(',') };
}

function userRow({ userId, email, fullname, createdAt, disabledAt }: UserRecord): Row {
  return { user_id: userId, email, fullname, created_at: instant(createdAt), disabled_at: instant(disabledAt) };
}
