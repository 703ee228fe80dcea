import bcrypt from 'bcryptjs';
import { expect, test } from 'vitest';
import { Backend, PASSWORD, serverOfTest } from './backend.ts';
import { EMAIL, flood, newOrganization } from './flood.ts';

const LOGINS = 40;
const BCRYPT_COST = 10;

/** How long each of `LOGINS` logins took, in milliseconds, the longest last; the nonce is not counted. */
async function loginTimes(backend: Backend): Promise<readonly number[]> {
  const times: number[] = [];
  for (let login = 0; login < LOGINS; login += 1) {
    const foobar = await backend.nonce(EMAIL);
    const startedAt = performance.now();
    const { outcome } = await backend.call('login', { foobar, email: EMAIL, password: PASSWORD });
    times.push(performance.now() - startedAt);
    expect(outcome).toBe('OK');
  }
  return times.sort((one, other) => one - other);
}

test('L0: beside a flood by org_id alone each login takes at most twice its quiet time and one hash', async () => {
  const server = await serverOfTest({ settings: { bcryptCost: BCRYPT_COST } });
  const [flooded, other] = [await newOrganization(server), await newOrganization(server)];
  const backends = [other.tokenKey, flooded.privateKey].map((key) => new Backend(server.httpAddress, key));
  const hashedAt = performance.now();
  bcrypt.hashSync(PASSWORD, BCRYPT_COST);
  const hashMs = performance.now() - hashedAt;
  const quiet = [];
  for (const backend of backends) {
    quiet.push((await loginTimes(backend)).at(-1) ?? 0);
  }
  const { outcomes } = flood(server, { org_id: flooded.orgId });
  await expect.poll(() => outcomes.includes('OVERLOADED')).toBe(true);
  for (const [index, backend] of backends.entries()) {
    const longest = (await loginTimes(backend)).at(-1);
    expect(longest).toBeLessThanOrEqual(2 * (quiet[index] ?? 0) + hashMs);
  }
}, 300_000);
