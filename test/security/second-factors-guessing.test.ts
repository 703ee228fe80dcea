import { expect, test } from 'vitest';
import {
  administer,
  codeAt,
  type FactorScene,
  factorScene,
  Person,
  STEP_MS,
  setUp,
  wrongCode,
} from './authenticator.ts';
import { inParallel, patiently, type Reply, tally } from './backend.ts';
import { Random } from './random.ts';

const EMAIL = 'ada@example.com';
const AT_ONCE = 64;
/** Wrong codes of a user in a row. */
const MOST_WRONG = 50;
const RANDOM_CODES = 10_000;
const SEED = 20_261_128;

async function enrolled(scene: FactorScene, email = EMAIL): Promise<Person> {
  const person = await new Person(scene, email).signUp();
  await person.proveAddress();
  return person.enrol();
}

function answer(person: Person, challenge: string, code: string): Promise<Reply> {
  return patiently(() => person.call('2fa/verify-2fa', { challenge, code }));
}

test('F2: one code in 64 calls at once, at ten challenges, opens one session', async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  for (let round = 0; round < 3; round += 1) {
    const challenges: string[] = [];
    for (let n = 0; n < 10; n += 1) {
      challenges.push(await ada.challenge());
    }
    const code = ada.code();
    const replies = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, n) => answer(ada, challenges[n % 10] ?? '', code)),
    );
    const outcomes = tally(replies.map(({ outcome }) => outcome));
    expect(outcomes.OK).toBe(1);
    expect(
      Object.keys(outcomes).filter((outcome) => !/^(OK|CODE_INVALID|CHALLENGE_INVALID|ACCOUNT_LOCKED)$/.test(outcome)),
    ).toEqual([]);
    expect(replies.filter((reply) => reply.field('token') !== '')).toHaveLength(1);
    // It was the latest of its kind: none of before it is good any more.
    const challenge = await ada.challenge();
    expect((await answer(ada, challenge, codeAt(ada.secret, scene.now() - STEP_MS))).outcome).toBe('CODE_INVALID');
  }
});

test('F2: with the right password before each challenge, and resets in between, fifty codes are compared; then a recovery code opens it', async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  const outcomes: string[] = [];
  for (let round = 0; round < 14; round += 1) {
    const challenge = await ada.challenge();
    const code = wrongCode(ada.secret, scene.now());
    const replies = await Promise.all(Array.from({ length: AT_ONCE }, () => answer(ada, challenge, code)));
    const told = replies.map(({ outcome }) => outcome);
    expect(tally(told).CODE_INVALID ?? 0).toBeLessThanOrEqual(5);
    outcomes.push(...told);
    if (round % 5 === 4) {
      expect((await ada.reset(`Another-Horse-${round}`)).outcome).toBe('OK');
    }
  }
  expect(tally(outcomes)).toEqual({
    CODE_INVALID: MOST_WRONG,
    CHALLENGE_INVALID: expect.any(Number),
    ACCOUNT_LOCKED: expect.any(Number),
  });
  // A right one is not compared any more: it would tell whoever guesses that they are there.
  expect((await answer(ada, await ada.challenge(), ada.code())).outcome).toBe('ACCOUNT_LOCKED');
  const used = { challenge: await ada.challenge(), recovery_code: ada.recoveryCodes[0] };
  expect((await ada.call('2fa/verify-recovery', used)).outcome).toBe('OK');
  expect((await answer(ada, await ada.challenge(), ada.code())).outcome).toBe('OK');
});

test('F2: wrong recovery codes have twenty tries of their own, and an administrator opens what is locked', async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  const outcomes: string[] = [];
  for (let tried = 0; tried < 25; tried += 5) {
    const challenge = await ada.challenge();
    for (let n = 0; n < 5; n += 1) {
      const wrong = { challenge, recovery_code: `0000-0000-0000-${String(tried + n).padStart(4, '0')}` };
      outcomes.push((await ada.call('2fa/verify-recovery', wrong)).outcome);
    }
  }
  expect(tally(outcomes)).toEqual({ CODE_INVALID: 20, ACCOUNT_LOCKED: 5 });
  expect((await answer(ada, await ada.challenge(), ada.code())).outcome).toBe('OK');
  const right = async () => ({ challenge: await ada.challenge(), recovery_code: ada.recoveryCodes[0] });
  expect((await ada.call('2fa/verify-recovery', await right())).outcome).toBe('ACCOUNT_LOCKED');
  expect((await administer(scene, ada.userId, 'unlock')).outcome).toBe('OK');
  expect((await ada.call('2fa/verify-recovery', await right())).outcome).toBe('OK');
});

