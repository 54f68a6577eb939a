/** `make test-shapes`: hands each legacy shape of the table over in the lab, forward, back and from nothing. */
import { runSuite } from '../run-suite.ts';
import { chosenShapes } from './shapes.ts';

const names = chosenShapes().map(({ name }) => name);

await runSuite({
  steps: [
    {
      name: `one cluster after the other, about ten minutes each: ${names.join(', ')} (SHAPES=name,name for some)`,
      command: ['vitest', 'run', '--project', 'shapes', '--reporter', 'verbose'],
    },
  ],
  passed: `each shape went over, back and came up from nothing: ${names.join(', ')}`,
});
