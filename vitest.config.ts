import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests drive real servers, files and processes: generous against a busy machine, never a judge of speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
