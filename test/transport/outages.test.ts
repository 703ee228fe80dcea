import { expect, test } from 'vitest';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { ON_POSTGRES } from '../support/stores.ts';
import { CALLS_BY_MAIL, goodMailParams } from './matrix/accounts-by-mail.ts';
import {
  ADMIN_CALLS,
  type AnyCallName,
  CALLS,
  type Entrance,
  type Fields,
  type Refusal,
  SECOND_FACTOR_CALLS,
  type SecondFactorCallName,
  type Success,
} from './matrix/entrance.ts';
import { type EntranceKind, ORGANIZATION_ENTRANCES, UNDER_AUTH } from './matrix/entrances.ts';
import { createAdminWorld, goodAdminRequest } from './matrix/organizations-world.ts';
import { OUTAGES } from './matrix/outages.ts';
import { goodParams } from './matrix/refusals.ts';
import type { Request } from './matrix/scenario.ts';
import { goodFactorParams } from './matrix/second-factors.ts';
import { expectUnchanged, openStoreDump } from './matrix/store-dump.ts';
import { createWorld } from './matrix/world.ts';

const DEADLINE_MS = 200;

test.concurrent.each(OUTAGES)(
  '$title: every call at every entrance is told $reason, in one fixed sentence, and the store is unchanged',
  async ({ reason, hurried, begin }) => {
    const server = await startTestServer();
    const store = await openStoreDump(server.testStore);
    const attempts = await attemptsAt(server);
    const before = await store.read();

    const end = await begin(server);
    // A deadline that no header names is ten seconds: all of them are waited for at once.
    const answers = await Promise.all(attempts.map((attempt) => attempt.send(hurried)));
    // What was only late goes on after the answer; missing tables cannot be read before they are back.
    const atTheAnswer = hurried ? await store.read() : null;
    await end();
    expectUnchanged(before, atTheAnswer ?? (await store.read()));

    const told = answers.map((answer, index) => ({ ...attempts[index]?.title, ...answer }));
    expect(told).toEqual(
      attempts.map(({ title, codes }) => ({
        ...title,
        reason,
        status: WIRE_CODES[reason][codes],
        violations: [],
        waits: false,
        message: expect.stringMatching(SENTENCES[reason] ?? /^$/),
      })),
    );
    if (reason === 'INTERNAL') {
      expectRequestIds(
        server,
        answers.map((answer) => ('message' in answer ? answer.message : 'a success')),
      );
    }

    await store.close();
    for (const { close } of attempts) {
      close();
    }
    await server[Symbol.asyncDispose]();
  },
);

const SENTENCES: Readonly<Record<string, RegExp>> = {
  INTERNAL: /^Something went wrong on the server\. Request id: [0-9a-f-]{36}\.$/,
  DEADLINE_EXCEEDED: /^The call took longer than its deadline\.$/,
  UNAVAILABLE: /^The service cannot answer right now\. Nothing was done\.$/,
};

/** Each has an id of its own, under which the log knows the cause. */
function expectRequestIds({ logLines }: TestServer, sentences: readonly string[]): void {
  expect(new Set(sentences).size).toBe(sentences.length);
  const failures = logLines.filter((line) => line.includes('call_failed'));
  expect(failures).toHaveLength(sentences.length);
  for (const sentence of sentences) {
    const [requestId = 'none'] = /[0-9a-f-]{36}/.exec(sentence) ?? [];
    expect(failures.find((line) => line.includes(requestId))).toContain(ON_POSTGRES ? '42P01' : 'SqliteError');
  }
}

/** A call at an entrance, with all that it would need to succeed. */
interface Attempt {
  readonly title: { readonly entrance: string; readonly call: string };
  readonly codes: 'grpc' | 'http';
  send(hurried: boolean): Promise<Success | Refusal>;
  close(): void;
}

async function attemptsAt(server: TestServer): Promise<Attempt[]> {
  const world = await createWorld(server);
  const adminWorld = await createAdminWorld(server);
  const attempts: Attempt[] = [];
  const factorCalls: [SecondFactorCallName, Fields][] = [];
  // Once for all entrances: each takes many calls to make, and none of them gets as far as to spend anything.
  for (const call of SECOND_FACTOR_CALLS) {
    factorCalls.push([call, await goodFactorParams(call, world)]);
  }
  for (const kind of UNDER_AUTH) {
    const entrance = kind.enter(server);
    for (const call of CALLS) {
      const params = { ...(await goodParams(call, world)), api_key: world.acme.apiKey };
      attempts.push(attemptOf(kind, entrance, call, { params }));
    }
    for (const call of CALLS_BY_MAIL) {
      attempts.push(attemptOf(kind, entrance, call, { params: await goodMailParams(call, world) }));
    }
    for (const [call, params] of factorCalls) {
      attempts.push(attemptOf(kind, entrance, call, { params }));
    }
  }
  for (const kind of ORGANIZATION_ENTRANCES) {
    const entrance = kind.enter(server);
    for (const call of ADMIN_CALLS) {
      attempts.push(attemptOf(kind, entrance, call, goodAdminRequest(call, adminWorld)));
    }
  }
  return attempts;
}

function attemptOf<Name extends AnyCallName>(
  { name, codes, deadline }: EntranceKind<Name>,
  entrance: Entrance<Name>,
  call: Name,
  { params, headers }: Request,
): Attempt {
  return {
    title: { entrance: name, call },
    codes,
    send: (hurried) => entrance.call(call, params, { ...headers, ...(hurried ? deadline(DEADLINE_MS) : {}) }),
    close: () => entrance.close(),
  };
}
