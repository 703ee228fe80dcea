import { statSync } from 'node:fs';
import type { Settings } from '../config/settings.ts';
import { isLoopback } from '../config/values.ts';
import type { Storage } from '../domain/storage.ts';
import type { Database, PostgresDatabase } from '../storage/database.ts';
import type { PostgresFacts } from '../storage/postgres/inspection.ts';
import type { Diagnosis } from './diagnosis.ts';
import { openingSentence } from './open-files.ts';

/** NIST SP 800-63B-4, 2.1.3: at the lowest level of assurance people prove themselves anew every 30 days at least. */
const LONGEST_SESSION_DAYS = 30;

/** So many organizations are named; the rest is counted as more. */
const NAMED_ORGANIZATIONS = 3;

const SECONDS_A_DAY = 86_400;

/**
 * What a server that serves people has beyond working: the checklist of docs/security.md ("Before production"), held against the
 * settings. `postgres`: what the server said of itself, null over a file.
 */
export function diagnoseProduction(settings: Settings, postgres: PostgresFacts | null): readonly Diagnosis[] {
  return [
    checkPorts(settings),
    checkServerUser(settings.database),
    ...checkSecretFiles(settings),
    ...checkDatabase(settings.database, postgres),
    checkSignUp(settings),
    checkLimits(settings),
    checkOrigins(settings),
    checkSessions(settings),
  ];
}

/**
 * Whether each open organization has a live key that no token ever held. Whoever reads one in a token stands in the class of those
 * who read it, and the organization's own backend beside them.
 */
export async function checkPrivateKeys(
  { apiKeyClaim }: Pick<Settings, 'apiKeyClaim'>,
  storage: Pick<Storage, 'listOrganizationsWithoutPrivateKey'>,
): Promise<Diagnosis> {
  const page = { limit: NAMED_ORGANIZATIONS + 1, after: null };
  const without = await storage.listOrganizationsWithoutPrivateKey(page);
  const check = 'private keys';
  if (without.length === 0) {
    return { check, ok: true, detail: 'every open organization has a key that was never in tokens' };
  }
  const named = without.slice(0, NAMED_ORGANIZATIONS).map(({ orgId }) => orgId);
  const more = without.length > NAMED_ORGANIZATIONS ? ' and more' : '';
  // Where tokens hold ids a key that was in them before stays one that others may have read.
  const remedy = `authflow key add ${named[0]}, for its backend alone`;
  const because = apiKeyClaim === 'id' ? 'their keys were in tokens before' : 'whoever sees a token reads their key';
  return { check, ok: false, detail: `none in ${named.join(', ')}${more}: ${because}; ${remedy}` };
}

function checkPorts({ tls, host }: Settings): Diagnosis {
  const check = 'ports';
  if (tls !== null) {
    return { check, ok: true, detail: tls.clientCa === null ? 'TLS' : 'TLS, with certificates of callers' };
  }
  return isLoopback(host)
    ? { check, ok: true, detail: `clear text on ${host}: only this machine reaches it, such as a proxy that ends TLS` }
    : { check, ok: false, detail: `clear text on ${host}: set AUTHFLOW_TLS_CERT and AUTHFLOW_TLS_KEY` };
}

/** Whom the server runs as: who owns the file that it writes, or over PostgreSQL whoever asks. */
function checkServerUser(database: Database): Diagnosis {
  const uid = database.engine === 'sqlite' ? statSync(database.file).uid : (process.getuid?.() ?? -1);
  const whose = database.engine === 'sqlite' ? 'the database belongs to' : 'this command runs as';
  return uid === 0
    ? { check: 'server user', ok: false, detail: `${whose} root: run the server, and this, as a user of its own` }
    : { check: 'server user', ok: true, detail: `${whose} user ${uid}` };
}

/** Whether those that settings name are closed to others; nothing where they name none. */
function checkSecretFiles({ secretFiles }: Settings): readonly Diagnosis[] {
  if (secretFiles.length === 0) {
    return [];
  }
  const check = 'secret files';
  const faults = secretFiles.flatMap((file) => openingSentence(file) ?? []);
  return [
    faults.length === 0
      ? { check, ok: true, detail: `closed to others: ${secretFiles.map(({ name }) => name).join(', ')}` }
      : { check, ok: false, detail: faults.join('; ') },
  ];
}

function checkDatabase(database: Database, facts: PostgresFacts | null): readonly Diagnosis[] {
  if (database.engine === 'sqlite') {
    return [];
  }
  return [checkDatabaseConnection(database), ...(facts === null ? [] : [checkStandby(facts)])];
}

function checkDatabaseConnection({ tls, hosts }: PostgresDatabase): Diagnosis {
  const check = 'database connection';
  if (tls !== null) {
    return { check, ok: true, detail: 'TLS, the server proves its name' };
  }
  const isLocal = hosts.every(({ host }) => host.startsWith('/') || isLoopback(host));
  return isLocal
    ? { check, ok: true, detail: 'clear text within this machine' }
    : { check, ok: false, detail: 'clear text over a network: set AUTHFLOW_DATABASE_TLS=verify-full' };
}

/** `remote_write` is no more than the standby's memory; `local` waits for none. */
const ON_A_STANDBY: readonly string[] = ['on', 'remote_apply'];

function checkStandby({ synchronousCommit, synchronousStandbyNames }: PostgresFacts): Diagnosis {
  const check = 'synchronous standby';
  if (synchronousStandbyNames === '') {
    const detail = 'none: a failover may lose the last writes, such as logouts; set synchronous_standby_names';
    return { check, ok: false, detail };
  }
  return ON_A_STANDBY.includes(synchronousCommit)
    ? { check, ok: true, detail: synchronousStandbyNames }
    : { check, ok: false, detail: `synchronous_commit is ${synchronousCommit}: set it to on or remote_apply` };
}

function checkSignUp({ openSignup }: Settings): Diagnosis {
  return {
    check: 'organization sign-up',
    ok: !openSignup,
    detail: openSignup
      ? 'open: whoever reaches a port can sign up organizations; AUTHFLOW_OPEN_SIGNUP=false leaves that to the administrator'
      : 'by the administrator alone',
  };
}

function checkLimits({ limits, mailLimit }: Settings): Diagnosis {
  const off = Object.entries({ ...limits, mail: mailLimit }).flatMap(([limit, rate]) =>
    rate === null ? [`AUTHFLOW_LIMIT_${limit.toUpperCase()}`] : [],
  );
  const check = 'limits';
  return off.length === 0
    ? { check, ok: true, detail: 'on' }
    : { check, ok: false, detail: `off: ${off.join(', ')}; without them a script may ask as often as it can` };
}

/** An origin without TLS is anybody's between that browser and its site. */
function checkOrigins({ allowedOrigins }: Settings): Diagnosis {
  const check = 'allowed origins';
  const clear = allowedOrigins.filter((origin) => origin.startsWith('http:'));
  return clear.length === 0
    ? { check, ok: true, detail: allowedOrigins.join(', ') || 'none: backends alone call' }
    : { check, ok: false, detail: `without TLS: ${clear.join(', ')}` };
}

function checkSessions({ sessionTtlSeconds }: Settings): Diagnosis {
  const days = Math.round((sessionTtlSeconds / SECONDS_A_DAY) * 10) / 10;
  const ok = sessionTtlSeconds <= LONGEST_SESSION_DAYS * SECONDS_A_DAY;
  const detail = ok
    ? `live ${days} days`
    : `live ${days} days: AUTHFLOW_SESSION_TTL of at most ${LONGEST_SESSION_DAYS}d`;
  return { check: 'sessions', ok, detail };
}
