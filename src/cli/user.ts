import type { UserRecord } from '../domain/storage.ts';
import { deleteUser, disableUser, enableUser, listUsers } from '../domain/user.ts';
import { JSON_OPTION, type JsonOption, type Register, withAdministration } from './command.ts';
import { ORG_HELP, organizationOf } from './organization-argument.ts';
import { instant, type Row } from './output.ts';
import { everyPage } from './pages.ts';

/** What USER means, for help texts. */
const USER_HELP = 'user_id or e-mail';

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
      withAdministration(terminal, async ({ ports }) => {
        const { orgId } = await organizationOf(ports, argument);
        const pages = everyPage(async (page) => {
          const { users, nextPageToken } = await listUsers(ports, { orgId, ...page });
          return { items: users.map(userRow), nextPageToken };
        });
        await output.list(['user_id', 'email', 'fullname', 'created_at', 'disabled_at'], pages, json);
      }),
    );

  user
    .command('disable')
    .description("refuse a user's logins and end their sessions")
    .argument('<ORG>', ORG_HELP)
    .argument('<USER>', USER_HELP)
    .option(...JSON_OPTION)
    .action((argument: string, name: string, { json }: JsonOption) =>
      withAdministration(terminal, async ({ ports }) => {
        const { orgId } = await organizationOf(ports, argument);
        const disabled = await disableUser(ports, { orgId, user: name, faults: [] });
        await output.record({ ...userRow(disabled.user), ended_sessions: disabled.endedSessions }, json);
      }),
    );

  user
    .command('enable')
    .description('let a disabled user log in again; ended sessions stay ended')
    .argument('<ORG>', ORG_HELP)
    .argument('<USER>', USER_HELP)
    .option(...JSON_OPTION)
    .action((argument: string, name: string, { json }: JsonOption) =>
      withAdministration(terminal, async ({ ports }) => {
        const { orgId } = await organizationOf(ports, argument);
        const enabled = await enableUser(ports, { orgId, user: name, faults: [] });
        await output.record(userRow(enabled.user), json);
      }),
    );

  user
    .command('delete')
    .description('remove a user and end their sessions; the e-mail can sign up again as somebody new')
    .argument('<ORG>', ORG_HELP)
    .argument('<USER>', USER_HELP)
    .option(...JSON_OPTION)
    .action((argument: string, name: string, { json }: JsonOption) =>
      withAdministration(terminal, async ({ ports }) => {
        const { orgId } = await organizationOf(ports, argument);
        const deleted = await deleteUser(ports, { orgId, user: name, faults: [] });
        await output.record({ ...userRow(deleted.user), ended_sessions: deleted.endedSessions }, json);
      }),
    );
};

function userRow({ userId, email, fullname, createdAt, disabledAt }: UserRecord): Row {
  return { user_id: userId, email, fullname, created_at: instant(createdAt), disabled_at: instant(disabledAt) };
}
