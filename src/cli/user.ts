import type { Checked } from '../domain/parameters.ts';
import type { Ports } from '../domain/ports.ts';
import type { UserRecord } from '../domain/users/storage.ts';
import {
  deleteUser,
  disableUser,
  enableUser,
  listUsers,
  readUser,
  readUserPage,
  type UserInput,
} from '../domain/users/user.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';
import { ORG_HELP, withOrganization } from './organization-argument.ts';
import { instant, type Row } from './output.ts';
import { everyPage } from './pages.ts';

/** `authflow user …`. */
export const register: Register = (program, terminal) => {
  const { output } = terminal;
  const user = program.command('user').description('list, disable, enable and delete users of an organization');

  user
    .command('list')
    .description('list the users of an organization, oldest first')
    .argument('<ORG>', ORG_HELP)
    .option(...JSON_OPTION)
    .action((argument: string, { json }: JsonOption) =>
      withOrganization(terminal, argument, async (ports, orgId) => {
        const pages = everyPage(async (page) => {
          const { users, nextPageToken } = await listUsers(ports, readUserPage({ orgId, ...page }));
          return { items: users.map(userRow), nextPageToken };
        });
        await output.list(['user_id', 'email', 'fullname', 'created_at', 'disabled_at'], pages, json);
      }),
    );

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

  /** A command that changes one user and prints what became of them. */
  function userCommand(
    name: string,
    description: string,
    change: (ports: Ports, named: Checked<UserInput>) => Promise<Row>,
  ): void {
    user
      .command(name)
      .description(description)
      .argument('<ORG>', ORG_HELP)
      .argument('<USER>', 'user_id or e-mail')
      .option(...JSON_OPTION)
      .action((argument: string, named: string, { json }: JsonOption) =>
        withOrganization(terminal, argument, async (ports, orgId) => {
          await output.record(await change(ports, readUser({ orgId, user: named })), json);
        }),
      );
  }
};

function userRow({ userId, email, fullname, createdAt, disabledAt }: UserRecord): Row {
  return { user_id: userId, email, fullname, created_at: instant(createdAt), disabled_at: instant(disabledAt) };
}
