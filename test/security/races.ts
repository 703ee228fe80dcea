import type { MailTokenKind } from '../../src/domain/accounts/mail-token.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { Authenticator } from '../support/authenticator.ts';
import { putEmailCode } from '../support/email-code.ts';
import type { TestStore } from '../support/stores.ts';
import { type Backend, type FactorCall, send } from './backend.ts';
import { challengeOf, enrol } from './factor-user.ts';

/** The one user of a race. */
export const EMAIL = 'user@example.com';

/** That user, logged in. */
export interface RacedUser {
  readonly userId: string;
  readonly session: string;
}

/** An organization of one race. */
export interface Scene {
  readonly httpAddress: string;
  readonly store: TestStore;
  readonly ports: Ports;
  readonly orgId: string;
  /** The key that the calls of the race are made with. */
  readonly racing: Backend;
  readonly racingKeyId: string;
  /** The management key of the race. */
  readonly managing: string;
  readonly managingKeyId: string;
  /** One that no ending is about. */
  readonly beside: Backend;
}

/** Where a change of the address moves the user. */
export const MOVED = 'moved@example.com';

/** The token of a mail to the user of a race. */
export async function mailToken({ ports, orgId }: Scene, { userId }: { readonly userId: string }, kind: MailTokenKind) {
  const user = await ports.storage.findUserCredentials(orgId, userId);
  if (user === null) {
    throw new Error('There is no such user.');
  }
  return ports.mailTokens.sign(kind, { ...user, newEmail: MOVED }, ports.clock.now()).token;
}

/** What each call that answers a challenge is made with, of a user who has a factor or is to set one up. */
export const ANSWERS: readonly {
  readonly name: string;
  readonly call: FactorCall;
  prepare(
    scene: Scene,
    user: { readonly userId: string; readonly session: string },
  ): Promise<Readonly<Record<string, string>>>;
}[] = [
  {
    name: 'VerifyTotp',
    call: '2fa/verify-2fa',
    async prepare({ beside }, user) {
      const { app } = await enrol(beside, { email: EMAIL, ...user });
      return { challenge: await challengeOf(beside, EMAIL), code: app.next() };
    },
  },
  {
    name: 'VerifyRecoveryCode',
    call: '2fa/verify-recovery',
    async prepare({ beside }, user) {
      const { recoveryCodes } = await enrol(beside, { email: EMAIL, ...user });
      return { challenge: await challengeOf(beside, EMAIL), recovery_code: recoveryCodes[0] ?? '' };
    },
  },
  {
    name: 'VerifyEmailCode',
    call: '2fa/verify-email-otp',
    async prepare(scene, user) {
      const { beside, httpAddress, ports, store } = scene;
      await enrol(beside, { email: EMAIL, ...user });
      await send(httpAddress, '/auth/verify-email', { body: { token: await mailToken(scene, user, 'verify_email') } });
      const challenge = await challengeOf(beside, EMAIL);
      return { challenge, code: await putEmailCode(ports, store, challenge) };
    },
  },
  {
    name: 'ConfirmTotp',
    call: '2fa/verify-setup',
    async prepare({ beside, httpAddress, ports, orgId }) {
      await ports.storage.updateOrganization(orgId, { settings: { second_factor: 'required' } }, null);
      const challenge = await challengeOf(beside, EMAIL);
      const { field } = await send(httpAddress, '/auth/2fa/enable', { body: { challenge } });
      return { challenge, code: new Authenticator(field('secret')).next() };
    },
  },
];
