import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests run what Node runs: no transform of server code, so type stripping and import maps are the real ones. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    experimental: { viteModuleRunner: false },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/report.ts'],
  },
});
