import { defineConfig } from 'vitest/config';

// Packages are tested from their sources, as `tsc -b` reads them: the condition `source` of their exports.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/tests/**/*.test.{ts,tsx}', 'app/tests/**/*.test.{ts,tsx}'],
    maxWorkers: '100%', // all processors: tests wait for servers
  },
});
