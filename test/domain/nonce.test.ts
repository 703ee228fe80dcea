import { expect, test } from 'vitest';
import { afterSpentNonce, readNonce } from '../../src/domain/auth/nonce.ts';
import { AuthError } from '../../src/domain/errors.ts';
import { NOBODY, outcomeOf, rulesStand } from './rules.ts';

const HOUR_MS = 3_600_000;
const EMAIL = 'ada@example.com';
const stand = rulesStand();

test('a spent id is kept an hour past the end of its nonce, so that clocks that differ cannot revive one', async () => {
  const expiresAt = Math.floor(stand.now / 1000) * 1000 + 60_000;
  const foobar = stand.ports.nonces.sign({ nonceId: NOBODY, expiresAt }, { email: EMAIL, orgId: null });
  expect(readNonce(stand.ports, foobar, { email: EMAIL, orgId: NOBODY })).toMatchObject({
    keepUntil: expiresAt + HOUR_MS,
  });
});

test('a nonce is good until its end, and not in that very moment', async () => {
  const expiresAt = Math.floor(stand.now / 1000) * 1000 + 60_000;
  const foobar = stand.ports.nonces.sign({ nonceId: NOBODY, expiresAt }, { email: EMAIL, orgId: null });
  const at = (now: number) =>
    outcomeOf(() => readNonce({ ...stand.ports, clock: { now: () => now } }, foobar, { email: EMAIL, orgId: NOBODY }));
  expect(await at(expiresAt - 1)).toBe('OK');
  expect(await at(expiresAt)).toBe('NONCE_EXPIRED');
});

test('what goes wrong after a nonce was spent is told as it is, but for UNAVAILABLE', async () => {
  const failing = (error: Error) =>
    afterSpentNonce(async () => {
      throw error;
    });
  await expect(failing(new AuthError('CREDENTIALS_INVALID'))).rejects.toMatchObject({ reason: 'CREDENTIALS_INVALID' });
  const unavailable = new AuthError('UNAVAILABLE');
  const error: unknown = await failing(unavailable).catch((caught: unknown) => caught);
  expect(error).not.toBeInstanceOf(AuthError);
  expect(error).toMatchObject({ cause: unavailable });
  expect(await afterSpentNonce(async () => 'done')).toBe('done');
});
