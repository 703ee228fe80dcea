import { expect, test, vi } from 'vitest';
import { putEmailCode } from '../support/email-code.ts';
import { MailedCodes } from '../support/mailed-codes.ts';
import type { TestServer } from '../support/running-server.ts';
import { Backend, PASSWORD, type Reply, serverOfTest } from './backend.ts';
import { expectNoneIn, holds } from './expect-none-in.ts';
import { challengeOf, codesOf, type EnrolledUser, enrolledUser, proveAddress } from './factor-user.ts';

/** A server whose backend's users may log in by mail. */
async function scene() {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization();
  await server.ports.storage.updateOrganization(orgId, { settings: { login_by_email: 'true' } }, null);
  return { server, orgId, backend: new Backend(server.httpAddress, apiKey) };
}

/** Calls, of which every refusal is kept, with the secrets that went either way. */
class Conversation {
  readonly refusals: string[] = [];
  readonly secrets = new Set<string>();
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async call(name: Parameters<Backend['call']>[0], fields: Readonly<Record<string, string>>): Promise<Reply> {
    const reply = await this.#backend.call(name, fields);
    for (const secret of ['challenge', 'code', 'recovery_code', 'sessionToken'].map((field) => fields[field] ?? '')) {
      this.keep(secret);
    }
    for (const secret of ['challenge', 'secret', 'otpauth_url', 'qr_code', 'token']) {
      this.keep(reply.field(secret));
    }
    for (const code of codesOf(reply)) {
      this.keep(code);
    }
    // What a login goes on with is for its caller, in the reply alone.
    if (reply.outcome !== 'OK' && reply.field('challenge') === '') {
      this.refusals.push(reply.text);
    }
    return reply;
  }

  keep(secret: string): void {
    if (secret !== '') {
      this.secrets.add(secret);
    }
  }

  keepAllOf(user: EnrolledUser): void {
    for (const secret of [user.secret, user.session, ...user.recoveryCodes, user.app.again()]) {
      this.keep(secret);
    }
  }
}

test('W5: no secret of a second factor is in the log, the metrics, the audit log or a refusal, through success and failures', async () => {
  const { server, orgId, backend } = await scene();
  const mails = await MailedCodes.of(server.testStore);
  const talk = new Conversation(backend);
  const outcomes: string[] = [];
  const say = async (...call: Parameters<Conversation['call']>) => {
    const reply = await talk.call(...call);
    outcomes.push(reply.outcome);
    return reply;
  };

  const email = 'ada@example.com';
  const user = await enrolledUser(backend, email);
  talk.keepAllOf(user);
  await proveAddress(server, orgId, user.userId);
  const session = { email, sessionToken: user.session };
  await say('2fa/enable', session);
  await say('2fa/verify-setup', { ...session, code: user.app.wrong() });
  await say('2fa/disable', { ...session, code: 'ABCD-EFGH-JKMN-PQRS' });
  await say('2fa/disable', { ...session, code: 'Zq7-no-code-at-all' });
  const challenge = await challengeOf(backend, email);
  await say('2fa/verify-2fa', { challenge, code: user.app.wrong() });
  await say('2fa/verify-recovery', { challenge, recovery_code: 'ABCD-EFGH-JKMN-PQRS' });
  await say('2fa/verify-2fa', { challenge: `${challenge.slice(0, -1)}_`, code: user.app.again() });
  await say('2fa/backup/email', { challenge });
  const mailed = await mails.latest(user.userId);
  await say('2fa/verify-email-otp', { challenge, code: user.app.wrong() });
  await say('2fa/verify-email-otp', { challenge, code: mailed });
  await say('2fa/verify-email-otp', { challenge, code: mailed });
  const again = await challengeOf(backend, email);
  await say('2fa/verify-2fa', { challenge: again, code: user.app.next() });
  const third = await challengeOf(backend, email);
  const byRecovery = await say('2fa/verify-recovery', { challenge: third, recovery_code: user.recoveryCodes[0] ?? '' });
  const renewed = { email, sessionToken: byRecovery.field('token') };
  const renewedCodes = codesOf(await say('2fa/recovery-codes', { ...renewed, code: user.recoveryCodes[1] ?? '' }));
  await say('2fa/disable', { ...renewed, code: renewedCodes[0] ?? '' });

  const byMail = (await say('login-code', { email })).field('challenge');
  await expect
    .poll(async () => server.testStore.query(`SELECT 1 FROM login_challenges WHERE kind = 'login_code'`))
    .toHaveLength(1);
  await say('2fa/verify-email-otp', { challenge: byMail, code: '000000' });
  await say('2fa/verify-email-otp', { challenge: byMail, code: await mails.latest(user.userId) });
  await say('login-code', { email: 'nobody@example.com' });

  await server.ports.storage.updateOrganization(orgId, { settings: { second_factor: 'required' } }, null);
  await backend.signUp('bob@example.com');
  const setup = await challengeOf(backend, 'bob@example.com');
  await say('2fa/enable', { challenge: setup });
  await say('2fa/verify-setup', { challenge: setup, code: user.app.wrong() });
  await mails.close();

  expect(outcomes).toEqual(expect.arrayContaining(['OK', 'CODE_INVALID', 'CHALLENGE_INVALID', 'INVALID_ARGUMENT']));
  expect(outcomes.filter((outcome) => outcome === 'OK').length).toBeGreaterThan(8);
  const secrets = [...talk.secrets, PASSWORD];
  expect(secrets.length).toBeGreaterThan(40);
  for (const secret of secrets) {
    expect(talk.refusals.filter((text) => holds(text, secret))).toEqual([]);
  }
  await expectNoneIn(server, secrets);
  expect(server.logLines.length).toBeGreaterThan(20);
});

