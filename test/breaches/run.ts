/** `make test-breaches`: what people do by hand in the middle of a run, done in the lab: what the watch does then, and both ways out. */
import { runSuite } from '../run-suite.ts';
import { chosenStories } from './stories.ts';

const names = chosenStories().map(([name]) => name);

await runSuite({
  steps: [
    {
      name: `breaches of what must hold, about six minutes each: ${names.join(', ')} (BREACHES=name,name for some)`,
      command: ['vitest', 'run', '--project', 'breaches', '--reporter', 'verbose'],
    },
  ],
  passed: `each breach was stopped, told, and led out of both ways: ${names.join(', ')}`,
});
