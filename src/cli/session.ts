import {
  listSessions,
  readSessionName,
  readSessionPage,
  revokeSession,
  revokeUserSessions,
} from '../domain/sessions/session-administration.ts';
import type { SessionRecord } from '../domain/sessions/storage.ts';
import { readUser } from '../domain/users/user.ts';
import { JSON_OPTION, type JsonOption, type Register } from './command.ts';
import { UsageError } from './failure.ts';
import { ORG_HELP, withOrganization } from './organization-argument.ts';
import { instant, type Row } from './output.ts';
import { everyPage } from './pages.ts';

interface UserOption extends JsonOption {
  readonly user?: string;
}

/** `authflow session …`. */
export const register: Register = (program, terminal) => {
  const { output } = terminal;
  const session = program.command('session').description('list and revoke sessions of an organization');

  session
    .command('list')
    .description('list sessions, oldest first, ended ones too while they are kept')
    .argument('<ORG>', ORG_HELP)
    .option('--user <USER>', 'those of one user alone: user_id or e-mail')
    .option(...JSON_OPTION)
    .action((argument: string, { user = '', json }: UserOption) =>
      withOrganization(terminal, argument, async (ports, orgId) => {
        const pages = everyPage(async (page) => {
          const { sessions, nextPageToken } = await listSessions(ports, readSessionPage({ orgId, user, ...page }));
          return { items: sessions.map(sessionRow), nextPageToken };
        });
        const columns = ['session_id', 'user_id', 'email', 'created_at', 'expires_at', 'revoked_at'];
        await output.list(columns, pages, json);
      }),
    );

  session
    .command('revoke')
    .description('end one session, or all of a user')
    .argument('<ORG>', ORG_HELP)
    .argument('[SESSION_ID]', 'as list shows it')
    .option('--user <USER>', 'all sessions of this user: user_id or e-mail')
    .option(...JSON_OPTION)
    .action((argument: string, sessionId: string | undefined, { user, json }: UserOption) => {
      if ((sessionId === undefined) === (user === undefined)) {
        throw new UsageError('Give either a SESSION_ID or --user USER.');
      }
      return withOrganization(terminal, argument, async (ports, orgId) => {
        const { endedSessions } =
          sessionId === undefined
            ? await revokeUserSessions(ports, readUser({ orgId, user: user ?? '' }))
            : await revokeSession(ports, readSessionName({ orgId, sessionId }));
        await output.record({ ended_sessions: endedSessions }, json);
      });
    });
};

function sessionRow({ sessionId, userId, email, createdAt, expiresAt, revokedAt }: SessionRecord): Row {
  return {
    session_id: sessionId,
    user_id: userId,
    email,
    created_at: instant(createdAt),
    expires_at: instant(expiresAt),
    revoked_at: instant(revokedAt),
  };
}
