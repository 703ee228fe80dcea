import { expect, test } from 'vitest';
import { AuthError } from '../../src/domain/errors.ts';
import type { Ports } from '../../src/domain/ports.ts';
import {
  changePassword,
  closeOrganization,
  createApiKey,
  disableUser,
  enableUser,
  fooBar,
  login,
  logout,
  reopenOrganization,
  revokeApiKey,
  signUp,
  validate,
} from '../support/asked.ts';
import type { TestServer } from '../support/running-server.ts';
import { NEVER_LOCKED } from '../support/storage/uncounted.ts';
import { inParallel, serverOfTest, tally } from './backend.ts';
import { Journal, Random } from './random.ts';

const SEED = 20_261_123;
/** Each has two organizations of its own, which are confused with each other as much as can be. */
const STORIES = 1_000;
const STEPS = 100;
/** Fewer than there are places in the hash queue: none is ever OVERLOADED. */
const AT_ONCE = 24;

/** The same in both organizations. */
const EMAILS = ['ada@example.com', 'bob@example.com'];
const PASSWORDS = ['Correct-Horse-7', 'Another-Horse-8'];
const NOBODYS_KEY = `af_${'A'.repeat(43)}`;
const NOBODYS_ORG = '00000000-0000-4000-8000-000000000000';

/** What the contract says that an organization is. */
interface Org {
  readonly orgId: string;
  isClosed: boolean;
  readonly keys: { readonly apiKey: string; readonly keyId: string; isRevoked: boolean }[];
  readonly users: Map<string, { password: string; isDisabled: boolean }>;
}

interface Session {
  readonly token: string;
  readonly org: Org | null;
  readonly email: string;
  isEnded: boolean;
}

interface Nonce {
  readonly token: string;
  readonly email: string;
  /** Null for one that is bound to the e-mail alone. */
  readonly org: Org | null;
  readonly isForged: boolean;
  isSpent: boolean;
}

/** A refusal that the model foresees. */
class Refusal {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Two organizations, what was given out for them, and random calls that mix it all up. */
class Story {
  readonly #ports: Ports;
  readonly #random: Random;
  readonly #journal: Journal;
  readonly #orgs: readonly Org[];
  readonly #nonces: Nonce[] = [];
  readonly #sessions: Session[] = [];
  readonly outcomes: string[] = [];

  constructor(ports: Ports, random: Random, orgs: readonly Org[]) {
    // Locks of guesses are no part of these stories.
    this.#ports = { ...ports, rules: { ...ports.rules, lock: NEVER_LOCKED } };
    this.#random = random;
    this.#journal = new Journal(random);
    this.#orgs = orgs;
    const nobodys = { email: EMAILS[0] ?? '', org: null };
    this.#nonces.push({ ...nobodys, token: 'x'.repeat(75), isForged: true, isSpent: false });
    this.#sessions.push({ ...nobodys, token: 'x.y.z', isEnded: false });
  }

  async step(): Promise<void> {
    const choice = this.#random.below(100);
    if (choice < 22) {
      await this.#fooBar();
    } else if (choice < 36) {
      await this.#signUp();
    } else if (choice < 56) {
      await this.#login();
    } else if (choice < 80) {
      await this.#validate();
    } else if (choice < 84) {
      await this.#logout();
    } else if (choice < 88) {
      await this.#changePassword();
    } else {
      await this.#administer();
    }
  }

  async #fooBar(): Promise<void> {
    const email = this.#random.pick(EMAILS);
    const claim = { apiKey: this.#apiKey(null), orgId: '' };
    let org: Org | null = null;
    const made = await this.#check(
      `fooBar ${email} ${this.#tell(claim)}`,
      () => {
        org = this.#tenant(claim);
      },
      () => fooBar(this.#ports, { identity: email, apiKey: claim.apiKey }),
    );
    if (made !== null) {
      this.#nonces.push({ token: made.token, email, org, isForged: false, isSpent: false });
    }
  }

