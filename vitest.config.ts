import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const src = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  oxc: { decorator: { legacy: true } },
  resolve: { alias: { 'sassy/testing': src('testing/index.ts'), sassy: src('index.ts') } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    // In CI the results are counted by `.ci/run` as well.
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: 'node_modules/.vitest/results.json' }]]
      : ['default'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], checker: 'tsc' },
  },
});
