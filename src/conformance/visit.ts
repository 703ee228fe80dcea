import type { CallName, CallOptions, Entrance, Fields, Reply } from './entrance.ts';
import { demandSuccess, JWT, TOKEN, UUID } from './expectations.ts';
import { inTime } from './in-time.ts';
import { once } from './once.ts';
import { SecondFactorVisit, SOME_CODE, SOME_RECOVERY_CODE } from './second-factor.ts';
import { type Credentials, FULLNAME, type LoggedInUser, type World } from './world.ts';

/** One entrance as the checks see it, with what they share: each of these is done once, by whichever check asks first. */
export class Visit {
  readonly entrance: Entrance;
  readonly world: World;
  readonly secondFactor: SecondFactorVisit;

  constructor(entrance: Entrance, world: World) {
    this.entrance = entrance;
    this.world = world;
    this.secondFactor = new SecondFactorVisit(this);
  }

  async call(name: CallName, fields: Fields, options: CallOptions = {}): Promise<Reply> {
    return this.world.secrets.keepOf(await this.entrance.call(name, fields, options));
  }

  /**
   * Parameters of a call that lack nothing but what is looked at last: the nonce of SignUp and Login is malformed, the
   * session of what ends or changes something has ended, and a mail's token and a challenge are malformed. Mails are asked for to nobody.
   */
  good(name: CallName): Fields {
    const { ada, apiKey: api_key } = this.world;
    const { email, password } = ada;
    const ended = { sessionToken: this.world.endedSessionToken, email, api_key };
    switch (name) {
      case 'fooBar':
        return { identity: email };
      case 'signUp':
        return {
          foobar: MALFORMED,
          api_key,
          email: this.world.newEmail(),
          password,
          fullname: FULLNAME,
          disclaimed: true,
        };
      case 'login':
        return { foobar: MALFORMED, api_key, email, password };
      case 'validate':
        return { ...ended, sessionToken: ada.sessionToken };
      case 'changePassword':
        return { ...ended, newPassword: password };
      case 'me':
      case 'listMySessions':
        return { ...ended, sessionToken: ada.sessionToken };
      case 'logout':
      case 'renewSession':
      case 'endMySessions':
      case 'deleteAccount':
      case 'enableTotp':
        return ended;
      case 'confirmTotp':
      case 'disableTotp':
      case 'regenerateRecoveryCodes':
        return { ...ended, code: SOME_CODE };
      case 'updateProfile':
        return { ...ended, fullname: FULLNAME };
      case 'changeEmail':
        return { ...ended, newEmail: this.world.newEmail() };
      case 'sendVerificationEmail':
      case 'forgotPassword':
      case 'sendLoginCode':
        return { email: this.world.newEmail(), api_key };
      case 'verifyEmail':
        return { token: MALFORMED };
      case 'resetPassword':
        return { token: MALFORMED, newPassword: password };
      case 'sendEmailCode':
        return { challenge: MALFORMED, api_key };
      case 'verifyTotp':
      case 'verifyEmailCode':
        return { challenge: MALFORMED, api_key, code: SOME_CODE };
      case 'verifyRecoveryCode':
        return { challenge: MALFORMED, api_key, recovery_code: SOME_RECOVERY_CODE };
    }
  }

  /** A nonce of this entrance, for an e-mail alone. */
  async nonce(identity: string): Promise<string> {
    const reply = await this.call('fooBar', { identity });
    return String(demandSuccess('fooBar', reply, { token: TOKEN }).token);
  }

  /** What a call takes of a session. */
  session(email: string, sessionToken: unknown): Fields {
    return { sessionToken, email, api_key: this.world.apiKey };
  }

  /** What a login with key and a nonce of this entrance is told. */
  async tryLogin({ email, password }: Credentials): Promise<Reply> {
    const { reply } = await inTime(async () => ({
      reply: await this.call('login', { ...this.good('login'), email, password, foobar: await this.nonce(email) }),
    }));
    return reply;
  }

  /** A sign-up with a nonce for the organization, name and e-mail spelled with space and capitals. */
  readonly signedUp = once(() =>
    inTime(async () => {
      const { world } = this;
      const email = world.newEmail();
      const nonce = await this.call('fooBar', { identity: email, api_key: world.apiKey });
      const fields = {
        foobar: String(demandSuccess('fooBar', nonce, { token: TOKEN }).token),
        api_key: world.apiKey,
        email: ` ${email.toUpperCase()} `,
        password: world.newPassword(),
        fullname: ` ${FULLNAME} `,
        disclaimed: true,
      };
      return { email, fields, reply: await this.call('signUp', fields) };
    }),
  );

