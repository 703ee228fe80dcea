import { AuthFlowError } from '@authflow/client';
import { expect, test } from 'vitest';
import { CLIENTS, newOrganization, newSession } from './support/organization.ts';
import { control } from './support/stand.ts';

/** Far more than fit into the pause. */
const MOST_CALLS = 100_000;

test.each(CLIENTS)('the %s client outlives a restart of its server', async (_, connect) => {
  const { apiKey } = await newOrganization();
  const client = connect({ apiKey });
  const session = await newSession(client);
  const errors: unknown[] = [];
  let wasDown = false;
  const restart = control('restart?down_ms=300').then(() => {
    wasDown = true;
  });
  let validInARow = 0;
  for (let calls = 0; validInARow < 50 && calls < MOST_CALLS; calls += 1) {
    try {
      await client.validate(session);
      validInARow = wasDown ? validInARow + 1 : 0;
    } catch (error) {
      errors.push(error);
      validInARow = 0;
    }
  }
  await restart;
  expect(validInARow).toBe(50);
  expect(errors.filter((error) => !(error instanceof AuthFlowError && error.code === 'UNAVAILABLE'))).toEqual([]);
  await client.logout(session);
  client.close();
});
