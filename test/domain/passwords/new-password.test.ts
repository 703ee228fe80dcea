import { describe, expect, test } from 'vitest';
import type { Ports } from '../../../src/domain/ports.ts';
import { readNewPassword, setPassword } from '../../../src/domain/users/set-password.ts';
import { changePassword, createOrganization, signUp } from '../../support/asked.ts';
import { CALL, outcomeOf, PASSWORD, rulesStand, type SignedUp, type Tenant } from '../rules.ts';

const stand = rulesStand();

/** Organizations have names of their own. */
async function tenantNamed(name: string): Promise<Tenant> {
  const { organization, apiKey } = await createOrganization(stand.ports, { name });
  return { orgId: organization.orgId, apiKey };
}

const signingUp = async (tenant: Tenant, password: string, email: string, ports: Ports = stand.ports) =>
  outcomeOf(signUp(ports, { ...(await stand.signUpInput(tenant, email)), password }, CALL));

const changing = async (user: SignedUp, newPassword: string, ports: Ports = stand.ports) =>
  outcomeOf(changePassword(ports, { ...(await stand.newSession(user)), newPassword, currentPassword: '' }, CALL));

const setting = async ({ orgId, email }: SignedUp, newPassword: string, ports: Ports = stand.ports) =>
  outcomeOf(() => setPassword(ports, readNewPassword({ orgId, user: email, newPassword }, ports.rules)));

/** Everybody here is called Ada Lovelace. */
const OF_NOBODY = ['Password-2024', 'Qwerty-123456', 'Aaaaaaa1!'];
const OF_HERS = [
  'Lovelace-1815',
  'Ada-Lovelace-1',
  'Hopfenstange-24',
  'Hopfenstang3!',
  'Globulix-2024',
  'Globulixx-1',
  'Hopfenstange@Example.com1',
];

describe('P3: a new password that would be guessed among the first is refused', () => {
  test('at a sign-up: no nonce is spent, and nothing hashed', async () => {
    const tenant = await tenantNamed('Globulix AG');
    const input = await stand.signUpInput(tenant, 'hopfenstange@example.com');
    const before = stand.hashes;
    for (const password of [...OF_NOBODY, ...OF_HERS]) {
      const outcome = await outcomeOf(signUp(stand.ports, { ...input, password }, CALL));
      expect({ password, outcome }).toEqual({ password, outcome: 'PASSWORD_POLICY' });
    }
    expect(stand.hashes).toBe(before);
    expect(await outcomeOf(signUp(stand.ports, input, CALL))).toBe('OK');
  });

  test('at a change and by an administrator: the old one stays', async () => {
    const tenant = await tenantNamed('Globulix KG');
    const user = await stand.newUser(tenant, 'hopfenstange@example.com');
    for (const password of [...OF_NOBODY, ...OF_HERS]) {
      expect({ password, outcome: await changing(user, password) }).toEqual({ password, outcome: 'PASSWORD_POLICY' });
      expect({ password, outcome: await setting(user, password) }).toEqual({ password, outcome: 'PASSWORD_POLICY' });
    }
    expect(await outcomeOf(stand.logIn(user))).toBe('OK');
  });

  test('is none where the names are others', async () => {
    const tenant = await tenantNamed('Initech');
    for (const [index, password] of OF_HERS.slice(2).entries()) {
      expect(await signingUp(tenant, password, `user-${index}@example.com`)).toBe('OK');
    }
  });

  test('on the list of breached ones it is, by whoever it is set', async () => {
    const user = await stand.newUser();
    const asked: string[] = [];
    const has = async (password: string): Promise<boolean> => {
      asked.push(password);
      return password === 'Kestrel-Onyx-41';
    };
    const ports = { ...stand.ports, breachedPasswords: { has } };
    expect(await signingUp(user, 'Kestrel-Onyx-41', stand.newEmail(), ports)).toBe('PASSWORD_POLICY');
    expect(await changing(user, 'Kestrel-Onyx-41', ports)).toBe('PASSWORD_POLICY');
    expect(await setting(user, 'Kestrel-Onyx-41', ports)).toBe('PASSWORD_POLICY');
    expect(asked).toHaveLength(3);
    expect(await setting(user, 'Marigold-Fjord-7', ports)).toBe('OK');
  });

  test('and says why', async () => {
    const tenant = await tenantNamed('Globulix SE');
    const input = await stand.signUpInput(tenant);
    await expect(signUp(stand.ports, { ...input, password: 'Globulix-2024' }, CALL)).rejects.toThrow(/organization/);
    await expect(signUp(stand.ports, { ...input, password: 'Password-2024' }, CALL)).rejects.toThrow(/common/);
  });

  test('a try is judged by nothing: who has such a password logs in with it', async () => {
    const user = await stand.newUser();
    const lax = { ...stand.ports, rules: { ...stand.ports.rules, commonWords: { has: () => false } } };
    expect(await setting(user, 'Password-2024', lax)).toBe('OK');
    expect(await outcomeOf(stand.logIn(user, 'Password-2024'))).toBe('OK');
    expect(await outcomeOf(stand.logIn(user, PASSWORD))).toBe('CREDENTIALS_INVALID');
  });
});
