import { type CallerClass, HOUR_MS, type Mail, MINUTE_MS, type Org, type User } from './model.ts';
import { leadsBack } from './proofs.ts';
import type { World } from './world.ts';

/** Of these the latest is enough. */
const REPLACING: ReadonlySet<Mail['kind']> = new Set(['verify_email', 'reset_password', 'invite', 'change_email']);
const MOST_AN_HOUR = 5;

/** A mail that was asked for by an address. */
interface Asked {
  readonly kind: 'verify_email' | 'reset_password';
  readonly org: Org;
  readonly email: string;
  readonly callerClass: CallerClass;
}

/** The mails of a story: what was asked for, what waits, and the budgets. */
export class Outbox {
  readonly #world: Pick<World, 'now' | 'userAt'>;
  readonly #asked = new Map<string, Asked>();
  readonly #made = new Map<string, number[]>();
  #waiting: Mail[] = [];

  constructor(world: Pick<World, 'now' | 'userAt'>) {
    this.#world = world;
  }

  ask(asked: Asked): void {
    this.#asked.set([asked.org.orgId, asked.kind, asked.callerClass, asked.email].join(' '), asked);
  }

  /** Whether it was within the budget. */
  queue(mail: Omit<Mail, 'version' | 'addressVersion'>, callerClass: CallerClass): boolean {
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
      this.#waiting = this.#waiting.filter((other) => other.user !== user || other.kind !== kind);
    }
    this.#waiting.push({ ...mail, version: user.version, addressVersion: user.addressVersion });
    return true;
  }

  /** Of a user who is gone nothing is kept. */
  forget(user: User): void {
    this.#waiting = this.#waiting.filter((mail) => mail.user !== user);
  }

  /** What the sender finds: all requests are answered, and nothing waits any more. */
  take(): readonly Mail[] {
    for (const { kind, org, email, callerClass } of this.#asked.values()) {
      const user = this.#world.userAt(org, email);
      const isOurs = !org.isClosed && !org.sendsItself;
      if (user !== null && isOurs && !user.isDisabled && !(kind === 'verify_email' && user.isVerified)) {
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
export function isWanted({ kind, user, to, version, addressVersion }: Mail, now: number): boolean {
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
    case 'password_was_reset':
      return true;
  }
}
