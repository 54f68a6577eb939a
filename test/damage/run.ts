/** `make test-damage`: does to a throwaway cluster what plan refuses, and shows what is lost. */
import { runSuite } from '../run-suite.ts';

/** Arguments for vitest, e.g. `-t reverted` for one story. */
const chosen = process.argv.slice(2);

await runSuite({
  steps: [
    {
      name: 'the worst refusals, each done all the same on a cluster of its own',
      command: ['vitest', 'run', '--project', 'damage', '--reporter', 'verbose', ...chosen],
    },
  ],
  passed: `${chosen.length === 0 ? 'every refusal is proved right' : 'passed'}; what was lost: .lab/logs/damage.txt`,
});
