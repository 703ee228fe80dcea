import type { MoveProgress } from '../app/copy.ts';
import type { Output } from './output.ts';

/** Often enough to look alive, and not more work than the copy. */
const REDRAW_MS = 100;
/** Where nobody watches each line stays, as in a log. */
const LINE_MS = 10_000;
const BAR_CELLS = 24;

/** Shows how far a copy is: a bar on a terminal, otherwise a line for each phase and one every ten seconds. */
export class CopyProgressView {
  readonly #output: Output;
  #phase: MoveProgress['phase'] | null = null;
  #phaseBegunAt = 0;
  #firstRows = 0;
  #shownAt = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  show(progress: MoveProgress): void {
    const now = performance.now();
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      this.#phaseBegunAt = now;
      this.#firstRows = progress.rows;
    } else if (now - this.#shownAt < (this.#output.isWatched ? REDRAW_MS : LINE_MS)) {
      return;
    }
    this.#shownAt = now;
    const line = this.#line(progress, now);
    // Who does not read how far the copy is does not stop it.
    (this.#output.isWatched ? this.#output.overwrite(line) : this.#output.notice(line)).catch(() => {});
  }

  /** Takes the bar away. */
  async end(): Promise<void> {
    await this.#output.overwrite('').catch(() => {});
  }

  #line({ phase, table, rows, totalRows }: MoveProgress, now: number): string {
    const share = totalRows === 0 ? 1 : rows / totalRows;
    const seconds = (now - this.#phaseBegunAt) / 1000;
    const rate = seconds < 0.5 ? '' : `, ${Math.round((rows - this.#firstRows) / seconds)} rows/s`;
    const filled = Math.round(share * BAR_CELLS);
    const bar = this.#output.isWatched ? `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}] ` : '';
    return `${phase.padEnd(9)} ${bar}${Math.floor(share * 100)} %, ${rows} of ${totalRows} rows${rate} (${table})`;
  }
}
