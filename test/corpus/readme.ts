/** Renders test/repos/README.md: each case, what it shows, and what a right plan of it says. */
import { join } from 'node:path';
import { caseNames, loadCase, type ExpectedCluster } from './case.ts';

export const readmeFile = join(import.meta.dirname, '../repos/README.md');

export function renderReadme(): string {
  const rows = caseNames.map((name) => {
    const { shows, expected, todo } = loadCase(name);
    const clusters = Object.entries(expected);
    const outcomes = clusters.map(
      ([cluster, expectation]) => `${clusters.length > 1 ? `${cluster}: ` : ''}${outcomeOf(expectation)}`,
    );
    const missing = Object.values(todo).map((reason) => `*Not yet: ${reason}.*`);
    return `| \`${name}\` | ${shows.trim()} | ${[...outcomes, ...missing].join('<br>')} |`;
  });
  return `# Small GitOps repositories, and what a right plan of each is

Written for this project: one for each shape of a legacy Flux, and one for each trap. The tests in \`test/corpus\` plan every cluster
of every case from a real Git repository and hold the plan to what is written here (\`npm run test:repos\`).

- \`case.yaml\`: what it shows; \`base\`: the case that it starts from; edits, files to remove, links, submodules.
- \`repo/\`: its files (\`repo/BRANCH/\` where there are several branches). \`handover.yaml\`: as a person would write it.
- \`expected.yaml\`: shape, decisions, hazards with file and line, files of each commit, what disappears; \`as\`: like another case.
  It is written by hand, from what Flux and Flux Operator do, not from what the planner prints.
- \`expected/CLUSTER/\`: the final content of the files that the plan touches. \`UPDATE=yes npm run test:repos\` writes these anew
  (twice, where a case is like another one): read every line before you commit it.

| case | what it shows | outcome |
|---|---|---|
${rows.join('\n')}
`;
}

function outcomeOf({ legacy, phases, hazards }: ExpectedCluster): string {
  const ids = (severity: string): string =>
    [...new Set(hazards.filter((hazard) => hazard.severity === severity).map(({ id }) => `\`${id}\``))].join(
      ', ',
    );
  const said = ['warn', 'note'].flatMap((severity) =>
    ids(severity) ? [`${severity}: ${ids(severity)}`] : [],
  );
  const verdict = phases ? `${legacy.shape}, planned` : `refused: ${ids('refuse')}`;
  return [verdict, ...said].join('; ');
}
