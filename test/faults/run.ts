/** `make test-faults`: every phase that acts, with every fault, in the lab; goes on where an earlier call ended. */
import { runSuite } from '../run-suite.ts';

await runSuite({
  steps: [
    {
      name: 'the fault matrix (CELLS=phase/fault-moment,… for some, SEED=n)',
      command: ['node', 'test/faults/main.ts'],
    },
  ],
  passed: 'every cell came to a stable end, and nothing was broken from outside',
});
