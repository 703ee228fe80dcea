import { expect, test } from 'vitest';
import { readFooBar } from '../../src/domain/auth/foo-bar.ts';
import { fooBar, login, signUp } from '../support/asked.ts';
import { CALL, outcomeOf, rulesStand } from './rules.ts';

const stand = rulesStand();

test('a nonce lives as long as the setting says, told in whole seconds', async () => {
  const before = Math.floor(stand.now / 1000);
  const { expiresAt } = await fooBar(stand.ports, { identity: 'ada@example.com', apiKey: '' });
  expect(expiresAt % 1000).toBe(0);
  expect(expiresAt / 1000 - stand.ports.rules.nonceTtlSeconds).toBeGreaterThanOrEqual(before);
  expect(expiresAt).toBeLessThanOrEqual(stand.now + stand.ports.rules.nonceTtlSeconds * 1000);
});

test('each nonce is another one', async () => {
  expect(await stand.nonce('ada@example.com')).not.toBe(await stand.nonce('ada@example.com'));
});

test('the e-mail may be spelled in any way that is the same address', async () => {
  const user = await stand.newUser();
  const foobar = await stand.nonce(` ${user.email.toUpperCase()} `);
  expect(await outcomeOf(login(stand.ports, { ...(await stand.loginInput(user)), foobar }, CALL))).toBe('OK');
});

test('without a key a nonce is bound to the e-mail alone: it is good in every organization', async () => {
  const [first, second] = [await stand.newTenant(), await stand.newTenant()];
  for (const tenant of [first, second]) {
    const input = await stand.signUpInput(tenant);
    const foobar = await stand.nonce(input.email);
    expect(await outcomeOf(signUp(stand.ports, { ...input, foobar }, CALL))).toBe('OK');
  }
});

test('with a key a nonce is bound to its organization', async () => {
  const [own, other] = [await stand.newTenant(), await stand.newTenant()];
  const input = await stand.signUpInput(own);
  const foobar = await stand.nonce(input.email, other.apiKey);
  expect(await outcomeOf(signUp(stand.ports, { ...input, foobar }, CALL))).toBe('NONCE_INVALID');
});

test('it does not tell whether a user exists: known and unknown get alike', async () => {
  const { email, apiKey } = await stand.newUser();
  const lengths = [email, stand.newEmail().replace(/\d+/, 'x'.repeat(20))].map(async (identity) => {
    const { token } = await fooBar(stand.ports, { identity, apiKey });
    return token.length;
  });
  const [known, unknown] = await Promise.all(lengths);
  expect(known).toBe(unknown);
});

test.each(['', 'ada', 'ada@127.0.0.1'])(
  'the identity %j is at fault, before the key is looked at',
  async (identity) => {
    expect(await outcomeOf(fooBar(stand.ports, { identity, apiKey: 'af_wrong' }))).toBe('INVALID_ARGUMENT identity');
  },
);

test('what the entrance found wrong is told with it', async () => {
  const faults = [{ field: 'api_key', message: 'is given twice' }];
  expect(await outcomeOf(() => readFooBar({ identity: '', apiKey: '' }, stand.ports.rules, faults))).toBe(
    'INVALID_ARGUMENT api_key identity',
  );
});

test('a key that is no key is refused, though none is needed', async () => {
  expect(await outcomeOf(fooBar(stand.ports, { identity: 'ada@example.com', apiKey: 'af_wrong' }))).toBe(
    'API_KEY_INVALID',
  );
});
