import { Authenticator } from './authenticator.ts';
import type { Fields, Reply } from './entrance.ts';
import { demandNextStep, demandSuccess, RECOVERY_CODES, TEXT, TOKEN } from './expectations.ts';
import { once } from './once.ts';
import { tampered } from './tampered.ts';
import type { Visit } from './visit.ts';

/** Of the right form, and nobody's. */
export const SOME_CODE = '000000';
export const SOME_RECOVERY_CODE = '0000-0000-0000-0000';

/** Letters in the place of digits. */
export const SIX_LETTERS = 'abcdef';

const MOST_TRIES = 5;

/** What a login with a second factor is answered by, where the address is not proven. */
export const METHODS = ['totp', 'recovery'] as const;

/** A second factor that was set up. */
export interface SetUpFactor {
  readonly app: Authenticator;
  readonly recoveryCodes: readonly string[];
  /** What ConfirmTotp answered. */
  readonly confirmed: Reply;
}

/** Sets a second factor up for the owner of a session or of a challenge. */
export async function setUpFactor(
  call: (name: 'enableTotp' | 'confirmTotp', fields: Fields) => Promise<Reply>,
  owner: Fields,
): Promise<SetUpFactor> {
  const app = new Authenticator(demandSuccess('enableTotp', await call('enableTotp', owner), { secret: TEXT }));
  const confirmed = await call('confirmTotp', { ...owner, code: app.next() });
  return { app, recoveryCodes: recoveryCodesIn('confirmTotp', confirmed), confirmed };
}

/** The recovery codes of a success. */
export function recoveryCodesIn(what: string, reply: Reply): readonly string[] {
  return demandSuccess(what, reply, { recovery_codes: RECOVERY_CODES }).recovery_codes as readonly string[];
}

/**
 * A user of one entrance, from a password alone to a second factor and back. Each step is done once, by whichever check asks first, and
 * comes after those before it; checks judge what they were answered.
 */
export class SecondFactorVisit {
  readonly #visit: Visit;

  constructor(visit: Visit) {
    this.#visit = visit;
  }

