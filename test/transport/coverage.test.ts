import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_REASONS, type ErrorReason } from '../../src/domain/errors.ts';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';
import { BY_MAIL_REFUSALS, CALLS_BY_MAIL } from './matrix/accounts-by-mail.ts';
import { CALLS_BY_SESSION, SESSION_CALL_REFUSALS } from './matrix/accounts-by-session.ts';
import { ADMIN_REFUSALS, SECOND_FACTOR_REFUSALS, SIX_CALL_REFUSALS } from './matrix/coverage.ts';
import { ADMIN_CALLS, CALLS, SECOND_FACTOR_CALLS } from './matrix/entrance.ts';
import { HTTP_OPERATIONS } from './matrix/http-operations.ts';
import { HTTP_REFUSALS } from './matrix/http-refusals.ts';
import { LIMITED } from './matrix/limited.ts';
import { USER_CALLS } from './matrix/organizations.ts';
import { OUTAGES } from './matrix/outages.ts';

const ROOT = join(import.meta.dirname, '../..');

const HTTP_ALONE = ERROR_REASONS.filter((reason) => WIRE_CODES[reason].grpc === null);

/** What every call of the HTTP port can be refused for, whatever it does. */
const OF_EVERY_CALL: readonly ErrorReason[] = [
  'INVALID_ARGUMENT',
  'ORIGIN_REFUSED',
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
  'INTERNAL',
];

/** Those that a management key opens which may only read. */
const READS_OF_USERS: readonly string[] = ['getUser', 'listUsers', 'listUserSessions'];

/** What the proto says of OrganizationService as a whole, and not of each call; and what its browsers are told. */
const ADMIN_COMMON: readonly string[] = ['INVALID_ARGUMENT', 'ADMIN_TOKEN_INVALID', 'ORIGIN_REFUSED'];

