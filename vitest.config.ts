import { defineConfig } from 'vitest/config';
import { SkipReporter } from './test/support/skip-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', new SkipReporter()],
    // Tests drive real servers, files and processes: generous against a busy machine, never a judge of speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
