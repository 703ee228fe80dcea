import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { HashPool, HashPoolOptions } from '../../src/crypto/hash-pool.ts';
import type { HashJob } from '../../src/crypto/hash-threads.ts';
import type { Caller } from '../../src/domain/caller.ts';
import type { CallContext } from '../../src/domain/ports.ts';
import type { TestServer } from '../support/running-server.ts';
import { Backend, PASSWORD, serverOfTest, tally } from './backend.ts';
import { EMAIL, type Flood, type FloodedOrganization, flood, newOrganization } from './flood.ts';

const LOGINS = 9;
/** Some 8 ms a hash: long enough for a line to stand, however fast the machine is. */
const BCRYPT_COST = 7;
/** Enough to tell a tenth of a half. */
const HASHES = 160;

/** What happened in the pool, in order. */
interface PoolEvent {
  readonly what: 'asked' | 'turn' | 'ready' | 'hashed';
  readonly caller: Caller;
}

const events = vi.hoisted((): PoolEvent[] => []);

vi.mock('../../src/crypto/hash-pool.ts', async (importOriginal) => {
  const original = await importOriginal<{ HashPool: typeof HashPool }>();
  return {
    /** Of one thread: hashes end in the order in which they began. */
    HashPool: class extends original.HashPool {
      constructor(options: HashPoolOptions) {
        super({ ...options, threads: 1 });
      }

      override async acquire(caller: Caller, call: CallContext) {
        events.push({ what: 'asked', caller });
        const turn = await super.acquire(caller, call);
        events.push({ what: 'turn', caller });
        return {
          async run(job: HashJob) {
            events.push({ what: 'ready', caller });
            const result = await turn.run(job);
            events.push({ what: 'hashed', caller });
            return result;
          },
          release: () => turn.release(),
        };
      }
    },
  };
});

beforeEach(() => {
  events.length = 0;
});

interface Scene {
  readonly server: TestServer;
  readonly flooded: FloodedOrganization;
  readonly other: FloodedOrganization;
}

async function newScene(): Promise<Scene> {
  const server = await serverOfTest({ settings: { bcryptCost: BCRYPT_COST } });
  return { server, flooded: await newOrganization(server), other: await newOrganization(server) };
}

/** Until places are wanting. */
async function isFull(...floods: readonly Flood[]): Promise<void> {
  for (const { outcomes } of floods) {
    await expect.poll(() => outcomes.includes('OVERLOADED')).toBe(true);
  }
}

/** The next `count` hashes, as of whom. */
async function nextHashes(count: number): Promise<readonly Caller[]> {
  const from = events.length;
  const hashed = () => events.slice(from).filter(({ what }) => what === 'hashed');
  await expect.poll(() => hashed().length).toBeGreaterThanOrEqual(count);
  return hashed()
    .slice(0, count)
    .map(({ caller }) => caller);
}

/** Logins one after the other: how they ended, and for each how many hashes of others came before its own. */
async function logins({ httpAddress }: TestServer, apiKey: string, isOwn: (caller: Caller) => boolean) {
  const backend = new Backend(httpAddress, apiKey);
  const outcomes: string[] = [];
  const waits: { turn: number; hash: number }[] = [];
  for (let login = 0; login < LOGINS; login += 1) {
    const from = events.length;
    outcomes.push((await backend.login(EMAIL)).outcome);
    const seen = events.slice(from);
    const at = (wanted: PoolEvent['what']) => seen.findIndex(({ what, caller }) => what === wanted && isOwn(caller));
    const hashesBetween = (one: number, next: number) =>
      seen.slice(one, next).filter(({ what }) => what === 'hashed').length;
    waits.push({
      turn: hashesBetween(at('asked'), at('turn')),
      hash: hashesBetween(at('ready'), at('hashed')),
    });
  }
  return { outcomes, waits };
}

