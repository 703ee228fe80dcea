import { expect, onTestFinished, test } from 'vitest';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { newSqliteStore } from '../support/stores.ts';
import { inParallel, send } from './backend.ts';
import { Random } from './random.ts';
import { startServerProcess } from './server-process.ts';

/** docs/security.md, M2. */
const SAMPLES = 2_000;
const MOST_APART = 0.05;
/** A machine that does other things tells the same only of more samples: they are taken again so often, and judged together. */
const MOST_ROUNDS = 4;
const PEOPLE = 200;

const KINDS = ['known', 'verified', 'disabled', 'unknown'] as const;
type Kind = (typeof KINDS)[number];

const emailOf = (kind: Kind, person: number): string => `${kind.padEnd(8, '-')}${person}@example.com`;

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

function apartOf(samples: Readonly<Record<Kind, readonly number[]>>): number {
  const medians = Object.values(samples).map(median);
  return Math.max(...medians) / Math.min(...medians) - 1;
}

test('M2: a request for a mail takes the same time whoever has the address', async () => {
  const random = new Random(1);
  const store = newSqliteStore();
  onTestFinished(() => store.remove());
  const limits = { AUTHFLOW_LIMIT_MAIL_REQUEST: 'off', AUTHFLOW_LIMIT_FOOBAR: 'off', AUTHFLOW_LIMIT_SIGNUP: 'off' };
  const server = await startServerProcess({ ...store, environment: { ...store.environment, ...limits } });
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const created = await send(server.httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  const api_key = created.field('api_key');
  for (const kind of ['known', 'verified', 'disabled'] as const) {
    await inParallel(PEOPLE, 4, async (person) => {
      const email = emailOf(kind, person);
      const nonce = await send(server.httpAddress, '/auth/fooBar', { body: { identity: email, api_key } });
      const user = { email, password: 'Correct-Horse-7', fullname: 'Ada', disclaimed: true, api_key };
      const signUp = { ...user, foobar: nonce.field('token') };
      expect((await send(server.httpAddress, '/auth/signUp', { body: signUp })).outcome).toBe('OK');
    });
  }
  await store.query(`UPDATE users SET disabled_at = created_at WHERE email LIKE 'disabled%'`);
  await store.query(`UPDATE users SET email_verified_at = created_at WHERE email LIKE 'verified%'`);

  const samples: Record<Kind, number[]> = { known: [], verified: [], disabled: [], unknown: [] };
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const left = [...KINDS];
      while (left.length > 0) {
        for (const kind of left.splice(random.below(left.length), 1)) {
          const email = emailOf(kind, sample % PEOPLE);
          const sentAt = performance.now();
          const { outcome } = await send(server.httpAddress, '/auth/forgot-password', { body: { email, api_key } });
          samples[kind].push(performance.now() - sentAt);
          expect(outcome).toBe('OK');
        }
      }
    }
    if (apartOf(samples) <= MOST_APART) {
      break;
    }
  }
  const each = KINDS.map((kind) => `${kind} ${median(samples[kind]).toFixed(3)} ms`).join(', ');
  const told = `${each}, ${(100 * apartOf(samples)).toFixed(1)} % apart in ${samples.known.length} each`;
  console.log(told);
  expect(apartOf(samples), told).toBeLessThanOrEqual(MOST_APART);
}, 1_200_000);
