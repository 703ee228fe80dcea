import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where h2spec asks. */
export interface Target {
  readonly port: number;
  readonly tls: boolean;
}

/** What became of each case, by its section and title: passed, skipped, or what h2spec says of a failure. */
export type Report = ReadonlyMap<string, string>;

/** Runs h2spec, all of it or the sections named, such as `http2/6.1`, its optional cases too. */
export async function runH2spec(h2spec: string, target: Target, sections: readonly string[] = []): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'authflow-h2spec-'));
  try {
    const file = join(folder, 'report.xml');
    const args = [...sections, '--strict', '--port', `${target.port}`, '--junit-report', file];
    // It ends with 1 where a case fails, which is for the report to say.
    await new Promise<void>((resolve) => {
      execFile(h2spec, target.tls ? [...args, '--tls', '--insecure'] : args, () => resolve());
    });
    return readReport(readFileSync(file, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** By patterns: h2spec writes what it received into the file as it is, so that this is no XML. */
function readReport(text: string): Report {
  const cases = text.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs);
  return new Map(Array.from(cases, ([, section, title, outcome = '']) => [`${section}: ${title}`, said(outcome)]));
}

function said(outcome: string): string {
  if (outcome === '') {
    return 'passed';
  }
  return outcome.includes('<skipped>') ? 'skipped' : outcome.trim();
}
