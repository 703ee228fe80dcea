import { setTimeout as pause } from 'node:timers/promises';
import type { AuditEvent } from '../domain/audit/audit-event.ts';
import { listAuditEvents, readAuditFilter, readAuditPage } from '../domain/audit/list-audit-events.ts';
import type { AuditFilter } from '../domain/audit/storage.ts';
import type { FieldViolation } from '../domain/errors.ts';
import type { Ports } from '../domain/ports.ts';
import { findUser } from '../domain/users/user.ts';
import { isUuid } from '../domain/uuid.ts';
import { type JsonOption, type Register, type Terminal, withAdministration } from './command.ts';
import { UsageError } from './failure.ts';
import { type FollowOptions, followedEvents } from './followed-events.ts';
import { ORG_HELP, organizationOf } from './organization-argument.ts';
import type { Output, Row } from './output.ts';
import { everyPage } from './pages.ts';
import { untilStopped } from './until-stopped.ts';

interface AuditOptions extends JsonOption {
  readonly since?: string;
  readonly type?: string;
  readonly user?: string;
  readonly follow?: boolean;
}

const FOLLOW_EVERY_MS = 1_000;

/** Whoever administers waits for the end. */
const PATIENT = { isAbandoned: () => false };

const COLUMNS = [
  'created_at',
  'type',
  'result',
  'reason',
  'actor',
  'key_id',
  'org_id',
  'user_id',
  'target_id',
  'count',
  'address',
];

/** What the option of a filter's field takes. */
const WRONG_USE: Readonly<Record<string, string>> = {
  from: '--since takes an instant of RFC 3339, as 2026-01-31T12:00:00Z, or how long ago that is, as 24h (s, m, h or d).',
  type: '--type takes a type of event, as login.failed. All of them are in docs/operations.md, "Audit log".',
};

/** `authflow audit …`. */
export const register: Register = (program, terminal) => {
  program
    .command('audit')
    .description('show the audit log, oldest events first: who did what, from where, and what came of it')
    .argument('[ORG]', `of one organization: ${ORG_HELP}`)
    .option('--since <TIME>', 'from then on: RFC 3339, or how long ago, as 24h')
    .option('--type <TYPE>', 'of one type, as login.failed')
    .option('--user <USER>', 'that concern one user: user_id, or the e-mail with ORG')
    .option('--follow', 'go on with what comes; without --since with that alone')
    .option('--json', 'print a line of JSON for each')
    .action((argument: string | undefined, options: AuditOptions) => show(terminal, argument, options));
};

function show(terminal: Terminal, argument: string | undefined, options: AuditOptions): Promise<void> {
  return withAdministration(terminal, async ({ ports }) => {
    const filter = await filterOf(ports, argument, options);
    const { follow = false, json = false } = options;
    if (!follow) {
      return print(terminal.output, listed(ports, filter), json);
    }
    await untilStopped((signal) => print(terminal.output, followed(terminal, ports, { filter, signal }), json));
  });
}

async function filterOf(
  ports: Ports,
  argument: string | undefined,
  { since = '', type = '', user = '' }: AuditOptions,
): Promise<AuditFilter> {
  const orgId = argument === undefined ? '' : (await organizationOf(ports, argument)).orgId;
  const from = instantOf(since, ports.clock.now());
  const faults: FieldViolation[] = [];
  const filter = readAuditFilter({ orgId, userId: await userIdOf(ports, orgId, user), type, from, to: '' }, faults);
  const [fault] = faults;
  if (fault !== undefined) {
    throw new UsageError(WRONG_USE[fault.field] ?? `${fault.field} ${fault.message}`);
  }
  return filter;
}

/** By its id a user is found who was deleted, too. */
async function userIdOf(ports: Ports, orgId: string, user: string): Promise<string> {
  if (user === '' || isUuid(user.toLowerCase())) {
    return user;
  }
  if (orgId === '') {
    throw new UsageError('Name the ORG of the user whose e-mail you give.');
  }
  return (await findUser(ports, orgId, user)).userId;
}

/** RFC 3339 of `24h` and the like; anything else as it is. */
function instantOf(since: string, now: number): string {
  const [, number, unit = ''] = /^(\d{1,6})([smhd])$/.exec(since) ?? [];
  return number === undefined ? since : new Date(now - Number(number) * (UNITS_MS[unit] ?? 0)).toISOString();
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

type Events = AsyncIterable<readonly AuditEvent[]>;

function listed(ports: Ports, filter: AuditFilter): Events {
  return everyPage(async (page) => {
    const parameters = { ...readAuditPage({ ...NO_FILTER, ...page }), filter };
    const { events, nextPageToken } = await listAuditEvents(ports, parameters, PATIENT);
    return { items: events, nextPageToken };
  });
}

const NO_FILTER = { orgId: '', userId: '', type: '', from: '', to: '' };

function followed(
  { output }: Terminal,
  { storage }: Ports,
  following: Pick<FollowOptions, 'filter' | 'signal'>,
): Events {
  const { signal } = following;
  return followedEvents(storage, {
    ...following,
    pause: () => pause(FOLLOW_EVERY_MS, undefined, { signal }).catch(() => undefined),
    notice: (text) => output.notice(text),
  });
}

async function print(output: Output, pages: Events, asJson: boolean): Promise<void> {
  if (!asJson) {
    return output.list(COLUMNS, rowsOf(pages));
  }
  for await (const events of pages) {
    if (events.length > 0) {
      await output.lines(...events.map((event) => JSON.stringify(lineOf(event))));
    }
  }
}

async function* rowsOf(pages: Events): AsyncGenerator<readonly Row[]> {
  for await (const events of pages) {
    yield events.map((event) => {
      const { details: _, ...row } = lineOf(event);
      return row;
    });
  }
}

/** As the API names it, with what is not known left out as null, and milliseconds. */
function lineOf(event: AuditEvent) {
  return {
    created_at: new Date(event.createdAt).toISOString(),
    event_id: event.eventId,
    type: event.type,
    result: event.reason === null ? 'success' : 'refused',
    reason: event.reason,
    actor: event.actor,
    key_id: event.keyId,
    org_id: event.orgId,
    user_id: event.userId,
    target_id: event.targetId,
    count: event.count,
    request_id: event.requestId,
    address: event.address || null,
    claimed_client_ip: event.claimedClientIp || null,
    claimed_user_agent: event.claimedUserAgent || null,
    details: event.details,
  };
}
