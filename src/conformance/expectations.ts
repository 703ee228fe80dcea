import { status } from '@grpc/grpc-js';
import type { Fields, NextStep, Reply } from './entrance.ts';
import { demand, demandEqual, shown } from './mismatch.ts';
import { REASONS, type Reason } from './reasons.ts';

/** What a field of a success must be: this very value, or something of a form. */
export type Expected = string | number | boolean | Form;

/** A form of values. Its values are never shown: most are secrets. */
export interface Form {
  readonly form: string;
  fits(value: unknown): boolean;
}

/** An id: a UUID in lower case. */
export const UUID = textOf('a UUID in lower case', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
/** An instant: RFC 3339 in whole seconds with `Z`. */
export const INSTANT = textOf('RFC 3339 in whole seconds with Z', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
/** An opaque token. */
export const TOKEN = textOf('a token', /^[\x21-\x7e]+$/);
/** A session token. */
export const JWT = textOf('a JWT', /^[\w-]+\.[\w-]+\.[\w-]+$/);

/** Text, which may be empty. */
export const TEXT = textOf('text', /^/);
/** Recovery codes: ten, in groups of four of Crockford's base32. */
export const RECOVERY_CODES: Form = {
  form: 'ten recovery codes, each of four groups of four',
  fits: (value) =>
    Array.isArray(value) &&
    new Set(value).size === 10 &&
    value.every((code) => typeof code === 'string' && /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/.test(code)),
};
/** A list without members. */
export const NO_LIST: Form = { form: 'an empty list', fits: (value) => Array.isArray(value) && value.length === 0 };

/** Demands a success that holds these fields. Others are allowed: a later release may tell more. */
export function demandSuccess(what: string, reply: Reply, expected: Readonly<Record<string, Expected>> = {}): Fields {
  demand(reply.ok, `${what}: a success`, `${what}: ${outcome(reply)}`);
  for (const [name, value] of Object.entries(expected)) {
    const got = reply.fields[name];
    const isForm = typeof value === 'object';
    const fits = isForm ? value.fits(got) : got === value;
    const wanted = isForm ? value.form : shown(value);
    // A value of a form may be a secret.
    const came = isForm ? `another ${typeof got}` : shown(got);
    const told = name in reply.fields ? `${name}: ${came}` : describedFields(reply);
    demand(fits, `${what}: ${name}: ${wanted}`, `${what}: ${told}`);
  }
  return reply.fields;
}

/** Demands a refusal with this reason and its code, and, where given, these faulty parameters and no others. */
export function demandRefusal(what: string, reply: Reply, reason: Reason, violations?: readonly string[]): void {
  const code = REASONS[reason][reply.codes];
  const named = violations === undefined ? null : [...violations].sort();
  const expected = `${what}: ${codeName(code)} ${reason}${faults(named ?? [])}`;
  demand(
    !reply.ok &&
      reply.status === code &&
      reply.reason === reason &&
      (named === null || named.join() === reply.violations.join()),
    expected,
    `${what}: ${outcome(reply, named !== null)}`,
  );
}

/** Demands a refusal with this reason that a login goes on from, by these methods; gives what it goes on with. */
export function demandNextStep(what: string, reply: Reply, reason: Reason, methods: readonly string[]): NextStep {
  demandRefusal(what, reply, reason);
  const { nextStep } = reply;
  const place =
    reply.codes === 'http' ? 'beside error, methods as a list' : 'in ErrorInfo, methods with commas between';
  demand(nextStep !== null, `${what}: challenge, methods and expires_at ${place}`, `${what}: not all of them there`);
  demandEqual(`methods of ${what}`, methods.join(', '), nextStep.methods.join(', '));
  for (const [name, value, { form, fits }] of [
    ['challenge', nextStep.challenge, TOKEN],
    ['expires_at', nextStep.expiresAt, INSTANT],
  ] as const) {
    demand(fits(value), `${name} of ${what}: ${form}`, `${name} of ${what}: another text`);
  }
  return nextStep;
}

/** Demands a success without fields. */
export function demandNoFields(what: string, reply: Reply): void {
  demand(
    reply.ok && Object.keys(reply.fields).length === 0,
    `${what}: a success with no fields`,
    `${what}: ${outcome(reply)}`,
  );
}

/** Demands a refusal, for whatever reason but this one. */
export function demandOtherRefusal(what: string, reply: Reply, reason: Reason): void {
  const isOther = !reply.ok && reply.reason !== reason;
  demand(isOther, `${what}: a refusal other than ${reason}`, `${what}: ${outcome(reply)}`);
}

/** A reply in a few words, without a value of its fields. */
export function outcome(reply: Reply, withFaults = true): string {
  return reply.ok
    ? `${codeName(reply.status)} with ${describedFields(reply)}`
    : `${codeName(reply.status)} ${reply.reason ?? 'without a reason'}${withFaults ? faults(reply.violations) : ''}`;
}

function describedFields({ fields }: Reply): string {
  const names = Object.keys(fields);
  return names.length === 0 ? 'no fields' : `the fields ${shown(names.join(', '))}`;
}

function codeName(code: number): string {
  return status[code] ?? String(code);
}

function faults(names: readonly string[]): string {
  return names.length === 0 ? '' : ` for ${shown(names.join(', '))}`;
}

function textOf(form: string, pattern: RegExp): Form {
  return { form, fits: (value) => typeof value === 'string' && pattern.test(value) };
}
