import { ENTRANCE_NAMES } from './entrance.ts';
import type { Column, Report, Result } from './report.ts';

/** A report as lines for people: a table of checks and entrances, then each failure, then what was left out. */
export function reportLines(report: Report): readonly string[] {
  const { results, notChecked, durationMs } = report;
  const failed = results.filter(({ failure }) => failure !== null);
  return [
    ...tableLines(results),
    ...failed.flatMap(failureLines),
    '',
    ...notChecked.map(({ rule, why }) => `not checked  ${rule}: ${why}`),
    '',
    `${results.length} checks in ${(durationMs / 1000).toFixed(1)} s: ${results.length - failed.length} ok, ${failed.length} FAILED.`,
  ];
}

/** A report as one object of JSON. */
export function reportJson({ baseUrl, grpcAddress, isConforming, results, notChecked, durationMs }: Report): object {
  return {
    conforming: isConforming,
    base_url: baseUrl,
    grpc: grpcAddress,
    duration_ms: durationMs,
    checks: results.map(({ section, check, entrance, failure }) => ({
      section,
      check,
      entrance,
      ok: failure === null,
      ...failure,
    })),
    not_checked: notChecked,
  };
}

function tableLines(results: readonly Result[]): readonly string[] {
  const columns = [...new Set(results.map(({ entrance }) => entrance))].sort(
    (one, other) => COLUMNS.indexOf(one) - COLUMNS.indexOf(other),
  );
  const width = Math.max(...results.map(({ check }) => check.length)) + 2;
  const lines: string[] = [];
  for (const section of new Set(results.map((result) => result.section))) {
    const ofSection = results.filter((result) => result.section === section);
    lines.push(...(lines.length === 0 ? [] : ['']), row(section, columns, width));
    for (const check of new Set(ofSection.map((result) => result.check))) {
      const ofCheck = ofSection.filter((result) => result.check === check);
      const cells = columns.map((column) => cell(ofCheck.find(({ entrance }) => entrance === column)));
      lines.push(row(`  ${check}`, cells, width, columns));
    }
  }
  return lines;
}

/** Every column, in the order of the table. */
const COLUMNS: readonly Column[] = [...ENTRANCE_NAMES, 'http-port', 'grpc-port'];

function row(first: string, cells: readonly string[], width: number, columns: readonly string[] = cells): string {
  const padded = cells.map((text, index) => text.padEnd(Math.max(6, columns[index]?.length ?? 0)));
  return `${first.padEnd(width)}  ${padded.join('  ')}`.trimEnd();
}

function cell(result: Result | undefined): string {
  if (result === undefined) {
    return '-';
  }
  return result.failure === null ? 'ok' : 'FAILED';
}

function failureLines({ section, check, entrance, failure }: Result): readonly string[] {
  return [
    '',
    `FAILED  ${section}: ${check}  [${entrance}]`,
    `        expected  ${failure?.expected}`,
    `        got       ${failure?.got}`,
  ];
}