test('W5: nor where a fault inside quotes all of them', async () => {
  const { server, orgId, backend } = await scene();
  const email = 'ada@example.com';
  const user = await enrolledUser(backend, email);
  await proveAddress(server, orgId, user.userId);
  const challenges = await Promise.all(Array.from({ length: 3 }, () => challengeOf(backend, email)));
  const [byApp = '', byMail = '', byRecovery = ''] = challenges;
  const code = await putEmailCode(server.ports, server.testStore, byMail);
  const [recoveryCode = ''] = user.recoveryCodes;
  const appCode = user.app.next();
  const secrets = [...challenges, code, appCode, recoveryCode, user.secret, user.session, backend.apiKey];
  const quoting = new Error(secrets.join(' '), { cause: new Error(secrets.join(', ')) });

  const session = { email, sessionToken: user.session };
  const everyCall = async (): Promise<readonly Reply[]> => [
    await backend.call('2fa/enable', session),
    await backend.call('2fa/verify-setup', { ...session, code: appCode }),
    await backend.call('2fa/disable', { ...session, code: user.app.wrong() }),
    await backend.call('2fa/recovery-codes', { ...session, code: 'ABCD-EFGH-JKMN-PQRS' }),
    await backend.call('2fa/verify-2fa', { challenge: byApp, code: user.app.wrong() }),
    await backend.call('2fa/backup/email', { challenge: byMail }),
    await backend.call('2fa/verify-email-otp', { challenge: byMail, code: user.app.wrong() }),
    await backend.call('2fa/verify-recovery', { challenge: byRecovery, recovery_code: 'ABCD-EFGH-JKMN-PQRS' }),
    await backend.call('login-code', { email }),
  ];
  const replies: Reply[] = [];
  for (const fail of faultsOf(server)) {
    const restore = fail(quoting);
    replies.push(...(await everyCall()));
    restore();
  }
  const failed = replies.filter(({ outcome }) => outcome === 'INTERNAL');
  expect(failed.length).toBeGreaterThanOrEqual(faultsOf(server).length);
  for (const secret of secrets) {
    // An answer hands its own secrets out, and is none of a fault.
    expect(failed.filter(({ text }) => holds(text, secret))).toEqual([]);
  }
  await expectNoneIn(server, secrets);
  expect(server.logLines.filter((line) => line.includes('call_failed')).length).toBe(failed.length);
});

/** Ways to make one port fail with an error, each gives what undoes it. */
function faultsOf({ ports }: TestServer): readonly ((error: Error) => () => void)[] {
  const steps = [
    'findOrganization',
    'findUserCredentials',
    'findSecondFactor',
    'findLoginChallenge',
    'reserveCode',
    'putEmailCode',
    'requestMail',
  ] as const;
  return [
    ...steps.map((step) => (error: Error) => {
      const spy = vi.spyOn(ports.storage, step).mockRejectedValue(error);
      return () => spy.mockRestore();
    }),
    (error) => {
      const spy = vi.spyOn(ports.challengeTokens, 'read').mockImplementation(throwing(error));
      return () => spy.mockRestore();
    },
    (error) => {
      const spy = vi.spyOn(ports.totpSecrets, 'matchingStep').mockImplementation(throwing(error));
      return () => spy.mockRestore();
    },
    (error) => {
      const spy = vi.spyOn(ports.loginCodes, 'recoveryDigest').mockImplementation(throwing(error));
      return () => spy.mockRestore();
    },
    (error) => {
      const spy = vi.spyOn(ports.loginCodes, 'createEmailCode').mockImplementation(throwing(error));
      return () => spy.mockRestore();
    },
  ];
}

function throwing(error: Error): () => never {
  return () => {
    throw error;
  };
}
