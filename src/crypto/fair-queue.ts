import { CALLER_CLASSES, type Caller, type CallerClass } from '../domain/caller.ts';

/**
 * Whom each of eight turns of an organization goes to before the highest class that waits: so a lower one has a turn in
 * eight at least (docs/security.md, L0).
 */
const FAVOURED: readonly (CallerClass | null)[] = [null, null, null, null, null, null, 'no_key', 'token_key'];

interface OrganizationQueue<T> {
  /** Index in {@link FAVOURED}. */
  turn: number;
  readonly byClass: Readonly<Record<CallerClass, T[]>>;
}

/**
 * Who goes next: organizations in turn, within one the highest class of caller that waits, but for the turns of lower
 * ones; within a class the first that came. An organization whose turn was the last one goes after one that came since.
 * Holds nothing of organizations of whom nobody waits.
 */
export class FairQueue<T> {
  /** In the order of their turns. */
  readonly #organizations = new Map<string, OrganizationQueue<T>>();
  /** It goes to the end with the turn after its own: who comes until then is before it. */
  #lastServed = '';
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push({ orgId, callerClass }: Caller, item: T): void {
    let organization = this.#organizations.get(orgId);
    if (organization === undefined) {
      organization = { turn: 0, byClass: { private_key: [], token_key: [], no_key: [] } };
      this.#organizations.set(orgId, organization);
    }
    organization.byClass[callerClass].push(item);
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
    const item = organization.byClass[nextClass(organization)].shift();
    organization.turn = (organization.turn + 1) % FAVOURED.length;
    if (CALLER_CLASSES.every((callerClass) => organization.byClass[callerClass].length === 0)) {
      this.#organizations.delete(orgId);
    }
    this.#size -= 1;
    return item;
  }

  #nextOrganization(): string {
    for (const orgId of this.#organizations.keys()) {
      if (orgId !== this.#lastServed) {
        return orgId;
      }
    }
    return this.#lastServed;
  }

  #moveLastToEnd(served: string): void {
    const last = this.#organizations.get(this.#lastServed);
    if (last !== undefined) {
      this.#organizations.delete(this.#lastServed);
      this.#organizations.set(this.#lastServed, last);
    }
    this.#lastServed = served;
  }
}

function nextClass<T>({ turn, byClass }: OrganizationQueue<T>): CallerClass {
  const favoured = FAVOURED[turn] ?? null;
  if (favoured !== null && byClass[favoured].length > 0) {
    return favoured;
  }
  return CALLER_CLASSES.find((callerClass) => byClass[callerClass].length > 0) ?? 'no_key';
}