  /** With an older session beside the one that does the rest. */
  readonly owner = once(async () => {
    const { world } = this.#visit;
    const user = await world.newUser();
    const older = this.#visit.session(user.email, await world.newSession(user));
    return { user, older, session: this.#visit.session(user.email, await world.newSession(user)) };
  });

  /** A secret, and what is the same as before while nobody has confirmed it. */
  readonly enabled = once(async () => {
    const { session } = await this.owner();
    const reply = await this.#visit.call('enableTotp', session);
    return { reply, me: await this.#visit.call('me', session) };
  });

  /** The first code; before it one that is wrong. */
  readonly confirmed = once(async () => {
    const { session, older } = await this.owner();
    const { reply: enabled } = await this.enabled();
    const app = new Authenticator(demandSuccess('enableTotp', enabled, { secret: TEXT }));
    const letters = await this.#visit.call('confirmTotp', { ...session, code: SIX_LETTERS });
    const wrong = await this.#visit.call('confirmTotp', { ...session, code: app.wrong() });
    const reply = await this.#visit.call('confirmTotp', { ...session, code: app.next() });
    return {
      ...{ app, letters, wrong, reply, codes: recoveryCodesIn('confirmTotp', reply) },
      me: await this.#visit.call('me', session),
      older: await this.#visit.call('me', older),
      again: await this.#visit.call('enableTotp', session),
    };
  });

  /** A login with the password. */
  readonly asked = once(async () => {
    await this.confirmed();
    return this.#logIn();
  });

  /** Its completion by a code of a later step; before it what is no good answer, and after it another. */
  readonly passed = once(async () => {
    const { app } = await this.confirmed();
    const challenge = challengeIn(await this.asked());
    const verify = (fields: Fields) => this.#visit.call('verifyTotp', { challenge, ...fields });
    return {
      letters: await verify({ code: SIX_LETTERS }),
      forged: await verify({ challenge: tampered(challenge), code: app.last() }),
      used: await verify({ code: app.last() }),
      reply: await verify({ code: app.next() }),
      spent: await verify({ code: app.last() }),
    };
  });

  /** The next login, by a recovery code, spelled in small letters without groups; before it the code of the login before. */
  readonly recovered = once(async () => {
    const { app, codes } = await this.confirmed();
    const { reply: before } = await this.passed();
    const { user } = await this.owner();
    const challenge = challengeIn(await this.#logIn());
    const used = await this.#visit.call('verifyTotp', { challenge, code: app.last() });
    const recover = (recovery_code: string) =>
      this.#visit.call('verifyRecoveryCode', { challenge, api_key: this.#visit.world.apiKey, recovery_code });
    const short = await recover('0000');
    const reply = await recover(codes[0]?.replaceAll('-', '').toLowerCase() ?? '');
    const session = this.#visit.session(user.email, demandSuccess('verifyRecoveryCode', reply, { token: TOKEN }).token);
    const older = this.#visit.session(user.email, demandSuccess('verifyTotp', before, { token: TOKEN }).token);
    return { used, short, reply, session, older, me: await this.#visit.call('me', session) };
  });

  /** A third login that nothing answers: methods that it does not take, that recovery code again, and more wrong codes than it takes. */
  readonly exhausted = once(async () => {
    const { app, codes } = await this.confirmed();
    const { session } = await this.recovered();
    const challenge = challengeIn(await this.#logIn());
    const otherMethods = {
      sendEmailCode: await this.#visit.call('sendEmailCode', { challenge }),
      verifyEmailCode: await this.#visit.call('verifyEmailCode', { challenge, code: SOME_CODE }),
      enableTotp: await this.#visit.call('enableTotp', { challenge }),
      confirmTotp: await this.#visit.call('confirmTotp', { challenge, code: app.wrong() }),
    };
    const [first, second] = codes;
    const used = await this.#visit.call('verifyRecoveryCode', { challenge, recovery_code: first });
    const wrong: Reply[] = [];
    for (let tried = 1; tried < MOST_TRIES; tried += 1) {
      wrong.push(await this.#visit.call('verifyTotp', { challenge, code: app.wrong() }));
    }
    const right = await this.#visit.call('verifyRecoveryCode', { challenge, recovery_code: second });
    return { otherMethods, used, wrong, right, me: await this.#visit.call('me', session) };
  });

  /** What needs a fresh proof, without a code. The password stays what it is. */
  readonly unproven = once(async () => {
    await this.exhausted();
    const { user } = await this.owner();
    const { session } = await this.recovered();
    return {
      changePassword: await this.#visit.call('changePassword', { ...session, newPassword: user.password }),
      changeEmail: await this.#visit.call('changeEmail', { ...session, newEmail: this.#visit.world.newEmail() }),
      deleteAccount: await this.#visit.call('deleteAccount', session),
    };
  });

  /** Other recovery codes, by one of those before; before it by none, by letters and by one that was used. */
  readonly regenerated = once(async () => {
    await this.unproven();
    const [used, unused] = (await this.confirmed()).codes;
    const { session } = await this.recovered();
    const ask = (code: unknown) => this.#visit.call('regenerateRecoveryCodes', { ...session, code });
    const [without, letters, again] = [await ask(''), await ask(SIX_LETTERS), await ask(used)];
    const reply = await ask(unused);
    const codes = recoveryCodesIn('regenerateRecoveryCodes', reply);
    return { without, letters, again, reply, codes, me: await this.#visit.call('me', session) };
  });

  /** No factor any more, by one of the new codes; before it by none, and by one of the old. */
  readonly disabled = once(async () => {
    const { codes } = await this.regenerated();
    const [, , old] = (await this.confirmed()).codes;
    const { session, older } = await this.recovered();
    const ask = (code: unknown) => this.#visit.call('disableTotp', { ...session, code });
    return {
      ...{ without: await ask(''), letters: await ask(SIX_LETTERS), old: await ask(old), reply: await ask(codes[0]) },
      me: await this.#visit.call('me', session),
      older: await this.#visit.call('me', older),
      afterwards: {
        disableTotp: await ask(codes[1]),
        regenerateRecoveryCodes: await this.#visit.call('regenerateRecoveryCodes', { ...session, code: codes[1] }),
        confirmTotp: await this.#visit.call('confirmTotp', { ...session, code: SOME_CODE }),
      },
      login: await this.#logIn(),
    };
  });

  async #logIn(): Promise<Reply> {
    return this.#visit.tryLogin((await this.owner()).user);
  }
}

function challengeIn(login: Reply): string {
  return demandNextStep('login', login, 'SECOND_FACTOR_REQUIRED', METHODS).challenge;
}
