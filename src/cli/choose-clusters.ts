/** Asks a person which of the found clusters to hand over, and in which order; only where there is something to choose. */
import type { TriedCluster } from '../discover/trial.ts';
import { Interrupted } from './outcome.ts';
import type { Terminal } from './terminal.ts';

function label({ name, path, branch, shape, version }: TriedCluster): string {
  return `${name}: ${path} on ${branch}, ${shape}${version ? ` ${version}` : ''}`;
}

/**
 * The proposal itself where nobody is at the terminal or there is one cluster.
 * @throws Interrupted on Ctrl-C or Escape
 */
export async function chooseClusters(terminal: Terminal, found: TriedCluster[]): Promise<TriedCluster[]> {
  if (!terminal.interactive || found.length < 2) return found;
  const { isCancel, multiselect, select } = await import('@clack/prompts');
  const answered = <Answer>(answer: Answer): Exclude<Answer, symbol> => {
    if (isCancel(answer)) throw new Interrupted();
    return answer as Exclude<Answer, symbol>;
  };
  const names = answered(
    await multiselect({
      message: 'Which clusters are to be handed over?',
      options: found.map((cluster) => ({ value: cluster.name, label: label(cluster) })),
      initialValues: found.map(({ name }) => name),
      required: true,
    }),
  );
  const chosen = found.filter(({ name }) => names.includes(name));
  if (chosen.length < 2) return chosen;
  const proposed = chosen.map(({ name }) => name).join(', then ');
  const order = answered(
    await select({
      message: 'In which order? The next one begins when the one before has settled.',
      options: [
        { value: 'proposed', label: proposed },
        { value: 'own', label: 'another order' },
      ],
    }),
  );
  if (order === 'proposed') return chosen;
  const ordered: TriedCluster[] = [];
  for (let left = chosen; left.length > 0;) {
    const next =
      left.length === 1
        ? left[0]?.name
        : answered(
            await select({
              message: ordered.length === 0 ? 'Which one first?' : 'Which one next?',
              options: left.map((cluster) => ({ value: cluster.name, label: label(cluster) })),
            }),
          );
    ordered.push(...left.filter(({ name }) => name === next));
    left = left.filter(({ name }) => name !== next);
  }
  return ordered;
}
