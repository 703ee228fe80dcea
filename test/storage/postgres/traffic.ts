import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { LoginAttempt, NewUser, SpentNonce } from '../../../src/domain/auth/storage.ts';
import type { SessionSubject } from '../../../src/domain/sessions/storage.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import { addUser, loginAttempt, NOW, newSession, nonce, type Org, populate } from '../fixtures.ts';

/** Between a refusal and the next call of the same client. */
const AFTER_REFUSAL_MS = 20;
const UNHEARD: readonly string[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED'];

/** What callers saw, in milliseconds of the test's clock. */
export interface Seen {
  readonly at: number;
  readonly took: number;
  /** `done`, or the reason of the refusal. */
  readonly outcome: string;
}

/** Clients that write and read through the nodes of a store, and keep account of what was acknowledged. */
export interface Traffic {
  readonly seen: readonly Seen[];
  /** Calls that were answered, per client. */
  answered(): readonly number[];
  /** Calls that were refused, of all clients. */
  refused(): number;
  /** What clients know to be done: nonces spent, sessions ended. */
  acknowledged(): Pick<Account, 'nonces' | 'endings'>;
  /** Rejected with what a client met that it must not meet; it has ended then, and is answered no more. */
  readonly met: Promise<unknown>;
  /** Ends the clients. Gives logins with every nonce that was spent. */
  stop(): Promise<readonly LoginAttempt[]>;
  /** Ends the clients, and holds the store to all that was acknowledged. */
  finish(check: Storage): Promise<Account>;
}

export interface Account {
  readonly calls: number;
  readonly nonces: number;
  readonly sessions: number;
  readonly endings: number;
  /** Nonces of which nobody knows. */
  readonly unknown: number;
  readonly byOutcome: Readonly<Record<string, number>>;
  readonly longestMs: number;
}

interface Ledger {
  readonly seen: Seen[];
  readonly answered: number[];
  refused: number;
  readonly spent: SpentNonce[];
  readonly created: SessionSubject[];
  readonly ended: SessionSubject[];
  unknown: number;
  calls: number;
  isOver: boolean;
}

export interface TrafficOptions {
  /** Handles of the same store; the first fills it. */
  readonly nodes: readonly Storage[];
  readonly clientsPerNode: number;
  /** Whether sessions may vanish that were acknowledged; a nonce is never taken twice, and none that ended lives. */
  readonly mayLose?: boolean;
}

export async function startTraffic({ nodes, clientsPerNode, mayLose = false }: TrafficOptions): Promise<Traffic> {
  const [first] = nodes;
  if (first === undefined) {
    throw new Error('no node');
  }
  const { org } = await populate(first);
  const ledger: Ledger = {
    seen: [],
    answered: [],
    refused: 0,
    spent: [],
    created: [],
    ended: [],
    unknown: 0,
    calls: 0,
    isOver: false,
  };
  const running: Promise<void>[] = [];
  for (const [n, node] of nodes.entries()) {
    const beside = nodes[(n + 1) % nodes.length] ?? node;
    for (let client = 0; client < clientsPerNode; client += 1) {
      const user = await addUser(first, org);
      const id = ledger.answered.push(0) - 1;
      running.push(runClient({ ledger, id, org, user, node, beside, mayLose }));
    }
  }
  // Nobody may wait for it before the end.
  const all = Promise.all(running);
  all.catch(() => undefined);
  return {
    seen: ledger.seen,
    met: all,
    answered: () => [...ledger.answered],
    refused: () => ledger.refused,
    acknowledged: () => ({ nonces: ledger.spent.length, endings: ledger.ended.length }),
    async stop() {
      ledger.isOver = true;
      await all;
      return ledger.spent.map((spent) => loginAttempt(org, { email: 'nobody@example.com' }, { nonce: spent }));
    },
    async finish(check) {
      ledger.isOver = true;
      await all;
      return settle(ledger, org, check);
    },
  };
}

interface Client {
  readonly ledger: Ledger;
  readonly id: number;
  readonly org: Org;
  readonly user: NewUser;
  readonly node: Storage;
  /** Another node, which the same nonce is shown to. */
  readonly beside: Storage;
  readonly mayLose: boolean;
}

async function runClient({ ledger, id, org, user, node, beside, mayLose }: Client): Promise<void> {
  while (!ledger.isOver) {
    const spent = nonce();
    const login = (storage: Storage) =>
      call(ledger, id, async () => (await storage.beginLogin(loginAttempt(org, user, { nonce: spent }))).outcome);
    const outcomes = await Promise.all([login(node), login(beside)]);
    for (let again = 0; again < 2; again += 1) {
      outcomes.push(await login(again === 0 ? beside : node));
    }
    const begun = outcomes.filter((outcome) => outcome === 'begun').length;
    expect(begun, `one nonce: ${outcomes}`).toBeLessThanOrEqual(1);
    if (begun === 1) {
      ledger.spent.push(spent);
    } else if (outcomes.includes('nonce_used')) {
      // Somebody's call that ended in DEADLINE_EXCEEDED: nothing else leaves it open.
      expect(outcomes).toContain('DEADLINE_EXCEEDED');
      ledger.unknown += 1;
    }

    const session = newSession(org, user);
    if ((await call(ledger, id, async () => (await node.createSession(session)).outcome)) !== 'created') {
      continue;
    }
    const subject = { orgId: org.orgId, userId: user.userId, email: user.email, sessionId: session.sessionId };
    ledger.created.push(subject);
    expect(UNHEARD.concat('live', mayLose ? 'gone' : [])).toContain(await stateOf(ledger, id, beside, subject));
    const ending = await call(ledger, id, () => node.endSession(subject, NOW + 1));
    if (ending === 'ended' || ending === 'already_ended') {
      ledger.ended.push(subject);
      expect(UNHEARD.concat('ended', mayLose ? 'gone' : [])).toContain(await stateOf(ledger, id, beside, subject));
    }
  }
}

function stateOf(ledger: Ledger, id: number, storage: Storage, { orgId, sessionId }: SessionSubject): Promise<string> {
  return call(ledger, id, async () => {
    const session = await storage.findSession(orgId, sessionId);
    if (session === null) {
      return 'gone';
    }
    return session.revokedAt === null ? 'live' : 'ended';
  });
}

/** The outcome, or the reason of a refusal; callers may see two. */
async function call(ledger: Ledger, id: number, ask: () => Promise<string>): Promise<string> {
  const at = performance.now();
  ledger.calls += 1;
  const note = (outcome: string) => ledger.seen.push({ at, took: performance.now() - at, outcome });
  try {
    const outcome = await ask();
    ledger.answered[id] = (ledger.answered[id] ?? 0) + 1;
    note('done');
    return outcome;
  } catch (error) {
    const { reason } = error as { readonly reason?: string };
    if (reason !== 'UNAVAILABLE' && reason !== 'DEADLINE_EXCEEDED') {
      throw error;
    }
    ledger.refused += 1;
    note(reason);
    await pause(AFTER_REFUSAL_MS);
    return reason;
  }
}

async function settle(ledger: Ledger, org: Org, check: Storage): Promise<Account> {
  for (const spent of ledger.spent) {
    const attempt = loginAttempt(org, { email: 'nobody@example.com' }, { nonce: spent });
    expect(await check.beginLogin(attempt)).toEqual({ outcome: 'nonce_used' });
  }
  for (const { orgId, sessionId } of ledger.created) {
    expect(await check.findSession(orgId, sessionId)).not.toBeNull();
  }
  for (const { orgId, sessionId } of ledger.ended) {
    expect(await check.findSession(orgId, sessionId)).toMatchObject({ revokedAt: NOW + 1 });
  }
  const byOutcome: Record<string, number> = {};
  for (const { outcome } of ledger.seen) {
    byOutcome[outcome] = (byOutcome[outcome] ?? 0) + 1;
  }
  return {
    calls: ledger.calls,
    nonces: ledger.spent.length,
    sessions: ledger.created.length,
    endings: ledger.ended.length,
    unknown: ledger.unknown,
    byOutcome,
    longestMs: Math.max(...ledger.seen.map(({ took }) => took)),
  };
}
