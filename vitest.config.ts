/**
 * Test projects: `unit` is pure, `repos` plans the repositories of test/repos, `fuzz` plans broken ones, `workflow` needs a Temporal
 * test server, `lab` needs the raised lab, `breaches`, `damage`, `shapes`, `ways-back` and `runbook` raise their own.
 */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The lab's files build on each other: they run in the order of their names. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((left, right) => left.moduleId.localeCompare(right.moduleId));
  }
}

export default defineConfig({
  test: {
    // Vitest leaves a core for watching; here most of the time goes to programs that the tests run.
    maxWorkers: availableParallelism(),
    fileParallelism: process.env['VITEST_SERIAL'] !== 'yes',
    sequence: { sequencer: ByName },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'lab/**/*.test.ts', 'test/*/*.unit.test.ts'],
          setupFiles: ['test/every-plan-validates.ts'],
          // The files share nothing that changes, and the planner is loaded once.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'repos',
          include: ['test/corpus/**/*.test.ts'],
          // Each case is built with the real programs, before and after each commit.
          testTimeout: 180_000,
          // Else each file would plan each case anew.
          isolate: false,
        },
      },
      {
        test: {
          name: 'definitions',
          include: ['test/definitions/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'workflow',
          // Each file has a server of its own, and time that is skipped wants an idle machine.
          fileParallelism: false,
          include: ['test/workflow/**/*.test.ts', 'test/histories/**/*.test.ts'],
          // Beside the lab, on two cores, they take five times as long as alone.
          testTimeout: 360_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: { name: 'fuzz', include: ['test/fuzz/*.test.ts'] },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/[0-9]*.test.ts'],
          fileParallelism: false,
          bail: 1,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'shapes',
          include: ['test/shapes/*.test.ts'],
          fileParallelism: false,
          bail: 1,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'ways-back',
          include: ['test/ways-back/*.test.ts'],
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'runbook',
          include: ['test/runbook/{by-hand,held-states}.test.ts'],
          fileParallelism: false,
          bail: 1,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'breaches',
          include: ['test/breaches/*.test.ts'],
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'damage',
          include: ['test/damage/damage.test.ts'],
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
