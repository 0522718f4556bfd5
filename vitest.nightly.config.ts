import { defineConfig } from 'vitest/config';

/** `npm run test:nightly`: what takes too long for every run. One file at a time, so that counts and times mean something. */
export default defineConfig({
  test: {
    include: ['test/nightly/**/*.test.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
    maxWorkers: 1,
  },
});
