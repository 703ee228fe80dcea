import type { MailRecord } from '../domain/mail/storage.ts';
import type { Ports } from '../domain/ports.ts';
import { isUuid } from '../domain/uuid.ts';
import { JSON_OPTION, type JsonOption, type Register, withAdministration } from './command.ts';
import { UsageError } from './failure.ts';
import { ORG_HELP, organizationOf } from './organization-argument.ts';
import { instant, type Row } from './output.ts';

const PAGE = 200;
const MAIL_ID_HELP = 'as list shows it';

/** `authflow mail …`. */
export const register: Register = (program, terminal) => {
  const { output } = terminal;
  const mail = program
    .command('mail')
    .description('mails that wait, that nobody sends, or that failed: read them, send them');

  mail
    .command('list')
    .description('list mails, oldest first; those that were sent are gone')
    .argument('[ORG]', `of one organization: ${ORG_HELP}`)
    .option(...JSON_OPTION)
    .action((argument: string | undefined, { json }: JsonOption) =>
      withAdministration(terminal, async ({ ports }) => {
        const orgId = argument === undefined ? null : (await organizationOf(ports, argument)).orgId;
        const columns = ['mail_id', 'org_id', 'user_id', 'kind', 'state', 'created_at', 'due_at', 'attempts', 'fault'];
        await output.list(columns, pagesOf(ports, orgId), json);
      }),
    );

  mail
    .command('show')
    .description('show a mail as it would go out now, with a link that is good from now on; the audit log tells of it')
    .argument('<MAIL_ID>', MAIL_ID_HELP)
    .option(...JSON_OPTION)
    .action((mailId: string, { json = false }: JsonOption) =>
      withAdministration(terminal, async ({ showMail }) => {
        const { record, prepared } = await showMail(idOf(mailId));
        if (record === null) {
          throw new UsageError(`There is no mail ${mailId}: it was sent, or its time is over.`);
        }
        if (prepared === null) {
          throw new UsageError(
            'Nobody wants this mail any more: its user or what it is about has changed, or it cannot be opened.',
          );
        }
        const { from, to, replyTo, subject, messageId, text } = prepared.message;
        const sender = `${from.name} <${from.address}>`;
        const head = { from: sender, to, reply_to: replyTo, subject, message_id: messageId };
        const facts = { ...mailRow(record), ...head, link: prepared.link };
        if (json) {
          await output.record({ ...facts, text }, true);
        } else {
          await output.record(facts);
          await output.lines('', ...text.trimEnd().split('\n'));
        }
      }),
    );

  mail
    .command('retry')
    .description('have a mail sent that was kept or failed: a running server with a mail server sends it')
    .argument('<MAIL_ID>', MAIL_ID_HELP)
    .option(...JSON_OPTION)
    .action((mailId: string, { json }: JsonOption) =>
      withAdministration(terminal, async ({ ports: { storage, clock } }) => {
        const outcome = await storage.retryMail(idOf(mailId), clock.now());
        const record = outcome === 'queued' ? await storage.findMail(mailId) : null;
        if (outcome === 'not_found') {
          throw new UsageError(`There is no mail ${mailId}: it was sent, or its time is over.`);
        }
        await output.record(record === null ? { mail_id: mailId } : mailRow(record), json);
      }),
    );
};

async function* pagesOf({ storage }: Ports, orgId: string | null): AsyncIterable<readonly Row[]> {
  for (let after: string | null = null; ; ) {
    const mails: readonly MailRecord[] = await storage.listMails(orgId, { after, limit: PAGE });
    after = mails.at(-1)?.mailId ?? null;
    if (after === null) {
      return;
    }
    yield mails.map(mailRow);
  }
}

function idOf(mailId: string): string {
  if (!isUuid(mailId)) {
    throw new UsageError('MAIL_ID is a UUID, as "authflow mail list" shows it.');
  }
  return mailId;
}

function mailRow({ mailId, orgId, userId, kind, state, createdAt, dueAt, attempts, fault }: MailRecord): Row {
  return {
    mail_id: mailId,
    org_id: orgId,
    user_id: userId,
    kind,
    state,
    created_at: instant(createdAt),
    due_at: instant(dueAt),
    attempts,
    fault: fault === '' ? null : fault,
  };
}