test('F2: a code of the secret of before is refused after a new one, and so is a recovery code', async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  const [secret, recoveryCodes] = [ada.secret, ada.recoveryCodes];
  expect((await ada.loginWithCode()).outcome).toBe('OK');
  expect((await ada.own('2fa/disable', { code: ada.code() })).outcome).toBe('OK');
  expect((await ada.login()).outcome).toBe('OK');
  const first = await ada.own('2fa/enable');
  const second = await ada.own('2fa/enable');
  scene.pass(STEP_MS);
  const ofFirst = { code: codeAt(first.field('secret'), scene.now()) };
  expect((await ada.own('2fa/verify-setup', ofFirst)).outcome).toBe('CODE_INVALID');
  ada.secret = second.field('secret');
  const confirmed = await ada.own('2fa/verify-setup', { code: ada.code() });
  expect(confirmed.outcome).toBe('OK');
  ada.recoveryCodes = JSON.parse(confirmed.text).recovery_codes;
  scene.pass(STEP_MS);
  const challenge = await ada.challenge();
  for (const old of [secret, first.field('secret')]) {
    expect((await answer(ada, challenge, codeAt(old, scene.now()))).outcome).toBe('CODE_INVALID');
  }
  const recovery = { challenge, recovery_code: recoveryCodes[0] };
  expect((await ada.call('2fa/verify-recovery', recovery)).outcome).toBe('CODE_INVALID');
  const replaced = await ada.own('2fa/recovery-codes', { code: ada.code() });
  expect(replaced.outcome).toBe('OK');
  const former = { challenge: await ada.challenge(), recovery_code: ada.recoveryCodes[0] };
  expect((await ada.call('2fa/verify-recovery', former)).outcome).toBe('CODE_INVALID');
  expect((await answer(ada, await ada.challenge(), ada.code())).outcome).toBe('OK');
});

test('F2: a recovery code in many calls at once opens one session', async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  const challenges: string[] = [];
  for (let n = 0; n < 8; n += 1) {
    challenges.push(await ada.challenge());
  }
  const replies = await Promise.all(
    challenges.map((challenge) => ada.call('2fa/verify-recovery', { challenge, recovery_code: ada.recoveryCodes[0] })),
  );
  expect(tally(replies.map(({ outcome }) => outcome))).toEqual({ OK: 1, CODE_INVALID: 7 });
  expect(replies.find(({ outcome }) => outcome === 'OK')?.field('recovery_codes_left')).toBe('9');
});

test(`F2: ${RANDOM_CODES} random codes at one user, whoever gives the password, open nothing`, async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  const random = new Random(SEED);
  let challenge = await ada.challenge();
  let compared = 0;
  const replies = await inParallel(RANDOM_CODES, 16, async (index) => {
    if (index % 50 === 0) {
      challenge = await ada.challenge();
    }
    let code = String(random.below(1_000_000)).padStart(6, '0');
    // That one in a million is right is not what is tried here.
    const good = [-STEP_MS, 0, STEP_MS].map((ms) => codeAt(ada.secret, scene.now() + ms));
    code = good.includes(code) ? wrongCode(ada.secret, scene.now()) : code;
    const reply = await answer(ada, challenge, code);
    compared += Number(reply.outcome === 'CODE_INVALID');
    return reply.field('token');
  });
  expect(replies.filter((token) => token !== '')).toEqual([]);
  expect(compared).toBeLessThanOrEqual(MOST_WRONG);
});

test('F2: wrong codes of logins by mail are counted apart: they lock no factor, and no other class of callers', async () => {
  const scene = await factorScene();
  await setUp(scene, { login_by_email: true });
  const ada = await enrolled(scene);
  const outcomes: string[] = [];
  for (let asked = 0; asked < 12; asked += 1) {
    scene.pass(61_000 * 15);
    const { field } = await ada.call('login-code', { email: EMAIL });
    const challenge = field('challenge');
    for (let n = 0; n < 6; n += 1) {
      outcomes.push((await ada.call('2fa/verify-email-otp', { challenge, code: '000000' })).outcome);
    }
  }
  expect(tally(outcomes)).toEqual({ CODE_INVALID: 60, CHALLENGE_INVALID: 12 });
  expect((await answer(ada, await ada.challenge(), ada.code())).outcome).toBe('OK');
});

test('R8: codes, secrets that wait and challenges keep their time when the clock goes forward', async () => {
  const scene = await factorScene();
  const ada = await enrolled(scene);
  // A step to either side, and no more.
  scene.pass(10 * STEP_MS);
  const now = scene.now();
  const steps = [-2, -1, 0, 1, 2];
  const outcomes: string[] = [];
  for (const step of steps) {
    outcomes.push((await answer(ada, await ada.challenge(), codeAt(ada.secret, now + step * STEP_MS))).outcome);
  }
  // The time that goes by while this is done may make a step of the last one.
  expect(outcomes.slice(0, 4)).toEqual(['CODE_INVALID', 'OK', 'OK', 'OK']);

  const challenge = await ada.challenge();
  scene.pass(10 * 60_000);
  expect((await answer(ada, challenge, ada.code())).outcome).toBe('CHALLENGE_INVALID');

  const bob = await new Person(scene, 'bob@example.com').signUp();
  await bob.login();
  const enabled = await bob.own('2fa/enable');
  bob.secret = enabled.field('secret');
  scene.pass(10 * 60_000);
  expect((await bob.own('2fa/verify-setup', { code: bob.code() })).outcome).toBe('SECOND_FACTOR_NOT_ENABLED');
});
