import { organizationOf } from './organization-of.ts';

/** Of those that are forgotten beyond it, the next call is one of an unknown organization again. */
const MOST_KNOWN = 100_000;
/** No id of an organization. */
const UNKNOWN = '';

/**
 * The organizations that a process has met. All others count as one where connections are shared out: who names organizations that
 * do not exist gets no more than somebody who is one.
 */
export class KnownOrganizations {
  readonly #known = new Set<string>();

  add(orgId: string | undefined): void {
    if (orgId === undefined || this.#known.has(orgId)) {
      return;
    }
    if (this.#known.size >= MOST_KNOWN) {
      this.#known.clear();
    }
    this.#known.add(orgId);
  }

  /** Whom an operation with these parameters is for; null where they name no organization. */
  groupOf(args: readonly unknown[]): string | null {
    const orgId = organizationOf(args);
    return orgId === null || this.#known.has(orgId) ? orgId : UNKNOWN;
  }
}
