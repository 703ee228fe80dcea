import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Some tests move the clock of the servers or stop one: nothing else may run meanwhile.
    fileParallelism: false,
    // The vectors mostly wait.
    maxConcurrency: 12,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