describe('L0: sixty callers flood one organization by org_id alone', () => {
  test('another’s logins, and its own with either key, all succeed, and wait for two hashes at most', async () => {
    const { server, flooded, other } = await newScene();
    await isFull(flood(server, { org_id: flooded.orgId }));
    const callers: [string, (caller: Caller) => boolean][] = [
      [other.tokenKey, ({ orgId }) => orgId === other.orgId],
      [flooded.privateKey, ({ callerClass }) => callerClass === 'private_key'],
      [flooded.tokenKey, ({ orgId, callerClass }) => orgId === flooded.orgId && callerClass === 'token_key'],
    ];
    for (const [apiKey, isOwn] of callers) {
      const { outcomes, waits } = await logins(server, apiKey, isOwn);
      expect(tally(outcomes)).toEqual({ OK: LOGINS });
      // The one that runs, and one that is the turn of a lower class.
      expect(waits.filter(({ turn, hash }) => turn > 0 || hash > 2)).toEqual([]);
    }
  });

  test('sign-ups and password changes get through as logins do', async () => {
    const { server, flooded, other } = await newScene();
    await isFull(flood(server, { org_id: flooded.orgId }));
    for (const apiKey of [other.tokenKey, flooded.privateKey]) {
      const backend = new Backend(server.httpAddress, apiKey);
      for (let round = 0; round < 3; round += 1) {
        const email = `new${round}@example.com`;
        expect((await backend.signUp(email)).outcome).toBe('OK');
        const session = (await backend.login(email)).field('token');
        expect((await backend.changePassword(email, session, `${PASSWORD}-new`)).outcome).toBe('OK');
      }
    }
    // By a session alone the caller is one of the flooded organization's without a key.
    const email = 'alone@example.com';
    const backend = new Backend(server.httpAddress, other.tokenKey);
    await backend.signUp(email);
    const session = (await backend.login(email)).field('token');
    const fields = { api_key: '', email, sessionToken: session, newPassword: `${PASSWORD}-new` };
    expect((await backend.call('changePassword', fields)).outcome).toBe('OK');
  });

  test('OVERLOADED goes to the flood alone, which spends no nonce for it', async () => {
    const { server, flooded, other } = await newScene();
    const { outcomes, end } = flood(server, { org_id: flooded.orgId });
    await isFull({ outcomes, end });
    await logins(server, other.tokenKey, ({ orgId }) => orgId === other.orgId);
    await end();
    const { OVERLOADED: refused = 0, OK: hashed = 0, ...others } = tally(outcomes);
    // NONCE_USED would be among them: the nonce of a refusal is tried again.
    expect(others).toEqual({});
    const ofFlood = events.filter(({ what, caller }) => what === 'hashed' && caller.callerClass === 'no_key');
    expect(ofFlood).toHaveLength(hashed);
    const metrics = await (await fetch(`${server.httpAddress}/metrics`)).text();
    expect(metrics).toContain(`authflow_password_hash_refusals_total{caller_class="no_key"} ${refused}\n`);
    expect(metrics).toContain('authflow_password_hash_refusals_total{caller_class="token_key"} 0\n');
    expect(metrics).toContain('authflow_password_hash_queue_length 0\n');
  });

  test('ids that nobody has take no turn', async () => {
    const { server, flooded } = await newScene();
    await isFull(flood(server, { org_id: flooded.orgId }));
    const from = events.length;
    const outcomes: string[] = [];
    while (outcomes.filter((outcome) => outcome === 'ORGANIZATION_NOT_FOUND').length < 100) {
      const orgId = server.ports.ids.uuidV4();
      const backend = new Backend(server.httpAddress, '');
      const foobar = await backend.nonce(EMAIL);
      const login = await backend.call('login', { foobar, email: EMAIL, password: PASSWORD, org_id: orgId });
      outcomes.push(login.outcome);
    }
    // Where everybody who has a place has a turn, nobody can give way: that is told before the store is asked for the organization.
    expect(outcomes.filter((outcome) => outcome !== 'ORGANIZATION_NOT_FOUND' && outcome !== 'OVERLOADED')).toEqual([]);
    expect(events.slice(from).filter(({ caller }) => caller.orgId !== flooded.orgId)).toEqual([]);
  });
});

describe('L0: more than one flood', () => {
  test('two flooded organizations get equal goodput, to a tenth', async () => {
    const { server, flooded, other } = await newScene();
    await isFull(...[flooded, other].map(({ orgId }) => flood(server, { org_id: orgId })));
    const hashed = tally((await nextHashes(HASHES)).map(({ orgId }) => orgId));
    for (const { orgId } of [flooded, other]) {
      expect(hashed[orgId]).toBeGreaterThanOrEqual((HASHES / 2) * 0.9);
      expect(hashed[orgId]).toBeLessThanOrEqual((HASHES / 2) * 1.1);
    }
  });

  test('an organization that floods by its keys has its callers without one at least one turn in eight', async () => {
    const { server, flooded } = await newScene();
    const keyless = flood(server, { org_id: flooded.orgId });
    await isFull(flood(server, { api_key: flooded.privateKey }), flood(server, { api_key: flooded.tokenKey }), keyless);
    const hashed = tally((await nextHashes(HASHES)).map(({ callerClass }) => callerClass));
    // That no eight in a row pass one over who waits, fair-queue.test.ts shows; here the callers of a class may all be on their way.
    expect(hashed.token_key).toBeGreaterThanOrEqual((HASHES / 8) * 0.9);
    expect(hashed.no_key).toBeGreaterThanOrEqual((HASHES / 8) * 0.9);
  });
});
