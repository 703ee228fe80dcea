import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints, after everything else, each reason for which tests were skipped, and how many it held back. Where CI is set
 * the run fails then: CI skips nothing.
 */
export class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const result = test.result();
        const reason = (result.state === 'skipped' && result.note) || 'no reason given';
        const line = `${module.relativeModuleId}: ${reason}`;
        counts.set(line, (counts.get(line) ?? 0) + 1);
      }
    }
    for (const [line, count] of counts) {
      console.log(`skipped ${count} of ${line}`);
    }
    if (counts.size > 0 && process.env.CI !== undefined) {
      console.error('Nothing may be skipped in CI.');
      process.exitCode = 1;
    }
  }
}
