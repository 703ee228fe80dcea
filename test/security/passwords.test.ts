import { createHash } from 'node:crypto';
import { credentials } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { startTestServer } from '../support/running-server.ts';
import { storeOfTest } from '../support/stores.ts';
import { ask, authClient, errorOf } from '../transport/grpc/test-server.ts';
import { Backend, hashesOf, PASSWORD, serverOfTest } from './backend.ts';

const EMAIL = 'user@example.com';

test('P1: the whole of a password beyond 72 bytes counts at login', async () => {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  // 32 code points, 113 bytes.
  const long = `Aa1-${'😀'.repeat(27)}z`;
  expect(Buffer.byteLength(long)).toBeGreaterThan(72);
  expect((await backend.signUp(EMAIL, long)).outcome).toBe('OK');
  expect((await backend.login(EMAIL, long)).outcome).toBe('OK');

  const user = await server.ports.storage.findUserByEmail(orgId, EMAIL);
  const stored = await server.ports.storage.findUserCredentials(orgId, user?.userId ?? '');
  const bytes = Buffer.from(long);
  const others = [
    `${long.slice(0, -1)}y`,
    long.slice(0, -1),
    bytes.subarray(0, 72).toString(),
    bytes.subarray(0, 71).toString('latin1'),
    createHash('sha256').update(long).digest('base64'),
    createHash('sha256').update(long).digest('hex'),
    stored?.passwordHash ?? '',
  ];
  for (const other of others) {
    expect((await backend.login(EMAIL, other)).outcome).toBe('CREDENTIALS_INVALID');
    // So that none of them meets the lock that the others bring about.
    expect((await backend.login(EMAIL, long)).outcome).toBe('OK');
  }
});

