import { create } from '@bufbuild/protobuf';
import { describe, expect, test, vi } from 'vitest';
import { FooBarResponseSchema, LogoutRequestSchema, ValidateRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { AuthError } from '../../src/domain/errors.ts';
import type { Ports } from '../../src/domain/ports.ts';
import type { IncomingCall } from '../../src/operations/call.ts';
import type { CallObserver } from '../../src/operations/call-observer.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { Operations } from '../../src/operations/pipeline.ts';
import { SERVICES } from '../../src/operations/services.ts';
import { rulesStand } from '../domain/rules.ts';
import { validate } from '../support/asked.ts';
import { unlimited } from '../support/limits.ts';

const SILENT: CallObserver = { answered: () => {}, failed: () => {}, refusedConnection: () => {} };

function operations(observer: Partial<CallObserver> = {}): Operations {
  return new Operations({
    services: SERVICES,
    ports: {} as Ports,
    observer: { ...SILENT, ...observer },
    limiter: unlimited(),
  });
}

/** Some operation, whose work is the test's own. */
function doing(perform: Operation['perform']): Operation {
  const [first] = SERVICES.flatMap((service) => service.operations);
  if (first === undefined) {
    throw new Error('The table is empty.');
  }
  return { ...first, perform };
}

function call(changes: Partial<IncomingCall> = {}): IncomingCall {
  return {
    entrance: 'http',
    arrivedAt: performance.now(),
    timeoutMs: null,
    header: () => null,
    peerAddress: () => '192.0.2.1',
    forwardedAddress: () => null,
    isGone: () => false,
    read: () => ({ message: create(LogoutRequestSchema), faults: [] }),
    ...changes,
  };
}

const REPLY = create(FooBarResponseSchema, { token: 'nonce' });

describe('an answer', () => {
  test('is told to the observer once, a success as a success', async () => {
    const answered = vi.fn();
    expect(
      await operations({ answered }).answer(
        doing(async () => REPLY),
        call(),
      ),
    ).toEqual({ reply: REPLY });
    expect(answered.mock.calls).toMatchObject([[{ entrance: 'http', reason: null }]]);
  });

  test('is given though the observer throws, whatever it is', async () => {
    const throwing = () => {
      throw new Error('The disk of the log is full.');
    };
    const table = operations({ answered: throwing, failed: throwing });
    expect(
      await table.answer(
        doing(async () => REPLY),
        call(),
      ),
    ).toEqual({ reply: REPLY });
    const failing = doing(() => Promise.reject(new Error('A fault of ours.')));
    expect(await table.answer(failing, call())).toMatchObject({ failure: { reason: 'INTERNAL' } });
  });

  test('is what the entrance refuses a call for, also where its deadline has passed', async () => {
    const perform = vi.fn(async () => REPLY);
    const read = () => {
      throw new AuthError('ORIGIN_REFUSED');
    };
    const late = call({ timeoutMs: 0, read });
    expect(await operations().answer(doing(perform), late)).toMatchObject({ failure: { reason: 'ORIGIN_REFUSED' } });
    const onTime = await operations().answer(doing(perform), call({ timeoutMs: 0 }));
    expect(onTime).toMatchObject({ failure: { reason: 'DEADLINE_EXCEEDED' } });
    expect(perform).not.toHaveBeenCalled();
  });

  test('leaves the work to its end where the deadline passes, which the work can see', async () => {
    let isDone = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = doing(async (_request, { context }) => {
      await vi.waitUntil(() => context.isAbandoned(), { timeout: 120_000 });
      isDone = true;
      resolve();
      return REPLY;
    });
    const answer = await operations().answer(slow, call({ timeoutMs: 20 }));
    expect(answer).toMatchObject({ failure: { reason: 'DEADLINE_EXCEEDED' } });
    await promise;
    expect(isDone).toBe(true);
  });
});

describe('Validate by a token that was shown before', () => {
  const stand = rulesStand();

  /** Answered with the ports of the stand; keys are found once a session was looked for. */
  async function answered(change: { readonly apiKey?: string } = {}) {
    const session = await stand.newSession(await stand.newUser());
    await validate(stand.ports, session);
    const { storage } = stand.ports;
    const looked = Promise.withResolvers<void>();
    const ports: Ports = {
      ...stand.ports,
      storage: {
        ...storage,
        findApiKey: async (hash) => {
          await looked.promise;
          return storage.findApiKey(hash);
        },
        findSession: (orgId, sessionId) => {
          looked.resolve();
          return storage.findSession(orgId, sessionId);
        },
      },
    };
    const { sessionToken, email, apiKey } = { ...session, ...change };
    const message = create(ValidateRequestSchema, { sessionToken, email, apiKey });
    const operation = SERVICES.flatMap(({ operations }) => operations).find(({ method }) => method.name === 'Validate');
    const table = new Operations({ services: SERVICES, ports, observer: SILENT, limiter: unlimited() });
    return table.answer(operation as Operation, call({ read: () => ({ message, faults: [] }) }));
  }

  test('looks for key and session at once', async () => {
    expect(await answered()).toMatchObject({ reply: { email: expect.any(String) } });
  });

  test('is refused for its key all the same, whatever became of the session', async () => {
    const { apiKey } = await stand.newUser();
    expect(await answered({ apiKey })).toMatchObject({ failure: { reason: 'SESSION_INVALID' } });
    expect(await answered({ apiKey: `${apiKey.slice(0, -2)}AA` })).toMatchObject({
      failure: { reason: 'API_KEY_INVALID' },
    });
  });
});
