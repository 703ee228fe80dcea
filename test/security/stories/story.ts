import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { expect } from 'vitest';
import { AuthError } from '../../../src/domain/errors.ts';
import type { MailOpener, Ports } from '../../../src/domain/ports.ts';
import type { Message } from '../../../src/mail/message.ts';
import { prepare } from '../../../src/mail/prepare.ts';
import { answerRequests } from '../../../src/mail/requests.ts';
import { perform } from '../../operations/called.ts';
import { createApiKey, createOrganization } from '../../support/asked.ts';
import { NEVER_LOCKED } from '../../support/storage/uncounted.ts';
import { Journal, type Random } from '../random.ts';
import { Challenged } from './factors.ts';
import {
  after,
  DAY_MS,
  HOUR_MS,
  LIVES,
  type Mail,
  MINUTE_MS,
  type Org,
  PROTECTED_ROLE,
  Refusal,
  type TokenKind,
} from './model.ts';
import { anyMove } from './moves.ts';
import { addOrganization } from './organization-moves.ts';
import { isWanted } from './outbox.ts';
import { nothing, type Reply, type Step } from './step.ts';
import { World } from './world.ts';

const SECOND_MS = 1_000;
const MAILS_AT_ONCE = 200;
/** So many calls are made between two looks: mails of before are on their way when things change. */
const MAILS_EVERY = 16;
/** So many calls are made until one is repeated as it was, and how often: of wrong passwords the tenth ends a session. */
const REPEATED_EVERY = 60;
const MOST_TIMES = 12;
const FROM = 'auth@example.com';
const URL = 'http://127.0.0.1:8080';

/** Beside the token key. */
const KEYS = [
  ['api', false],
  ['management', false],
  ['management', true],
  ['management_read', false],
] as const;

/** The settings of the server of a stand for stories: what an organization is mailed has no bound but each user's. */
export const STORIES_ENVIRONMENT = { AUTHFLOW_LIMIT_MAIL: 'off' } as const;

/** What a story is played on. */
export interface Stand {
  readonly ports: Ports;
  readonly mailOpener: MailOpener;
}

/** Time that stands still between steps, so that a story goes the same way whenever it is played. */
export interface StoryClock {
  /** Milliseconds since 1970. */
  now: number;
}

/**
 * Some organizations, what was given out for them, and random calls of every service that mix it up, while time passes. Each must come
 * out as the model says.
 */
export class Story {
  readonly #stand: Stand;
  readonly #clock: StoryClock;
  readonly #world: World;
  readonly #journal: Journal;
  readonly #readUntil = new Map<string, string>();
  /** Calls with their reasons by how often they came, `OK` among them. */
  readonly outcomes = new Map<string, number>();

  constructor(stand: Stand, { random, name, clock }: { random: Random; name: string; clock: StoryClock }) {
    this.#stand = stand;
    this.#clock = clock;
    this.#world = new World(random, name);
    this.#journal = new Journal(random);
  }

  async begin(): Promise<void> {
    for (const half of ['a', 'b']) {
      const { organization, apiKey } = await createOrganization(this.#ports, { name: `${this.#world.name} ${half}` });
      const org = addOrganization(this.#world, { ...organization, apiKey });
      for (const [kind, impersonates] of KEYS) {
        const asked = { orgId: org.orgId, label: '', inTokens: false, kind, impersonate: impersonates };
        const { key, apiKey: text } = await createApiKey(this.#ports, asked);
        const { keyId } = key;
        org.keys.push({ org, kind, impersonates, wasInTokens: false, keyId, text, isRevoked: false });
      }
    }
  }

  /** Plays so many calls. */
  async play(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      this.#pass();
      if (this.#world.chance(MAILS_EVERY) || (this.#world.waitsForMail && this.#world.chance(2))) {
        this.#world.waitsForMail = false;
        await this.#readMails();
      }
      this.#world.isCareful = !this.#world.chance(3);
      const made = anyMove(this.#world);
      if (made.operation.method.name === 'SendLoginCode' && this.#world.outbox.awaitsCodes) {
        // Of two that are answered at once either may be the last, whose code is the one that is good.
        await this.#readMails();
      }
      const times = this.#world.chance(REPEATED_EVERY) ? 1 + this.#world.random.below(MOST_TIMES) : 1;
      for (let time = 0; time < times; time += 1) {
        await this.#step(made);
      }
    }
  }

  /** The product's, where nobody is locked out: that is no part of these stories. */
  get #ports(): Ports {
    const { ports } = this.#stand;
    const { now } = this.#clock;
    const rules = { ...ports.rules, lock: NEVER_LOCKED, protectedRoles: [PROTECTED_ROLE] };
    return { ...ports, clock: { now: () => now }, rules };
  }

  #pass(): void {
    const { random } = this.#world;
    const below = (ms: number) => random.below(ms);
    const draw = random.below(200);
    if (draw < 150) {
      this.#clock.now += below(20 * SECOND_MS);
    } else if (draw < 190) {
      this.#clock.now += below(5 * MINUTE_MS);
    } else if (draw < 198) {
      this.#clock.now += below(40 * MINUTE_MS);
    } else if (draw < 199) {
      this.#clock.now += below(30 * HOUR_MS);
    } else {
      this.#clock.now += below(8 * DAY_MS);
    }
    this.#world.now = this.#clock.now;
  }

  async #step({ operation, request, headers, about, foresee }: Step): Promise<void> {
    const { name, input } = operation.method;
    const foreseen = foreseenOf(foresee);
    const message = create(input, request as MessageInitShape<typeof input>);
    const header = (wanted: string) => headers[wanted] ?? null;
    let reply: Reply = null;
    const outcome = await perform(operation, this.#ports, message, { header, faults: [] }).then(
      (result) => {
        reply = result;
        return 'OK';
      },
      (error: unknown) => {
        reply = error instanceof AuthError ? error.nextStep : null;
        return error instanceof AuthError ? error.reason : String(error);
      },
    );
    this.#journal.add(`${new Date(this.#world.now).toISOString()} ${name} ${about}: ${outcome}`);
    this.#journal.expect(outcome, foreseen.reasons);
    this.#outcomes(name, outcome);
    this.#compare(() => foreseen.check(reply));
  }

