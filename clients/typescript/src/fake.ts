import type { AuthFlow } from './calls.ts';
import { forgetWrongCodes } from './fake-codes.ts';
import type { FakeMail } from './fake-mail.ts';
import { requirePolicy } from './fake-parameters.ts';
import { FakeSecondFactors } from './fake-second-factors.ts';
import { setPassword } from './fake-users.ts';
import { type FakeSettings, FakeWorld } from './fake-world.ts';

export type { FakeMail, FakeMailKind } from './fake-mail.ts';
export type { FakeSettings } from './fake-world.ts';

/**
 * AuthFlow for tests: the clients' interface, with the users and sessions of one organization in memory and no server. It
 * answers as a server does, with the same reasons; its tokens begin with `fake.`, and a server refuses them. Passwords
 * are kept as they are: never for real users. Mails are not sent but kept in `mails`, however many are asked for.
 */
export class AuthFlowFake extends FakeSecondFactors implements AuthFlow {
  readonly #world: FakeWorld;

  /** Makes an organization without users. */
  constructor() {
    const world = new FakeWorld();
    super(world);
    this.#world = world;
  }

  /** While this is true every call fails as one without a connection does: UNAVAILABLE, without a reason, at once. */
  get unreachable(): boolean {
    return this.#world.isUnreachable;
  }

  set unreachable(isUnreachable: boolean) {
    this.#world.isUnreachable = isUnreachable;
  }

  /** The organization of all its users. */
  get orgId(): string {
    return this.#world.users.orgId;
  }

  /** What the organization has set, to be changed by a test as a backend changes it by OrganizationService. */
  get settings(): FakeSettings {
    return this.#world.settings;
  }

  /** What was mailed, the oldest first. */
  get mails(): readonly FakeMail[] {
    return this.#world.mailbox.mails;
  }

  /**
   * Gives a user these roles and no others, as a backend does by UserService; a role that is taken away ends the user's
   * sessions. Throws where there is no such user.
   */
  setRoles(email: string, roles: readonly string[]): void {
    const user = this.#world.users.named('setRoles', email);
    if (user.roles.some((role) => !roles.includes(role))) {
      this.#world.users.endSessions(user);
    }
    user.roles = [...roles];
  }

  /**
   * Gives a user a password as a backend does by UserService, which ends the user's sessions; with `mustChange` the user
   * must set another before the next login. Throws PASSWORD_POLICY, and an Error where there is no such user.
   */
  setPassword(email: string, password: string, { mustChange = false }: { readonly mustChange?: boolean } = {}): void {
    const user = this.#world.users.named('setPassword', email);
    requirePolicy(password.normalize('NFC'));
    setPassword(user, password.normalize('NFC'), mustChange);
    this.#world.users.endSessions(user);
  }

  /** Disables a user, which ends the user's sessions, or enables one, as a backend does by UserService. Throws where there is no such user. */
  setDisabled(email: string, isDisabled: boolean): void {
    const user = this.#world.users.named('setDisabled', email);
    user.isDisabled = isDisabled;
    if (isDisabled) {
      user.credentialVersion += 1;
      this.#world.users.endSessions(user);
    }
  }

  /** Opens what wrong codes had locked, as a backend does by UserService. Throws where there is no such user. */
  unlock(email: string): void {
    forgetWrongCodes(this.#world.users.named('unlock', email));
  }

  /**
   * A code of the user's authenticator app that a call takes now. Each is good once, and three of them at a time: then the
   * clock (`Date`) has to go on. Rejects where the user has no second factor, nor one to confirm, and where all were used.
   */
  async totpCode(email: string): Promise<string> {
    const user = this.#world.users.named('totpCode', email);
    const shown = await this.#world.shownToUser(user);
    const factor = user.pendingFactor ?? user.factor;
    const [[, code] = []] = factor === null ? [] : shown.after(factor.secret, user.factor?.usedStep ?? 0);
    if (code === undefined) {
      throw new Error(
        `totpCode: ${email} has ${factor === null ? 'no second factor' : 'used all codes of this minute'}`,
      );
    }
    return code;
  }
}
