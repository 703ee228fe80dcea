import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { HashSlot } from '../../../src/domain/ports.ts';
import { WIRE_CODES } from '../../../src/transport/error-mapping.ts';
import type { TestServer } from '../../support/running-server.ts';
import type { Entrance, Fields } from './entrance.ts';
import type { EntranceKind } from './entrances.ts';
import { failuresOf, type RefusalScenario, spendsNonce } from './scenario.ts';
import { expectUnchanged, type SpentNonceRow, type StoreReader } from './store-dump.ts';

/** A server with what stands on it, entered by one entrance. */
export interface Stage<Name extends string, W> {
  readonly kind: EntranceKind<Name>;
  readonly server: TestServer;
  readonly world: W;
  readonly entrance: Entrance<Name>;
  readonly store: StoreReader;
}

/** What every world has. */
interface Tenants {
  readonly acme: { readonly orgId: string };
}

/** The scenarios that an entrance can be asked. */
export function askable<Name extends string, W>(
  kind: EntranceKind<Name>,
  scenarios: readonly RefusalScenario<Name, W>[],
): readonly RefusalScenario<Name, W>[] {
  return scenarios.filter(
    ({ only }) => only === undefined || (only === 'rpc' ? kind.codes === 'grpc' : kind.port === 'http'),
  );
}

/** Plays a scenario: the refusal is told in full, and the store is as it was but for a nonce that was spent and a failure that was counted. */
export async function expectRefused<Name extends string, W extends Tenants>(
  { kind, server, world, entrance, store }: Stage<Name, W>,
  scenario: RefusalScenario<Name, W>,
): Promise<void> {
  const { call, reason, violations = [], overloaded = false, waits = reason === 'OVERLOADED' } = scenario;
  const { params, headers = {} } = await scenario.request(world);
  const spent = spendsNonce(scenario) ? spentNonceOf(server, world.acme.orgId, params) : null;
  const before = await store.read();
  const slots = overloaded ? await takeEverySlot(server) : [];
  const answer = await entrance.call(call, params, headers);
  for (const slot of slots) {
    slot.release();
  }
  const { methods, makesChallenge = methods !== undefined, proves = false } = scenario;
  const next = { challenge: expect.stringMatching(/^[\w-]{96}$/), methods, expires_at: INSTANT };
  expect(answer).toEqual({
    ...(methods === undefined ? {} : { next }),
    reason,
    status: WIRE_CODES[reason][kind.codes],
    violations,
    waits,
    message: expect.stringMatching(/./),
  });
  if (!proves) {
    expectUnchanged(before, await store.read(), { spent, failed: failuresOf(scenario), makesChallenge });
  }
}

const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

/** Spent ids are kept an hour past their expiry (docs/contract.md, section 3). */
const KEEP_SPENT_MS = 60 * 60 * 1000;

/** The row that the nonce of these parameters leaves. It is bound to an e-mail alone or to this organization. */
function spentNonceOf({ ports }: TestServer, orgId: string, { foobar, email }: Fields): SpentNonceRow {
  const nonce = ports.nonces.verify(String(foobar), { email: String(email), orgId });
  if (nonce === null) {
    throw new Error('The scenario sends no nonce that could be spent.');
  }
  return { nonce_id: nonce.nonceId, keep_until: nonce.expiresAt + KEEP_SPENT_MS };
}

/** Each for an organization of its own and the highest class: all have their turn, and nobody gives way. */
async function takeEverySlot({ ports }: TestServer): Promise<HashSlot[]> {
  const slots: HashSlot[] = [];
  for (;;) {
    try {
      const caller = { orgId: randomUUID(), callerClass: 'private_key' } as const;
      slots.push(await ports.passwords.acquire(caller, { isAbandoned: () => false }));
    } catch {
      return slots;
    }
  }
}
