import { describe, expect, test } from 'vitest';
import { ON_POSTGRES } from '../../support/stores.ts';
import { times } from '../../support/times.ts';
import { fuzz } from './batches.ts';
import { callsFuzzer, Tally } from './calls-fuzzer.ts';
import { Delivery } from './delivery.ts';
import { newSession, startFuzzedServer } from './fuzzed-server.ts';
import { ENTRANCES } from './requests.ts';
import { tokensFuzzer } from './tokens-fuzzer.ts';

/** By how many processes; on PostgreSQL, whose rows are the same and cost more, a quarter of them. */
const INPUTS: readonly (readonly [processes: number, inputs: number])[] = ON_POSTGRES
  ? [
      [1, times(7_000, { beside: 2_000 })],
      [2, times(3_500, { beside: 1_000 })],
    ]
  : [
      [1, times(28_000, { beside: 8_000 })],
      [2, times(14_000, { beside: 4_000 })],
    ];
const TOKENS = 8_000;

describe.runIf(process.platform === 'linux')('W2: whatever is sent is answered, and never with a fault of ours', () => {
  test.each(INPUTS)(
    'of %i processes: %i messages, bodies, queries, forms and headers through every entrance',
    async (workers, inputs) => {
      const server = await startFuzzedServer(workers);
      using delivery = new Delivery(server);
      const tally = new Tally();
      await fuzz(server, callsFuzzer(server, { delivery, tally, name: 'fuzz' }), { inputs, seed: workers });
      expect(tally.total).toBeGreaterThan(inputs * 0.8);
      // By each of them some come as deep as to a success.
      for (const entrance of ENTRANCES) {
        expect(tally.get(`${entrance}: 200`) ?? tally.get(`${entrance}: gRPC 0`), entrance).toBeGreaterThan(0);
      }
    },
  );

  test(`${TOKENS} changed session tokens, none of which opens anything`, async () => {
    const server = await startFuzzedServer();
    using delivery = new Delivery(server);
    const session = await newSession(server, 'ada@example.com');
    await fuzz(server, tokensFuzzer(session, delivery), { inputs: TOKENS, seed: 1 });
  });
});