  /** A login of the common user with key and `org_id`, and a nonce for the e-mail alone. */
  readonly loggedIn = once(() =>
    inTime(async () => {
      const { ada, apiKey } = this.world;
      const fields = {
        foobar: await this.nonce(ada.email),
        email: ada.email,
        password: ada.password,
        api_key: apiKey,
        org_id: ada.orgId,
        role: 'admin',
      };
      return { fields, reply: await this.call('login', fields) };
    }),
  );

  /** A login of the common user with `org_id` alone. */
  readonly loggedInByOrgId = once(async () => {
    const { email, password, orgId } = this.world.ada;
    const { reply } = await inTime(async () => ({
      reply: await this.call('login', { foobar: await this.nonce(email), email, password, org_id: orgId }),
    }));
    return reply;
  });

  /** That session, ended. */
  readonly loggedOut = once(async () => {
    const { ada, apiKey } = this.world;
    const { token } = demandSuccess('login', await this.loggedInByOrgId(), { token: JWT });
    const fields = { sessionToken: String(token), email: ada.email, api_key: apiKey };
    return { fields, reply: await this.call('logout', fields) };
  });

  /** A user of this entrance alone, with two sessions. */
  readonly owner = once(async (): Promise<LoggedInUser & { readonly otherSessionToken: string }> => {
    const user = await this.world.newUser();
    const otherSessionToken = await this.world.newSession(user);
    return { ...user, otherSessionToken, sessionToken: await this.world.newSession(user) };
  });

  /** The first change of that user's password. */
  readonly changed = once(async () => {
    const owner = await this.owner();
    const newPassword = this.world.newPassword();
    const { sessionToken, email } = owner;
    const fields = { sessionToken, email, newPassword, api_key: this.world.apiKey };
    return { owner, fields, reply: await this.call('changePassword', fields) };
  });

  /** The second: to the password that is present by then. */
  readonly changedAgain = once(async () => {
    const { fields } = await this.changed();
    return this.call('changePassword', { ...fields, currentPassword: fields.newPassword });
  });

  /** What calls of that user take: the session that has changed the password, and that of a login with the new one. */
  readonly afterChange = once(async () => {
    await this.changedAgain();
    const { owner, fields } = await this.changed();
    const session = { sessionToken: owner.sessionToken, email: owner.email, api_key: this.world.apiKey };
    const lateToken = await this.world.newSession({ ...owner, password: fields.newPassword });
    return { owner, session, late: { ...session, sessionToken: lateToken } };
  });

  /** The sessions of that user, as the one that has changed the password is told. */
  readonly listed = once(async () => {
    const { session } = await this.afterChange();
    return this.call('listMySessions', session);
  });

  /** What the later of the two is told where more than a session is needed. */
  readonly unproven = once(async () => {
    const { late } = await this.afterChange();
    return {
      changeEmail: await this.call('changeEmail', { ...late, newEmail: this.world.newEmail() }),
      deleteAccount: await this.call('deleteAccount', late),
    };
  });

  /** The end of the later of the two, by its name; before it that of one that is none of theirs. */
  readonly endedByName = once(async () => {
    const { session, late } = await this.afterChange();
    await this.listed();
    await this.unproven();
    const { session_id } = demandSuccess('me', await this.call('me', late), { session_id: UUID });
    const foreign = await this.call('endMySessions', { ...session, session_id: UNKNOWN_SESSION });
    const fields = { ...session, session_id };
    return { late, fields, foreign, reply: await this.call('endMySessions', fields) };
  });

  /** A renewal of the common user's session. */
  readonly renewed = once(() => this.call('renewSession', this.good('me')));

  /** The end of that user, by the session that has changed the password: last of all that is done with them. */
  readonly deleted = once(async () => {
    const { owner, session } = await this.afterChange();
    await this.endedByName();
    return { owner, session, reply: await this.call('deleteAccount', session) };
  });
}

const UNKNOWN_SESSION = '00000000-0000-4000-8000-000000000000';

/** Of no token's form. */
export const MALFORMED = 'not-a-token';