  async #signUp(): Promise<void> {
    const { nonce, email } = this.#attempt();
    const password = this.#random.pick(PASSWORDS);
    const claim = { apiKey: this.#apiKey(nonce.org), orgId: '' };
    await this.#check(
      `signUp ${email} ${this.#tell(claim)}`,
      () => {
        if (claim.apiKey === '') {
          throw new Refusal('INVALID_ARGUMENT');
        }
        const org = this.#spend(nonce, email, this.#tenant(claim));
        if (org.users.has(email)) {
          throw new Refusal('USER_EXISTS');
        }
        org.users.set(email, { password, isDisabled: false });
      },
      () =>
        signUp(
          this.#ports,
          { foobar: nonce.token, email, password, fullname: 'Ada', disclaimed: true, apiKey: claim.apiKey },
          CALL,
        ),
    );
  }

  async #login(): Promise<void> {
    const { nonce, email } = this.#attempt();
    const claim = this.#claim(nonce.org);
    const known = this.#orgs.flatMap(({ users }) => users.get(email)?.password ?? []);
    const password = this.#random.pick([...known, ...known, ...PASSWORDS]);
    let org: Org | null = null;
    const made = await this.#check(
      `login ${email} ${this.#tell(claim)}`,
      () => {
        if (claim.apiKey === '' && claim.orgId === '') {
          throw new Refusal('INVALID_ARGUMENT');
        }
        org = this.#spend(nonce, email, this.#tenant(claim));
        const user = org.users.get(email);
        if (user === undefined) {
          throw new Refusal('USER_NOT_FOUND');
        }
        if (user.password !== password) {
          throw new Refusal('CREDENTIALS_INVALID');
        }
        if (user.isDisabled) {
          throw new Refusal('USER_DISABLED');
        }
      },
      () => login(this.#ports, { foobar: nonce.token, email, password, ...claim }, CALL),
    );
    if (made === null) {
      return;
    }
    this.#sessions.push({ token: made.token, org, email, isEnded: false });
    this.#expectOwn(made.orgId, org);
  }

  async #validate(): Promise<void> {
    const call = this.#sessionCall();
    const made = await this.#check(
      `validate ${call.story}`,
      () => this.#live(call),
      () => validate(this.#ports, call.input),
    );
    if (made !== null) {
      this.#expectOwn(made.orgId, call.session.org);
    }
  }

  async #logout(): Promise<void> {
    const call = this.#sessionCall();
    await this.#check(
      `logout ${call.story}`,
      () => {
        this.#prove(call);
        call.session.isEnded = true;
      },
      () => logout(this.#ports, call.input),
    );
  }

  async #changePassword(): Promise<void> {
    const call = this.#sessionCall();
    const newPassword = this.#random.pick(PASSWORDS);
    await this.#check(
      `changePassword ${call.story}`,
      () => {
        this.#live(call);
        const { session } = call;
        session.org?.users.set(session.email, { password: newPassword, isDisabled: false });
        this.#end((other) => other !== session && other.org === session.org && other.email === session.email);
      },
      () => changePassword(this.#ports, { ...call.input, newPassword, currentPassword: '' }, CALL),
    );
  }

  /** What an operator does. Nothing of it is refused. */
  async #administer(): Promise<void> {
    const org = this.#random.pick(this.#orgs);
    const { orgId } = org;
    const email = this.#random.pick(EMAILS);
    const user = org.users.get(email);
    const input = { orgId };
    const action = this.#random.pick([
      'close',
      'reopen',
      'reopen',
      'reopen',
      'create key',
      'create key',
      'revoke key',
      'disable',
      'disable',
      'enable',
    ]);
    this.#journal.add(`${action} ${this.#name(org)} ${email}`);
    if (action === 'close') {
      await closeOrganization(this.#ports, input);
      org.isClosed = true;
      this.#end((session) => session.org === org);
    } else if (action === 'reopen') {
      await reopenOrganization(this.#ports, input);
      org.isClosed = false;
    } else if (action === 'create key') {
      const inTokens = this.#random.below(2) === 0;
      const { apiKey, key } = await createApiKey(this.#ports, { ...input, label: '', inTokens });
      org.keys.push({ apiKey, keyId: key.keyId, isRevoked: false });
    } else if (action === 'revoke key') {
      const key = this.#random.pick(org.keys);
      const endSessions = this.#random.below(2) === 0;
      await revokeApiKey(this.#ports, { ...input, keyId: key.keyId, endSessions });
      key.isRevoked = true;
      if (endSessions) {
        this.#end((session) => session.org === org);
      }
    } else if (user !== undefined) {
      const change = action === 'disable' ? disableUser : enableUser;
      await change(this.#ports, { ...input, user: email });
      user.isDisabled = action === 'disable';
      if (user.isDisabled) {
        this.#end((session) => session.org === org && session.email === email);
      }
    }
  }

  // --- the contract, as small as it can be told

  #tenant({ apiKey, orgId }: { apiKey: string; orgId: string }): Org | null {
    if (apiKey !== '') {
      const owner = this.#orgs.find(({ keys }) => keys.some((key) => key.apiKey === apiKey && !key.isRevoked));
      if (owner === undefined || owner.isClosed || (orgId !== '' && orgId !== owner.orgId)) {
        throw new Refusal('API_KEY_INVALID');
      }
      return owner;
    }
    if (orgId === '') {
      return null;
    }
    const named = this.#orgs.find((org) => org.orgId === orgId);
    if (named === undefined || named.isClosed) {
      throw new Refusal('ORGANIZATION_NOT_FOUND');
    }
    return named;
  }

  #spend(nonce: Nonce, email: string, org: Org | null): Org {
    if (org === null) {
      throw new Error('Login and SignUp name an organization.');
    }
    if (nonce.isForged || nonce.email !== email || (nonce.org !== null && nonce.org !== org)) {
      throw new Refusal('NONCE_INVALID');
    }
    if (nonce.isSpent) {
      throw new Refusal('NONCE_USED');
    }
    nonce.isSpent = true;
    return org;
  }

  #prove({ session, input }: SessionCall): void {
    const tenant = this.#tenant(input);
    if (session.org === null || session.email !== input.email || (tenant !== null && tenant !== session.org)) {
      throw new Refusal('SESSION_INVALID');
    }
  }

  #live(call: SessionCall): void {
    this.#prove(call);
    if (call.session.isEnded) {
      throw new Refusal('SESSION_REVOKED');
    }
  }

  #end(which: (session: Session) => boolean): void {
    for (const session of this.#sessions) {
      if (which(session)) {
        session.isEnded = true;
      }
    }
  }

  // --- how a step is made and checked

  /** Makes a call and compares it with what the model says; what it gave, null where it was rightly refused. */
  async #check<T>(story: string, model: () => void, call: () => Promise<T>): Promise<T | null> {
    const expected = refusalOf(model);
    let made: T | null = null;
    const outcome = await call().then(
      (result) => {
        made = result;
        return 'OK';
      },
      (error: unknown) => (error instanceof AuthError ? error.reason : String(error)),
    );
    this.#journal.add(`${story}: ${outcome}`);
    this.#journal.expect(outcome, [expected]);
    this.outcomes.push(outcome);
    return made;
  }

  #expectOwn(orgId: string, org: Org | null): void {
    this.#journal.expect(orgId, [org?.orgId ?? 'nobody']);
  }

  /** Mostly with the e-mail of the nonce. */
  #attempt(): { readonly nonce: Nonce; readonly email: string } {
    const nonce = this.#newest(this.#nonces);
    return { nonce, email: this.#random.below(8) === 0 ? this.#random.pick(EMAILS) : nonce.email };
  }

  /** Mostly one of the newest, so that a story gets on. */
  #newest<T>(items: readonly T[]): T {
    return this.#random.pick(this.#random.below(3) === 0 ? items : items.slice(-3));
  }

  /** Of either organization, live or revoked; more often a live one of `org`. */
  #apiKey(org: Org | null): string {
    const live = (org ?? this.#random.pick(this.#orgs)).keys.filter(({ isRevoked }) => !isRevoked);
    const keys = this.#random.below(2) === 0 ? live : this.#orgs.flatMap((any) => any.keys);
    if (this.#random.below(5) === 0 || keys.length === 0) {
      return this.#random.pick(['', NOBODYS_KEY]);
    }
    return this.#random.pick(keys).apiKey;
  }

  #claim(org: Org | null): { apiKey: string; orgId: string } {
    const own = org?.orgId ?? '';
    const orgIds = this.#orgs.map(({ orgId }) => orgId);
    return {
      apiKey: this.#apiKey(org),
      orgId: this.#random.pick([own, own, own, own, '', '', ...orgIds, NOBODYS_ORG]),
    };
  }

  #sessionCall(): SessionCall {
    const session = this.#newest(this.#sessions);
    const claim = this.#claim(session.org);
    const email = this.#random.below(8) === 0 ? this.#random.pick(EMAILS) : session.email;
    const story = `${email} ${this.#tell(claim)} with a session of ${this.#name(session.org)} ${session.email}`;
    return { session, story, input: { sessionToken: session.token, email, ...claim } };
  }

  #tell({ apiKey, orgId }: { apiKey: string; orgId: string }): string {
    const owner = this.#orgs.find(({ keys }) => keys.some((key) => key.apiKey === apiKey)) ?? null;
    const named = this.#orgs.find((org) => org.orgId === orgId) ?? null;
    return `(key ${apiKey && this.#name(owner)}, org_id ${orgId && this.#name(named)})`;
  }

  #name(org: Org | null): string {
    return org === null ? 'nobody' : (['A', 'B'][this.#orgs.indexOf(org)] ?? '?');
  }
}