  /** Reads what a mail server would be given, as it would be given it now. */
  async #readMails(): Promise<void> {
    const ports = this.#ports;
    const { storage, mailTokens, clock } = ports;
    const opener = this.#stand.mailOpener;
    while (await answerRequests({ ports, opener })) {
      // Until there are no more.
    }
    const expected = this.#world.outbox.take();
    const found = (await Promise.all(this.#world.orgs.map((org) => this.#newMails(org)))).flat();
    this.#journal.add(
      `${new Date(this.#world.now).toISOString()} mails: ${found.map(({ mail }) => tellMail(mail)).join(', ')}`,
    );
    this.#compare(() => {
      const wanted = expected.map(({ user, ...mail }) => tellMail({ ...mail, userId: user.userId }));
      expect(found.map(({ mail }) => tellMail(mail)).sort()).toEqual(wanted.sort());
    });
    // Of several alike each is the oldest that is left: what they lead back to may differ.
    const left = [...expected];
    for (const { mailId, mail } of found) {
      const index = left.findIndex((each) => tellMail({ ...each, userId: each.user.userId }) === tellMail(mail));
      const [foreseen] = index < 0 ? [] : left.splice(index, 1);
      const prepared = await prepare(
        { storage, mailTokens, clock, fromAddress: FROM, publicUrl: () => URL },
        mail,
        mailId,
      );
      this.#outcomes(`Mail ${mail.kind}`, prepared === null ? 'unwanted' : 'OK');
      this.#compare(() =>
        expect(prepared !== null).toBe(foreseen !== undefined && isWanted(foreseen, this.#world.now)),
      );
      if (foreseen !== undefined && prepared !== null) {
        this.#keepToken(foreseen, prepared.message);
      }
    }
  }

  /** What was put into the outbox since it was last looked at. */
  async #newMails({ orgId }: Org) {
    const { storage } = this.#stand.ports;
    const after = this.#readUntil.get(orgId) ?? null;
    const mails = await storage.listMails(orgId, { after, limit: MAILS_AT_ONCE });
    const last = mails.at(-1);
    if (last !== undefined) {
      this.#readUntil.set(orgId, last.mailId);
    }
    return Promise.all(
      mails.map(async ({ mailId }) => {
        const row = await storage.findMail(mailId);
        const mail = row && this.#stand.mailOpener.open(row);
        if (mail === null || 'unopened' in mail) {
          throw new Error('A mail cannot be opened.');
        }
        return { mailId, mail };
      }),
    );
  }

  #keepToken({ kind, user, to, newEmail, addressVersion, code }: Mail, message: Message): void {
    this.#compare(() => expect(message.to).toBe(to));
    const text = /[?]token=([\w-]+)/.exec(message.text)?.[1];
    if (code !== undefined) {
      code.text = /^\s*(\d{6})\s*$/m.exec(message.text)?.[1] ?? '';
      this.#compare(() =>
        expect({ text, code: code.text }).toEqual({ text: undefined, code: expect.stringMatching(/\d/) }),
      );
      return;
    }
    if (kind === 'password_was_reset' || kind === 'login_code' || kind === 'second_factor_code') {
      this.#compare(() => expect(text).toBeUndefined());
      return;
    }
    // A warning leads back to where it was sent, and is void once what voids warnings has happened since it was asked for.
    const email = kind === 'email_change_warning' ? to : user.email;
    const does = kind in LIVES ? (kind as TokenKind) : 'not_me';
    const expiresAt = after(this.#world.now, LIVES[does]);
    const bound = { kind: does, user, email, newEmail, version: user.version, addressVersion, expiresAt };
    this.#world.mailTokens.push({ text: text ?? '', bound });
  }

  #outcomes(name: string, outcome: string): void {
    const key = `${name} ${outcome}`;
    this.outcomes.set(key, (this.outcomes.get(key) ?? 0) + 1);
  }

  #compare(check: () => void): void {
    try {
      check();
    } catch (error) {
      throw new Error(`Another reply than was due.\n${this.#journal.tell()}`, { cause: error });
    }
  }
}

interface Foreseen {
  readonly reasons: readonly string[];
  check(reply: Reply): void;
}

function foreseenOf(foresee: Step['foresee']): Foreseen {
  try {
    return { reasons: ['OK'], check: foresee() };
  } catch (refusal) {
    if (refusal instanceof Refusal) {
      const check = refusal instanceof Challenged ? (next: Reply) => refusal.keep(next) : nothing;
      return { reasons: refusal.reasons, check };
    }
    throw refusal;
  }
}

function tellMail({
  kind,
  userId,
  to,
  code,
}: {
  readonly kind: string;
  readonly userId: string;
  readonly to: string;
  readonly code?: { readonly until: number };
}): string {
  return `${kind} of ${userId} to ${to}${code === undefined ? '' : ` until ${code.until}`}`;
}
