import type { UserImportCounts } from '../domain/users/import/import-users.ts';
import type { Output } from './output.ts';

/** Often enough to look alive, and not more work than the import. */
const REDRAW_MS = 100;
/** Where nobody watches each line stays, as in a log. */
const LINE_MS = 10_000;
const BAR_CELLS = 24;

/** Shows how far an import is: a bar on a terminal, otherwise a line every ten seconds. */
export class ImportProgressView {
  readonly #output: Output;
  readonly #share: () => number | null;
  readonly #begunAt = performance.now();
  #shownAt = performance.now();

  constructor(output: Output, share: () => number | null) {
    this.#output = output;
    this.#share = share;
  }

  show(counts: UserImportCounts): void {
    const now = performance.now();
    if (now - this.#shownAt < (this.#output.isWatched ? REDRAW_MS : LINE_MS)) {
      return;
    }
    this.#shownAt = now;
    const line = this.#line(counts, now);
    // Who does not read how far the import is does not stop it.
    (this.#output.isWatched ? this.#output.overwrite(line) : this.#output.notice(line)).catch(() => {});
  }

  /** Takes the bar away. */
  async end(): Promise<void> {
    await this.#output.overwrite('').catch(() => {});
  }

  #line({ added, existing, refused }: UserImportCounts, now: number): string {
    const rate = Math.round((added + existing + refused) / ((now - this.#begunAt) / 1000));
    const share = this.#share();
    const filled = Math.round((share ?? 0) * BAR_CELLS);
    const bar = this.#output.isWatched ? `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}] ` : '';
    const told = share === null ? '' : `${bar}${Math.floor(share * 100)} %, `;
    return `${told}${added} added, ${existing} there before, ${refused} refused, ${rate} users/s`;
  }
}
