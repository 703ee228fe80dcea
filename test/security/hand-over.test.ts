import { expect, test, vi } from 'vitest';
import type { TimeSources } from '../../src/app/clock.ts';
import { runHere } from '../cli/captured-terminal.ts';
import { Backend, patiently, send, serverOfTest } from './backend.ts';
import { pacedCalls } from './paced-calls.ts';

const EMAIL = 'user@example.com';
const BUSY_EMAIL = 'busy@example.com';
const CALLS_A_SECOND = 200;
const PUBLISHED_BEFORE_MS = 10 * 60_000;
const ROTATION_MS = 30 * 60_000;

/** What was added to the clocks of this process, in milliseconds. */
const time = vi.hoisted(() => ({ passed: 0 }));

vi.mock('../../src/app/clock.ts', async (importOriginal) => {
  const { createClock } = await importOriginal<{ createClock: (sources: TimeSources) => unknown }>();
  const passing = (source: () => number) => () => source() + time.passed;
  const SYSTEM_TIME: TimeSources = { wall: passing(Date.now), monotonic: passing(() => performance.now()) };
  return { SYSTEM_TIME, createClock: () => createClock(SYSTEM_TIME) };
});

function kidOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
}

test(`K2: one signing key hands over to the next, twice by command and once by time, under ${CALLS_A_SECOND} calls a second to two servers, and no call fails; older tokens stay good`, async () => {
  // The test's own jumps end no nonce.
  const settings = { nonceTtlSeconds: 3_600, signingKeyRotationMs: ROTATION_MS };
  const first = await serverOfTest({ settings });
  const { testStore } = first;
  const servers = [first, await serverOfTest({ settings, testStore })];
  const { apiKey } = await first.createOrganization();
  const backend = (index: number) => new Backend(servers[index % servers.length]?.httpAddress ?? '', apiKey);
  const loginAt = (index: number, email = EMAIL) => patiently(() => backend(index).login(email));
  await backend(0).signUp(EMAIL);
  await backend(0).signUp(BUSY_EMAIL);
  const tokens = [(await loginAt(0)).field('token')];
  const calls = pacedCalls(CALLS_A_SECOND, {
    async validate(index) {
      const token = tokens[index % tokens.length] ?? '';
      return [(await patiently(() => backend(index).validate(EMAIL, token))).outcome];
    },
    async login(index) {
      const login = await loginAt(index / 10, BUSY_EMAIL);
      const validated = await patiently(() => backend(index / 10 + 1).validate(BUSY_EMAIL, login.field('token')));
      return [login.outcome, validated.outcome];
    },
  });
  const published = async (index: number) => {
    const page = await send(servers[index]?.httpAddress ?? '', '/.well-known/jwks.json', { method: 'GET' });
    return (JSON.parse(page.text).keys as { kid: string }[]).map(({ kid }) => kid);
  };
  const rotate = async () => {
    const { stdout } = await runHere(['signing-key', 'rotate', '--json'], { ...testStore.environment });
    return JSON.parse(stdout).kid as string;
  };
  // Who starts looks once within ten minutes: at once by this.
  const startLate = async () => {
    const before = await published(0);
    time.passed += ROTATION_MS;
    const random = vi.spyOn(Math, 'random').mockReturnValue(0);
    servers.push(await serverOfTest({ settings, testStore }));
    random.mockRestore();
    const added = async () => (await published(0)).filter((kid) => !before.includes(kid));
    await expect.poll(async () => (await added()).length).toBe(1);
    return (await added())[0] ?? '';
  };
  for (const [round, next] of [rotate, rotate, startLate].entries()) {
    const kid = await next();
    for (const index of servers.keys()) {
      await expect.poll(() => published(index)).toContain(kid);
    }
    expect(kidOf((await loginAt(round)).field('token'))).not.toBe(kid);
    time.passed += PUBLISHED_BEFORE_MS;
    const token = (await loginAt(round)).field('token');
    expect(kidOf(token)).toBe(kid);
    tokens.push(token);
  }
  await calls.answered();
  const { OK = 0, ...failed } = await calls.stop();
  expect(failed).toEqual({});
  expect(OK).toBeGreaterThan(0);
  expect(new Set(tokens.map(kidOf)).size).toBe(4);
});