describe('the scenarios', () => {
  test('give every reason that this release gives, and no other', () => {
    const given = new Set<ErrorReason>([
      ...[...SIX_CALL_REFUSALS, ...BY_MAIL_REFUSALS, ...SECOND_FACTOR_REFUSALS, ...ADMIN_REFUSALS, ...LIMITED].map(
        ({ reason }) => reason,
      ),
      ...OUTAGES.map(({ reason }) => reason),
      ...(Object.keys(HTTP_REFUSALS) as ErrorReason[]),
    ]);
    expect(ERROR_REASONS.filter((reason) => given.has(reason))).toEqual(ERROR_REASONS);
  });

  test('leave out no reason that the source makes an error of', () => {
    const source = sourceFiles(join(ROOT, 'src'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const made = ERROR_REASONS.filter((reason) =>
      new RegExp(`AuthError\\(\\s*'${reason}'|refuse\\(exchange, '${reason}'|\\? '${reason}' :|: '${reason}',`).test(
        source,
      ),
    );
    expect(made).toEqual(ERROR_REASONS);
  });

  test('give each of the six calls every reason that its proto names', () => {
    const documented = documentedErrors('auth_service.proto');
    expect(documented.map(({ call }) => call)).toEqual(CALLS);
    expect(CALLS.map((call) => ({ call, reasons: reasonsOf(call, [...SIX_CALL_REFUSALS, ...LIMITED]) }))).toEqual(
      documented.map(({ call, reasons }) => ({ call, reasons: sorted([...reasons, 'ORIGIN_REFUSED']) })),
    );
  });

  test('give each call that a mail has to do with every reason that its proto names', () => {
    const documented = new Map(documentedErrors('account_service.proto').map((row) => [row.call, row.reasons]));
    for (const call of CALLS_BY_MAIL) {
      expect({ call, reasons: reasonsOf(call, [...BY_MAIL_REFUSALS, ...LIMITED]) }).toEqual({
        call,
        reasons: sorted([...(documented.get(call) ?? []), 'ORIGIN_REFUSED']),
      });
    }
  });

  test('give each call that a session alone opens every reason that its proto names', () => {
    const documented = new Map(documentedErrors('account_service.proto').map((row) => [row.call, row.reasons]));
    for (const call of CALLS_BY_SESSION) {
      const reasons = reasonsOf(call, SESSION_CALL_REFUSALS);
      expect({ call, reasons }).toEqual({ call, reasons: sorted([...(documented.get(call) ?? []), 'ORIGIN_REFUSED']) });
    }
  });

  test('give each call of SecondFactorService every reason that its proto names', () => {
    const documented = documentedErrors('second_factor_service.proto');
    expect(documented.map(({ call }) => call)).toEqual(SECOND_FACTOR_CALLS);
    const disable = documented.find(({ call }) => call === 'disableTotp')?.reasons ?? [];
    for (const { call, reasons: named } of documented) {
      // "As DisableTotp."
      const reasons = named.length === 0 ? disable : named;
      expect({ call, reasons: reasonsOf(call, [...SECOND_FACTOR_REFUSALS, ...LIMITED]) }).toEqual({
        call,
        reasons: sorted([...reasons, 'ORIGIN_REFUSED']),
      });
    }
  });

  test('give each call of OrganizationService every reason that its proto names', () => {
    const documented = new Map(documentedErrors('organization_service.proto').map((row) => [row.call, row.reasons]));
    for (const call of ADMIN_CALLS.filter((each) => !USER_CALLS.includes(each))) {
      expect({ call, reasons: reasonsOf(call, [...ADMIN_REFUSALS, ...LIMITED]) }).toEqual({
        call,
        reasons: sorted([...ADMIN_COMMON, ...(documented.get(call) ?? [])]),
      });
    }
  });

  test('give each call of UserService every reason that its proto names', () => {
    const documented = new Map(documentedErrors('user_service.proto').map((row) => [row.call, row.reasons]));
    for (const call of USER_CALLS) {
      const denied = READS_OF_USERS.includes(call) ? [] : ['ACCESS_DENIED'];
      const common = [...ADMIN_COMMON, 'API_KEY_INVALID', 'ORGANIZATION_NOT_FOUND', ...denied];
      expect({ call, reasons: reasonsOf(call, ADMIN_REFUSALS) }).toEqual({
        call,
        reasons: sorted([...common, ...(documented.get(call) ?? [])]),
      });
    }
  });

  test('give every call the reasons that are of no call in particular', () => {
    const refusals = [...SIX_CALL_REFUSALS, ...BY_MAIL_REFUSALS, ...SECOND_FACTOR_REFUSALS, ...ADMIN_REFUSALS];
    for (const call of [...CALLS, ...CALLS_BY_MAIL, ...SECOND_FACTOR_CALLS, ...ADMIN_CALLS]) {
      const own = reasonsOf(call, refusals);
      const given = new Set([...own, ...OUTAGES.map(({ reason }) => reason)]);
      expect({ call, missing: OF_EVERY_CALL.filter((reason) => !given.has(reason)) }).toEqual({ call, missing: [] });
    }
  });

  test('give the reasons of HTTP alone at every address of every call', () => {
    expect(sorted(Object.keys(HTTP_REFUSALS))).toEqual(sorted(HTTP_ALONE));
    for (const call of [...CALLS, ...CALLS_BY_MAIL, ...SECOND_FACTOR_CALLS, ...ADMIN_CALLS]) {
      const operations = HTTP_OPERATIONS.filter((operation) => operation.call === call);
      expect(operations.map(({ isRpc }) => isRpc)).toContain(true);
      expect(operations.map(({ isRpc }) => isRpc)).toContain(false);
    }
  });
});

/** The reasons of each call's comment `Errors: …` in a proto. */
function documentedErrors(file: string): { readonly call: string; readonly reasons: readonly string[] }[] {
  const proto = readFileSync(join(ROOT, 'proto/authflow/v1', file), 'utf8');
  return Array.from(proto.matchAll(/Errors: ([^.]*)\.\n {2}rpc (\w+)/g), ([, reasons = '', name = '']) => ({
    call: name.charAt(0).toLowerCase() + name.slice(1),
    reasons: sorted(reasons.match(/[A-Z_]{4,}/g) ?? []),
  }));
}

function reasonsOf(
  call: string,
  scenarios: readonly { readonly call: string; readonly reason: ErrorReason }[],
): readonly string[] {
  return sorted(new Set(scenarios.filter((scenario) => scenario.call === call).map(({ reason }) => reason)));
}

function sorted(reasons: Iterable<string>): readonly string[] {
  return [...reasons].sort();
}

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}
