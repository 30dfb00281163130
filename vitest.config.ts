import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    include: ['test/**/*.test.ts'],
    // Files start servers, browsers and databases; more at once than cores only makes them wait for one another.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A rejection nobody handles would end the origin's process, so it fails the run.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
