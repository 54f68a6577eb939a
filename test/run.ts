/** `make test`: every check and every test that is not among the slow suites. */
import { runSuite } from './run-suite.ts';

await runSuite({
  steps: [
    { name: 'start-up time', command: ['node', 'bench/start-up.ts'] },
    {
      name: 'two real clusters, handed over in the lab',
      command: ['vitest', 'run', '--project', 'lab', '--reporter', 'verbose'],
    },
    {
      name: 'six cells of the fault matrix, on both clusters at once',
      command: ['node', 'test/faults/main.ts', '--short'],
    },
  ],
  beside: [
    [
      { name: 'format, lint, types, unused code', command: ['npm', 'run', '--silent', 'qa'] },
      { name: 'unit tests', command: ['vitest', 'run', '--project', 'unit'] },
      { name: 'plans of the repositories in test/repos', command: ['vitest', 'run', '--project', 'repos'] },
      { name: 'plans of broken repositories', command: ['vitest', 'run', '--project', 'fuzz'] },
    ],
    // These mostly wait.
    [
      {
        name: 'workflow tests: time skipping and replay',
        command: ['vitest', 'run', '--project', 'workflow'],
      },
      {
        name: 'what the plans add, asked of an API server',
        command: ['vitest', 'run', '--project', 'definitions'],
      },
    ],
  ],
  passed: 'everything passed',
});
