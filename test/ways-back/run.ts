/** `make test-ways-back`: every way back in the lab, from each phase of each shape, without Temporal, and of main alone. */
import { chosen } from '../chosen.ts';
import { runSuite } from '../run-suite.ts';

/** `WAYS` names some of the files; within every-phase, `SHAPES` and `PHASES` choose. */
const ways = {
  direct:
    'by --direct, from within adopt and after retire, with Temporal and its data gone (about 8 minutes)',
  'every-phase':
    'from every phase, and there again (about 15 minutes a shape; SHAPES=name,name PHASES=name,name)',
  'main-alone': 'main alone, while edge stays on the operator (about 10 minutes)',
};
const names = chosen('WAYS', Object.keys(ways) as (keyof typeof ways)[]);

await runSuite({
  steps: names.map((name) => ({
    name: ways[name],
    command: ['vitest', 'run', '--project', 'ways-back', '--reporter', 'verbose', `ways-back/${name}.test`],
  })),
  passed: 'every way back led to what was before',
});
