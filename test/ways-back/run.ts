/** `make test-ways-back`: ways back without Temporal and after the end of a run, in the lab. */
import { runSuite } from '../run-suite.ts';

await runSuite({
  steps: [
    {
      name: 'back by --direct, from within adopt and after retire, with Temporal and its data gone; main back alone',
      command: ['vitest', 'run', '--project', 'ways-back', '--reporter', 'verbose'],
    },
  ],
  passed: 'every way back led to what was before',
});