test('P1: a NUL or another control character is a wrong password, never a shorter one', async () => {
  const server = await serverOfTest();
  const { apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  await backend.signUp(EMAIL);
  for (const other of [`${PASSWORD}\0`, `${PASSWORD}\0${PASSWORD}`, `\0${PASSWORD}`, `${PASSWORD}\u0085`]) {
    expect((await backend.login(EMAIL, other)).outcome).toBe('CREDENTIALS_INVALID');
    const foobar = await backend.nonce('new@example.com');
    const fields = { foobar, email: 'new@example.com', password: other, fullname: 'Ada', disclaimed: 'true' };
    expect((await backend.call('signUp', fields)).outcome).toBe('PASSWORD_POLICY');
  }
});

test('P2: a decomposed spelling logs in, and 7 astral characters are too few', async () => {
  const server = await serverOfTest();
  const { apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  const composed = 'Ünïcödé-7';
  expect((await backend.signUp(EMAIL, composed.normalize('NFC'))).outcome).toBe('OK');
  expect((await backend.login(EMAIL, composed.normalize('NFD'))).outcome).toBe('OK');
  expect((await backend.signUp('a@example.com', composed.normalize('NFD'))).outcome).toBe('OK');
  expect((await backend.login('a@example.com', composed.normalize('NFC'))).outcome).toBe('OK');
  // 𝐀 is an upper-case, 𝐚 a lower-case letter, 𝟏 a digit.
  expect((await backend.signUp('b@example.com', '𝐀𝐚𝟏😀😀😀😀')).outcome).toBe('PASSWORD_POLICY');
  expect((await backend.signUp('b@example.com', '𝐀𝐚𝟏😀🎉🚀🌍🍕')).outcome).toBe('OK');
});

test('P1: the last of 128 characters of four bytes counts', async () => {
  const server = await serverOfTest({ settings: { passwordPolicy: 'nist' } });
  const { apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  // One after the other from 😀 on.
  const long = String.fromCodePoint(...Array.from({ length: 128 }, (_, index) => 0x1f600 + index));
  expect(Buffer.byteLength(long)).toBe(512);
  expect((await backend.signUp(EMAIL, long)).outcome).toBe('OK');
  expect((await backend.login(EMAIL, `${long.slice(0, -2)}😀`)).outcome).toBe('CREDENTIALS_INVALID');
  expect((await backend.login(EMAIL, long.slice(0, -2))).outcome).toBe('CREDENTIALS_INVALID');
  expect((await backend.login(EMAIL, long)).outcome).toBe('OK');
});

test('P3: a common password, or one of names, is refused, with the reason', async () => {
  const server = await serverOfTest();
  const { apiKey } = await server.createOrganization('Globulix AG');
  const backend = new Backend(server.httpAddress, apiKey);
  for (const [password, why] of [
    ['Password-2024', 'common'],
    ['P@ssw0rd123!', 'common'],
    ['1Qaz2wsx!', 'neighbours'],
    ['Globulix-2024', 'organization'],
    ['Hopfenstange-1', 'e-mail'],
  ] as const) {
    const refused = await backend.signUp('hopfenstange@example.com', password);
    expect({ password, ...refused }).toMatchObject({ status: 400, outcome: 'PASSWORD_POLICY' });
    expect(refused.field('message')).toContain(why);
  }
  expect((await backend.signUp('hopfenstange@example.com')).outcome).toBe('OK');
});

test('P4: a hash is upgraded at the next right login, and never by a wrong one', async () => {
  const testStore = await storeOfTest();
  const before = await startTestServer({ testStore });
  const { orgId, apiKey } = await before.createOrganization();
  await new Backend(before.httpAddress, apiKey).signUp(EMAIL);
  await before.stop();

  const { ports, httpAddress } = await serverOfTest({ testStore, settings: { bcryptCost: 5 } });
  const backend = new Backend(httpAddress, apiKey);
  const userId = (await ports.storage.findUserByEmail(orgId, EMAIL))?.userId ?? '';
  const stored = async () => (await ports.storage.findUserCredentials(orgId, userId))?.passwordHash ?? '';
  const old = await stored();
  expect(old).toMatch(/^\$2b\$04\$/);
  expect((await backend.login(EMAIL, `${PASSWORD}x`)).outcome).toBe('CREDENTIALS_INVALID');
  expect(await stored()).toBe(old);
  const session = (await backend.login(EMAIL)).field('token');
  const renewed = await stored();
  expect(renewed).toMatch(/^\$2b\$05\$/);
  expect((await backend.login(EMAIL)).outcome).toBe('OK');
  expect(await stored()).toBe(renewed);
  // A mere upgrade ends no session.
  expect((await backend.validate(EMAIL, session)).outcome).toBe('OK');
});

test('P5: a hostile length costs no hash and no nonce, on both ports', async () => {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  await backend.signUp(EMAIL);
  const session = (await backend.login(EMAIL)).field('token');
  const foobar = await backend.nonce(EMAIL);
  const hashes = await hashesOf(server.httpAddress);
  const grpc = authClient(server.grpcAddress, credentials.createInsecure());

  for (const [password, http, grpcCode] of [
    ['p'.repeat(1_025), 'INVALID_ARGUMENT', 3],
    ['é'.repeat(513), 'INVALID_ARGUMENT', 3],
    ['p'.repeat(1_048_576), 'PAYLOAD_TOO_LARGE', 8],
  ] as const) {
    const login = { foobar, email: EMAIL, password };
    const signUp = { ...login, fullname: 'Ada', disclaimed: 'true' };
    const change = { email: EMAIL, sessionToken: session };
    expect((await backend.call('login', login)).outcome).toBe(http);
    expect((await backend.call('signUp', signUp)).outcome).toBe(http);
    expect((await backend.changePassword(EMAIL, session, password)).outcome).toBe(http);
    const proof = { ...change, newPassword: PASSWORD, currentPassword: password };
    expect((await backend.call('changePassword', proof)).outcome).toBe(http);
    expect((await errorOf(ask(grpc, 'login', { ...login, orgId }))).code).toBe(grpcCode);
    expect((await errorOf(ask(grpc, 'signUp', { ...login, fullname: 'Ada', disclaimed: true, apiKey }))).code).toBe(
      grpcCode,
    );
  }
  expect(await hashesOf(server.httpAddress)).toBe(hashes);
  // Exactly 1,024 bytes are a wrong password, hashed once, and the nonce was still good for it.
  const longest = { foobar, email: EMAIL, password: 'p'.repeat(1_024) };
  expect((await backend.call('login', longest)).outcome).toBe('CREDENTIALS_INVALID');
  expect(await hashesOf(server.httpAddress)).toBe(hashes + 1);
});
