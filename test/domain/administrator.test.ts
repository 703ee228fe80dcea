import { expect, test } from 'vitest';
import { requireAdministrator } from '../../src/domain/administrator.ts';
import { outcomeOf, rulesStand } from './rules.ts';

const stand = rulesStand();

test('the admin token alone opens the management of organizations: no API key does', async () => {
  const { apiKey } = await stand.newTenant();
  const outcome = (token: string) => outcomeOf(requireAdministrator(stand.ports, token));
  expect(await outcome(`afadm_${'A'.repeat(43)}`)).toBe('OK');
  for (const token of ['', apiKey, `afadm_${'B'.repeat(43)}`, ` afadm_${'A'.repeat(43)}`]) {
    expect(await outcome(token)).toBe('ADMIN_TOKEN_INVALID');
  }
});
