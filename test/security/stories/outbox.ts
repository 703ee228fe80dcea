import {
  type CallerClass,
  type Challenge,
  HOUR_MS,
  type Mail,
  MINUTE_MS,
  type NoticeKind,
  type Org,
  type User,
} from './model.ts';
import { leadsBack } from './proofs.ts';
import type { World } from './world.ts';

/** Of these the latest is enough. */
const REPLACING: ReadonlySet<Mail['kind']> = new Set([
  ...(['verify_email', 'reset_password', 'invite', 'change_email', 'login_code', 'second_factor_code'] as const),
]);
const MOST_AN_HOUR = 5;

/** A mail that was asked for by an address. */
interface Asked {
  readonly kind: 'verify_email' | 'reset_password' | 'login_code';
  readonly org: Org;
  readonly email: string;
  readonly callerClass: CallerClass;
  /** That a code is for. */
  readonly challenge?: Challenge;
}

/** The mails of a story: what was asked for, what waits, and the budgets. */
export class Outbox {
  readonly #world: Pick<World, 'now' | 'userAt' | 'challenges'>;
  readonly #asked = new Map<string, Asked>();
  readonly #made = new Map<string, number[]>();
  #waiting: Mail[] = [];

  constructor(world: Pick<World, 'now' | 'userAt' | 'challenges'>) {
    this.#world = world;
  }

  ask(asked: Asked): void {
    this.#asked.set([asked.org.orgId, asked.kind, asked.callerClass, asked.email].join(' '), asked);
  }

  /** Whether codes were asked for by mail that are not mailed yet. */
  get awaitsCodes(): boolean {
    return [...this.#asked.values()].some(({ kind }) => kind === 'login_code');
  }

  /** Whether it was within the budget. */
  queue(mail: Omit<Mail, 'by' | 'version' | 'addressVersion'>, callerClass: CallerClass): boolean {
    const { user, kind, to } = mail;
    const { now } = this.#world;
    const budgets = [user.userId, to].map((who) => [user.org.orgId, kind, callerClass, who].join(' '));
    const lastHour = budgets.map((budget) => (this.#made.get(budget) ?? []).filter((at) => now - at < HOUR_MS));
    if (lastHour.some((made) => made.length >= MOST_AN_HOUR || made.some((at) => now - at < MINUTE_MS))) {
      return false;
    }
    for (const [index, budget] of budgets.entries()) {
      this.#made.set(budget, [...(lastHour[index] ?? []), now]);
    }
    if (REPLACING.has(kind)) {
      this.#waiting = this.#waiting.filter(
        (other) => other.user !== user || other.kind !== kind || other.by !== callerClass,
      );
    }
    this.#waiting.push({ ...mail, by: callerClass, version: user.version, addressVersion: user.addressVersion });
    return true;
  }

  /** Tells a user whose address is proven what was done. */
  tell(user: User, kind: NoticeKind, callerClass: CallerClass): void {
    if (user.isVerified) {
      this.queue({ kind, user, to: user.email, newEmail: '' }, callerClass);
    }
  }

  /** Mails a code for a challenge, where it is within the budget: the latest of a user, for a class of callers, is good alone. */
  mailCode(kind: 'login_code' | 'second_factor_code', user: User, challenge: Challenge): void {
    const code = { text: '', until: Math.min(this.#world.now + 10 * MINUTE_MS, challenge.expiresAt) };
    if (this.queue({ kind, user, to: user.email, newEmail: '', code }, challenge.by)) {
      const { kind: of, by: askedBy } = challenge;
      for (const other of this.#world.challenges.filter((each) => each.user === user)) {
        other.code = other.kind === of && other.by === askedBy ? null : other.code;
      }
      Object.assign(challenge, { code, user, version: user.version });
    }
  }

  /** Of a user who is gone nothing is kept. */
  forget(user: User): void {
    this.#waiting = this.#waiting.filter((mail) => mail.user !== user);
  }

  /** What the sender finds: all requests are answered, and nothing waits any more. */
  take(): readonly Mail[] {
    for (const { kind, org, email, callerClass, challenge } of this.#asked.values()) {
      const user = this.#world.userAt(org, email);
      const isOurs = !org.isClosed && !org.sendsItself;
      const isWanted = user !== null && isOurs && !user.isDisabled && !(kind === 'verify_email' && user.isVerified);
      if (isWanted && kind === 'login_code') {
        if (challenge !== undefined && challenge.expiresAt > this.#world.now) {
          this.mailCode(kind, user, challenge);
        }
      } else if (isWanted) {
        this.queue({ kind, user, to: email, newEmail: '' }, callerClass);
      }
    }
    this.#asked.clear();
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }
}

/** Whether a mail still goes out: it says what is true, and does what its user may do. */
export function isWanted({ kind, user, to, version, addressVersion, code }: Mail, now: number): boolean {
  if (user.isGone || user.org.isClosed || user.org.sendsItself) {
    return false;
  }
  const isSameUser = !user.isDisabled && user.email === to;
  switch (kind) {
    case 'verify_email':
      return isSameUser && !user.isVerified;
    case 'reset_password':
      return isSameUser;
    case 'invite':
      return isSameUser && user.version === version;
    case 'change_email':
      return !user.isDisabled && user.email !== to && user.version === version;
    case 'email_change_warning':
      return leadsBack({ user, email: to, addressVersion }, now);
    case 'login_code':
    case 'second_factor_code':
      return isSameUser && user.version === version && (code?.until ?? 0) > now;
    case 'password_was_reset':
      return true;
    default:
      return user.email === to;
  }
}
