/** `make test-runbook`: brings a cluster to each held state of docs/runbook.md and types its commands as they are printed. */
import { runSuite } from '../run-suite.ts';
import { chosenTries } from './choice.ts';

const tries = chosenTries();
const files = [
  ...(tries.includes('held') ? ['held-states'] : []),
  ...(tries.some((name) => name !== 'held') ? ['by-hand'] : []),
].map((name) => `test/runbook/${name}.test.ts`);

await runSuite({
  steps: [
    {
      name: `every command of docs/runbook.md, as printed: ${tries.join(', ')} (RUNBOOK=name,name for some)`,
      command: ['vitest', 'run', '--project', 'runbook', '--reporter', 'verbose', ...files],
    },
  ],
  passed: 'every command of the runbook did what it says',
});
