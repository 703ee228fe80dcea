import { inspect } from 'node:util';
import { AuthFlowError, toAuthFlowError } from '@authflow/client';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { REFUSED, type Refusal } from './support/refusing.ts';
import { rejection } from './support/rejection.ts';

const LOGIN = { email: 'ada@example.com', password: 'Analytical-1843' };
const SECRET = 'gQFhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg';
const FIELDS = { challenge: SECRET, methods: ['totp', 'telepathy'], expires_at: '2027-01-01T12:10:00Z' };
const SECOND_FACTOR: Refusal = { grpc: 16, http: 401, reason: 'SECOND_FACTOR_REQUIRED', fields: FIELDS };
const PASSWORD_CHANGE: Refusal = {
  grpc: 7,
  http: 403,
  reason: 'PASSWORD_CHANGE_REQUIRED',
  fields: { ...FIELDS, methods: ['change_password'] },
};

describe.each(REFUSED)('the %s client', (_, refused) => {
  test('tells the next step with the error of a login', async () => {
    const { client } = await refused(SECOND_FACTOR);
    const error = await rejection(client.login(LOGIN));
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'SECOND_FACTOR_REQUIRED', statusCode: 401 });
    const { challenge } = error as AuthFlowError;
    expect(challenge?.challenge).toBe(SECRET);
    expect(challenge).toEqual({
      reason: 'SECOND_FACTOR_REQUIRED',
      methods: ['totp', 'telepathy'],
      expiresAt: new Date('2027-01-01T12:10:00Z'),
    });
    expect(Object.isFrozen(challenge?.methods)).toBe(true);
  });

  test.each([SECOND_FACTOR, PASSWORD_CHANGE])('resolves with the next step of $reason', async (refusal) => {
    const { client } = await refused(refusal);
    const answer = { challenge: 'former', code: '123456' };
    for (const step of [
      await client.loginStep(LOGIN),
      await client.verifyTotp(answer),
      await client.verifyEmailCode(answer),
      await client.verifyRecoveryCode({ challenge: 'former', recoveryCode: '0123-4567-89AB-CDEF' }),
    ]) {
      expect(step).toMatchObject({ reason: refusal.reason, challenge: SECRET });
      expect('challenge' in step && step.methods).toEqual(refusal.fields?.methods);
    }
    const confirming = client.confirmTotp(answer);
    expect(await rejection(confirming)).toMatchObject({ reason: refusal.reason, challenge: { challenge: SECRET } });
  });

  test.each([
    ['without a challenge', { challenge: undefined }],
    ['with an empty one', { challenge: '' }],
    ['without methods', { methods: undefined }],
    ['with empty methods', { methods: [''] }],
    ['without an end', { expires_at: undefined }],
    ['with an end that is no instant', { expires_at: 'tomorrow' }],
    ['with an end in another form', { expires_at: 'Fri, 01 Jan 2027 12:10:00 GMT' }],
    ['with an end that does not exist', { expires_at: '2027-13-01T12:10:00Z' }],
    ['with nothing', { challenge: undefined, methods: undefined, expires_at: undefined }],
  ])('has none of a reason %s', async (_, broken) => {
    const fields = Object.entries({ ...FIELDS, ...broken }).filter(([, value]) => value !== undefined);
    const { client } = await refused({ ...SECOND_FACTOR, fields: Object.fromEntries(fields) });
    for (const call of [() => client.login(LOGIN), () => client.loginStep(LOGIN)]) {
      expect(await rejection(call())).toMatchObject({ reason: 'SECOND_FACTOR_REQUIRED', challenge: null });
    }
  });

  test('has none of other reasons', async () => {
    const { client } = await refused({ ...SECOND_FACTOR, reason: 'CODE_INVALID' });
    expect(await rejection(client.loginStep(LOGIN))).toMatchObject({ reason: 'CODE_INVALID', challenge: null });
  });

  test('tells the status that a server does of a second factor that is not there', async () => {
    const { client } = await refused({ grpc: 9, http: 409, reason: 'SECOND_FACTOR_NOT_ENABLED' });
    const call = client.sendEmailCode({ challenge: 'former' });
    expect(await rejection(call)).toMatchObject({ code: 'FAILED_PRECONDITION', statusCode: 409 });
  });

  test('prints no challenge, wherever the error goes', async () => {
    const { client } = await refused(SECOND_FACTOR);
    const error = (await rejection(client.login(LOGIN))) as AuthFlowError;
    const step = await client.loginStep(LOGIN);
    const lines: string[] = [];
    const log = pino({}, { write: (line) => lines.push(line) });
    for (const each of [error, error.challenge, error.cause, step, new Error('failed', { cause: error }), [step]]) {
      log.error(each, 'failed');
      log.info({ each }, 'told');
      const all = { depth: null, showHidden: true, getters: false, maxArrayLength: null, maxStringLength: null };
      lines.push(inspect(each, all), String(each), JSON.stringify(each) ?? '', inspect({ ...Object(each) }, all));
    }
    lines.push(inspect(structuredClone({ ...error.challenge })), inspect(structuredClone(error)), error.stack ?? '');
    const printed = lines.join('\n');
    expect(printed).toContain('SECOND_FACTOR_REQUIRED');
    expect(printed).toContain('telepathy');
    // Nor as the bytes and the base64 that gRPC had it in.
    for (const [name, secret] of formsOf(SECRET)) {
      expect([name, printed.includes(secret)]).toEqual([name, false]);
    }
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      statusCode: 401,
      error: 'SECOND_FACTOR_REQUIRED',
      message: 'Refused.',
    });
  });
});

test('an error of a raw stub gets the next step, too', async () => {
  const { client } = await (REFUSED[0]?.[1] ?? expect.fail())(SECOND_FACTOR);
  const { stub } = client as unknown as { readonly stub: { login(args: object): Promise<unknown> } };
  const error = toAuthFlowError(await rejection(stub.login({ foobar: '-', ...LOGIN })));
  expect(error.challenge?.challenge).toBe(SECRET);
});

test('an error can be made with a challenge, as a test of a backend needs it', () => {
  const challenge = {
    reason: 'SECOND_FACTOR_REQUIRED',
    challenge: SECRET,
    methods: ['totp'],
    expiresAt: new Date(0),
  } as const;
  const error = new AuthFlowError({ code: 'UNAUTHENTICATED', reason: challenge.reason, message: '', challenge });
  expect(error.challenge).toBe(challenge);
});

function formsOf(secret: string): ReadonlyArray<readonly [string, string]> {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((offset) => Buffer.from(`${'x'.repeat(offset)}${secret}`).toString('base64'));
  return [
    ['text', secret],
    // Of each alignment the part that does not depend on what stands beside it.
    ...base64.map((text, offset) => [`base64 ${offset}`, text.slice(4, 32)] as const),
    ['bytes', [...bytes.subarray(0, 8)].join(', ')],
    ['hexadecimal', bytes.subarray(0, 8).toString('hex')],
    ['hexadecimal bytes', (bytes.subarray(0, 8).toString('hex').match(/../g) ?? []).join(' ')],
  ];
}
