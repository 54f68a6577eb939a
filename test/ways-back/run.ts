/** `make test-ways-back`: every way back in the lab, from each phase of each shape, without Temporal, and of main alone. */
import { runSuite } from '../run-suite.ts';

/** `WAYS` names some of the files; within every-phase, `SHAPES` and `PHASES` choose. */
const ways = {
  direct:
    'by --direct, from within adopt and after retire, with Temporal and its data gone (about 8 minutes)',
  'every-phase':
    'from every phase, and there again (about 15 minutes a shape; SHAPES=name,name PHASES=name,name)',
  'main-alone': 'main alone, while edge stays on the operator (about 10 minutes)',
};
const asked = (process.env['WAYS'] ?? '').split(',').filter(Boolean);
const unknown = asked.filter((name) => !(name in ways));
if (unknown.length > 0)
  throw new Error(`no ${unknown.join(', ')}; there are ${Object.keys(ways).join(', ')}`);
const chosen = Object.entries(ways).filter(([name]) => asked.length === 0 || asked.includes(name));

await runSuite({
  steps: chosen.map(([name, says]) => ({
    name: says,
    command: ['vitest', 'run', '--project', 'ways-back', '--reporter', 'verbose', `ways-back/${name}.test`],
  })),
  passed: 'every way back led to what was before',
});
