// The tests, in the order in which a failure says most: units first, then what they make up together.
import { defineConfig } from 'vitest/config'

/** What takes half a minute or more each and whose short forms are among the others: `npm run test:long`, before a change is called done. */
const long = [
  'tests/center/hosts.test.ts',
  'tests/center/replay.test.ts',
  'tests/center/scheduler-killed.test.ts',
  'tests/report/barriers.test.ts',
  'tests/sim/solved-presets.test.ts',
]

export default defineConfig({
  test: {
    // Both cores of the machine that this is to be done with within a quarter of an hour: most tests wait for processes of their own.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'services/*/src/**/*.test.{ts,tsx}', 'infra/**/*.test.ts'],
          exclude: ['infra/center/supervisor.test.ts', 'services/console/src/page.test.ts', '**/node_modules/**'],
          // Only to end what hangs: some read hundreds of megabytes, on machines that have other work.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'house',
          include: ['tests/house/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        // Every bench asserts its answer at a small size, so that none of them rots unseen.
        test: {
          name: 'bench',
          include: ['bench/**/*.test.ts'],
          testTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Whole processes on a real Redis, each file with its own.
        test: {
          name: 'cross',
          include: ['infra/center/supervisor.test.ts', 'services/console/src/page.test.ts', 'tests/**/*.test.ts'],
          exclude: ['tests/house/**', '**/node_modules/**', ...long],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'long',
          include: long,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
