import { CALLER_CLASSES, type Caller, type CallerClass } from '../domain/caller.ts';

/**
 * Whom each of eight turns of an organization goes to before the highest class that waits: so a lower one has a turn in
 * eight at least (docs/security.md, L0).
 */
const FAVOURED: readonly (CallerClass | null)[] = [null, null, null, null, null, null, 'no_key', 'token_key'];

interface OrganizationQueue<T> {
  /** Index in {@link FAVOURED}. */
  turn: number;
  /** What its turns have cost: who has the least goes next. */
  charged: number;
  /** By how much the turns of a class cost more than usual ones: for so much it goes without favoured turns. */
  readonly overdrawn: Record<CallerClass, number>;
  readonly byClass: Readonly<Record<CallerClass, Waiting<T>[]>>;
}

interface Waiting<T> {
  readonly item: T;
  readonly cost: number;
}

/**
 * Who goes next: organizations in turn, within one the highest class of caller that waits, but for the turns of lower
 * ones; within a class the first that came. An organization whose turn was the last one goes after one that came since.
 *
 * A turn is charged by what it costs, so that who has long ones has fewer of them (docs/security.md, P6): the organization that was
 * charged the least goes next, and one that comes begins where the others are, so that nobody saves turns up (start-time fair
 * queueing: Goyal, Vin and Cheng, 1996). Of organizations of whom nobody waits it holds what long turns have cost them, until the
 * others have had as much.
 */
export class FairQueue<T> {
  /** In the order of their turns. */
  readonly #organizations = new Map<string, OrganizationQueue<T>>();
  /** Those of whom nobody waits, and who were charged more than where the others are. */
  readonly #ahead = new Map<string, number>();
  readonly #usualCost: number;
  /** Where an organization that comes begins: one usual turn after the last that was served. */
  #level = 0;
  /** It goes to the end with the turn after its own: who comes until then is before it. */
  #lastServed = '';
  #size = 0;

  /** `usualCost`: of most turns, in the unit of all costs. */
  constructor(usualCost = 1) {
    this.#usualCost = usualCost;
  }

  get size(): number {
    return this.#size;
  }

  push({ orgId, callerClass }: Caller, item: T, cost = this.#usualCost): void {
    let organization = this.#organizations.get(orgId);
    if (organization === undefined) {
      organization = newQueue(Math.max(this.#level, this.#ahead.get(orgId) ?? 0));
      this.#ahead.delete(orgId);
      this.#organizations.set(orgId, organization);
    }
    organization.byClass[callerClass].push({ item, cost });
    this.#size += 1;
  }

  /** Takes out whose turn it is; undefined when nobody waits. */
  next(): T | undefined {
    const orgId = this.#nextOrganization();
    const organization = this.#organizations.get(orgId);
    if (organization === undefined) {
      return undefined;
    }
    this.#moveLastToEnd(orgId);
    const callerClass = this.#nextClass(organization);
    const waiting = organization.byClass[callerClass].shift();
    this.#charge(organization, callerClass, waiting?.cost ?? 0);
    organization.turn = (organization.turn + 1) % FAVOURED.length;
    if (CALLER_CLASSES.every((name) => organization.byClass[name].length === 0)) {
      this.#organizations.delete(orgId);
      this.#ahead.set(orgId, organization.charged);
    }
    this.#forgetPassed();
    this.#size -= 1;
    return waiting?.item;
  }

  /** Of several that were charged as much the first, and the last that was served after the others. */
  #nextOrganization(): string {
    let [next, least] = [this.#lastServed, Number.POSITIVE_INFINITY];
    for (const [orgId, { charged }] of this.#organizations) {
      if (charged < least && orgId !== this.#lastServed) {
        [next, least] = [orgId, charged];
      }
    }
    const last = this.#organizations.get(this.#lastServed);
    return last !== undefined && last.charged < least ? this.#lastServed : next;
  }

  #moveLastToEnd(served: string): void {
    const last = this.#organizations.get(this.#lastServed);
    if (last !== undefined) {
      this.#organizations.delete(this.#lastServed);
      this.#organizations.set(this.#lastServed, last);
    }
    this.#lastServed = served;
  }

  #nextClass({ turn, byClass, overdrawn }: OrganizationQueue<T>): CallerClass {
    const favoured = FAVOURED[turn] ?? null;
    if (favoured !== null && byClass[favoured].length > 0) {
      if (overdrawn[favoured] < this.#usualCost) {
        return favoured;
      }
      overdrawn[favoured] -= this.#usualCost;
    }
    return CALLER_CLASSES.find((callerClass) => byClass[callerClass].length > 0) ?? 'no_key';
  }

  #charge(organization: OrganizationQueue<T>, callerClass: CallerClass, cost: number): void {
    this.#level = Math.max(this.#level, organization.charged + Math.min(cost, this.#usualCost));
    organization.charged += cost;
    organization.overdrawn[callerClass] += Math.max(0, cost - this.#usualCost);
  }

  #forgetPassed(): void {
    for (const [orgId, charged] of this.#ahead) {
      if (charged <= this.#level) {
        this.#ahead.delete(orgId);
      }
    }
  }
}

function newQueue<T>(charged: number): OrganizationQueue<T> {
  return {
    turn: 0,
    charged,
    overdrawn: { private_key: 0, token_key: 0, no_key: 0 },
    byClass: { private_key: [], token_key: [], no_key: [] },
  };
}
