import os from 'node:os';

/**
 * One line: a bar is met when the ratio reaches it (`atLeast`) or does not pass it (`atMost`). Without a ratio the value
 * itself is held against it.
 * @typedef {object} Row
 * @property {string} what
 * @property {string} ours
 * @property {string} [reference]
 * @property {number | null} [ratio]
 * @property {string} [bar]
 * @property {boolean | null} [met] null where it could not be measured
 */

const COLUMNS = /** @type {const} */ (['what', 'ours', 'reference', 'ratio', 'bar', 'met']);

/** @param {readonly Row[]} rows */
export function printTable(rows) {
  const lines = [
    [...COLUMNS],
    ...rows.map(({ what, ours, reference = '', ratio = null, bar = '', met }) => [
      what,
      ours,
      reference,
      ratio === null ? '' : ratio.toFixed(2),
      bar,
      met === undefined ? '' : met === null ? '?' : met ? 'yes' : 'NO',
    ]),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines) {
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** What the figures depend on. */
export function printMachine() {
  const { model } = os.cpus()[0] ?? { model: 'unknown CPU' };
  console.log(
    `${os.availableParallelism()} × ${model.trim()}, ${os.platform()} ${os.release()}, Node ${process.versions.node}`,
  );
  console.log(
    `load before the run: ${os
      .loadavg()
      .map((load) => load.toFixed(2))
      .join(' ')}`,
  );
}
