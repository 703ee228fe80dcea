import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuthFlow } from '@authflow/client';
import { describe, type ExpectStatic, test } from 'vitest';
import { CLIENTS } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { control, fromStand } from './support/stand.ts';

interface Call {
  readonly call: Exclude<keyof AuthFlow, 'close'>;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: Readonly<Record<string, unknown>>;
  readonly withinMs?: number;
}

interface Case {
  readonly behaviour: number;
  readonly name: string;
  readonly deadlineMs?: number;
  readonly parallel?: boolean;
  readonly calls: readonly Call[];
}

const vectors: { readonly apiKey: string; readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(join(fromStand('AUTHFLOW_TEST_VECTORS'), 'client-behaviour.json'), 'utf8'),
);
const cases = vectors.cases.map((testCase, index) => ({ ...testCase, index }));

describe.each(CLIENTS)('the %s client', (_name, connect) => {
  test.concurrent.for(cases)('$behaviour: $name', async ({ index, calls, parallel, deadlineMs }, { expect }) => {
    // The two clients share no scripted server: starting a case anew ends the one before.
    const addresses: { grpc: string; http: string } = JSON.parse(await control(`cases/${index}`));
    const client = connect({
      ...addresses,
      apiKey: vectors.apiKey,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
    const make = async (call: Call) => {
      // A timer of this very process: where the machine is busy, the client's own come later too.
      const options = call.withinMs === undefined ? {} : { signal: AbortSignal.timeout(call.withinMs) };
      const outcome = client[call.call](named(call.arguments), options);
      if (call.error === undefined) {
        expectResult(expect, await outcome, call.result);
      } else {
        expect(await rejection(outcome)).toMatchObject({ name: 'AuthFlowError', ...call.error });
      }
    };
    if (parallel === true) {
      await Promise.all(calls.map(make));
    } else {
      for (const call of calls) {
        await make(call);
      }
    }
    expect(JSON.parse(await control(`cases/${index}`, 'GET'))).toEqual({ faults: [] });
    client.close();
  });
});

/** By the names of this client, which differ from the wire's in this one alone. */
function named({ session_id: sessionId, ...args }: Call['arguments']): never {
  return (sessionId === undefined ? args : { ...args, sessionId }) as never;
}

/** Serialized it has the wire's names and no token, which is there nevertheless. */
function expectResult(expect: ExpectStatic, result: unknown, wanted: Call['result'] = {}): void {
  const { token, ...fields } = wanted;
  expect(Object(result).token).toBe(token);
  const serialized = JSON.parse(JSON.stringify(Array.isArray(result) ? { sessions: result } : (result ?? {})));
  expect('endedSessions' in serialized ? { ended_sessions: serialized.endedSessions } : serialized).toEqual(fields);
}