interface SessionCall {
  readonly session: Session;
  readonly story: string;
  readonly input: {
    readonly sessionToken: string;
    readonly email: string;
    readonly apiKey: string;
    readonly orgId: string;
  };
}

const CALL = { isAbandoned: () => false };

function refusalOf(model: () => void): string {
  try {
    model();
    return 'OK';
  } catch (refusal) {
    if (refusal instanceof Refusal) {
      return refusal.reason;
    }
    throw refusal;
  }
}

async function newOrg(server: TestServer, name: string): Promise<Org> {
  const { orgId, apiKey } = await server.createOrganization(name);
  const [key] = await server.ports.storage.listApiKeys(orgId, { limit: 1, after: null });
  const keys = [{ apiKey, keyId: key?.keyId ?? '', isRevoked: false }];
  return { orgId, isClosed: false, keys, users: new Map() };
}

test(`K1: ${STORIES} stories of ${STEPS} random steps: nothing of one organization opens with another's`, async () => {
  const server = await serverOfTest();
  const outcomes = await inParallel(STORIES, AT_ONCE, async (index) => {
    const orgs = [await newOrg(server, `A ${index}`), await newOrg(server, `B ${index}`)];
    const story = new Story(server.ports, new Random(SEED + index), orgs);
    for (let step = 0; step < STEPS; step += 1) {
      await story.step();
    }
    return story.outcomes;
  });
  const counts = tally(outcomes.flat());
  // Every way that a call can end was walked, and often.
  expect(Object.keys(counts).sort()).toEqual([
    'API_KEY_INVALID',
    'CREDENTIALS_INVALID',
    'INVALID_ARGUMENT',
    'NONCE_INVALID',
    'NONCE_USED',
    'OK',
    'ORGANIZATION_NOT_FOUND',
    'SESSION_INVALID',
    'SESSION_REVOKED',
    'USER_DISABLED',
    'USER_EXISTS',
    'USER_NOT_FOUND',
  ]);
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(STORIES / 20);
});
