/** `make test-runbook`: brings a cluster to each held state of docs/runbook.md and types its commands as they are printed. */
import { runSuite } from '../run-suite.ts';
import { chosenTries } from './choice.ts';

await runSuite({
  steps: [
    {
      name: `every command of docs/runbook.md, as printed: ${chosenTries().join(', ')} (RUNBOOK=name,name for some)`,
      command: ['vitest', 'run', '--project', 'runbook', '--reporter', 'verbose'],
    },
  ],
  passed: 'every command of the runbook did what it says',
});
