/** @typedef {import('./table.js').Row} Row */
/** @typedef {import('./measure-calls.js').Throughput} Throughput */

const MIB = 2 ** 20;

/**
 * The server's CPU time for a call, the steadiest figure on a machine that others use too.
 *
 * @param {string} what
 * @param {Throughput} ours
 * @param {Throughput} reference
 * @param {number | null} bar null where there is none: a figure to know
 * @returns {Row}
 */
export function cpuPerCall(what, ours, reference, bar) {
  const measured = ours.cpuMicrosPerCall !== null && reference.cpuMicrosPerCall !== null;
  const ratio = measured ? Number(ours.cpuMicrosPerCall) / Number(reference.cpuMicrosPerCall) : null;
  const row = { what, ours: micros(ours), reference: micros(reference), ratio };
  return bar === null ? row : { ...row, bar: `≤ ${bar}`, met: ratio === null ? null : ratio <= bar };
}

/**
 * @param {string} what
 * @param {Throughput} ours
 * @param {Throughput} reference
 * @param {number | null} bar null where there is none: a figure to know
 * @returns {Row}
 */
export function throughput(what, ours, reference, bar) {
  return atLeast(what, ours.perSecond, reference.perSecond, bar);
}

/**
 * @param {string} what
 * @param {number} ours
 * @param {number} reference
 * @param {number | null} bar
 * @returns {Row}
 */
export function atLeast(what, ours, reference, bar) {
  const ratio = ours / reference;
  const row = { what, ours: perSecond(ours), reference: perSecond(reference), ratio };
  return bar === null ? row : { ...row, bar: `≥ ${bar}`, met: ratio >= bar };
}

/**
 * @param {string} what
 * @param {import('./measure-flood.js').FloodFigures} figures
 * @returns {Row}
 */
export function besideFlood(what, { alone, beside }) {
  const ratio = beside / alone;
  return {
    what,
    ours: `${beside.toFixed(1)} ms`,
    reference: `${alone.toFixed(1)} ms`,
    ratio,
    bar: '≤ 1.5',
    met: ratio <= 1.5,
  };
}

/**
 * @param {string} what
 * @param {number | null} bytes
 * @param {number} barMib
 * @returns {Row}
 */
export function memory(what, bytes, barMib) {
  const mib = bytes === null ? null : bytes / MIB;
  return {
    what,
    ours: mib === null ? 'not measured here' : `${mib.toFixed(0)} MiB`,
    bar: `≤ ${barMib} MiB`,
    met: mib === null ? null : mib <= barMib,
  };
}

/** @param {number} rate */
function perSecond(rate) {
  return `${rate.toFixed(rate < 1_000 ? 1 : 0)} /s`;
}

/** @param {Throughput} throughput */
function micros({ cpuMicrosPerCall }) {
  return cpuMicrosPerCall === null ? 'not measured here' : `${cpuMicrosPerCall.toFixed(0)} µs CPU`;
}

/**
 * What two cores would do if the load took nothing of them: the CPU time of one process for a call, twice, by that of all processes
 * for a call.
 *
 * @param {string} what
 * @param {Throughput} ours of two server processes
 * @param {Throughput} reference of one
 * @param {number} bar
 * @returns {Row}
 */
export function twoProcesses(what, ours, reference, bar) {
  const row = cpuPerCall(what, ours, reference, null);
  const ratio = row.ratio === null || row.ratio === undefined ? null : 2 / row.ratio;
  return { ...row, ratio, bar: `≥ ${bar}`, met: ratio === null ? null : ratio >= bar };
}

/**
 * What a database does for a call.
 *
 * @param {string} what
 * @param {Throughput} throughput
 * @returns {Row}
 */
export function databasePerCall(what, { databaseMicrosPerCall }) {
  return {
    what,
    ours: databaseMicrosPerCall === null ? 'not measured here' : `${databaseMicrosPerCall.toFixed(0)} µs CPU`,
  };
}
