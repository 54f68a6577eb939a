/** `status --direct`: where each cluster stands, from Git and the cluster alone. */
import { openDriver } from '../../direct/driver.ts';
import type { Standing } from '../../activities/standing/standing.ts';
import type { Call } from '../command.ts';
import { clustersNamed, readConfig } from '../config-file.ts';
import { explain, type ExplainedFailure } from '../failure.ts';
import { exitCode, type ExitCode } from '../outcome.ts';
import { symbols } from '../render/words.ts';
import { canGoBack, renderStanding, rollbackCommand } from './render.ts';

/** A cluster that can not be looked at does not hide the others. */
type Looked = { cluster: string; standing: Standing } | { cluster: string; failure: ExplainedFailure };

/** 1 when something does not fit, Git does not answer, or a run is half done and nobody drives it; 2 when a cluster can not be looked at. */
export function exitCodeOfStandings(looked: Looked[]): ExitCode {
  if (looked.some((one) => 'failure' in one)) return exitCode.failure;
  const needsPerson = ({ at, lease, gitAnswers }: Standing): boolean =>
    at === 'between' || !gitAnswers || (at === 'underway' && lease?.fresh !== true);
  return looked.some((one) => 'standing' in one && needsPerson(one.standing))
    ? exitCode.finding
    : exitCode.done;
}

/** As a program reads it: with the command that goes back, where there is one. */
function forPrograms(one: Looked): object {
  if ('failure' in one) {
    const { what, why, mend, findings } = one.failure;
    return { cluster: one.cluster, at: 'unknown', error: { what, why, mend, findings } };
  }
  const { standing } = one;
  return { ...standing, command: canGoBack(standing) ? rollbackCommand(standing) : null };
}

export async function directStatus({ terminal, words, options, signal }: Call): Promise<ExitCode> {
  const { config, directory } = await readConfig(options.config);
  const driver = openDriver({ config, directory, signal, report: () => {} });
  const looked: Looked[] = [];
  for (const { name } of clustersNamed(config, words[0])) {
    const one: Looked = await driver.standing(name).then(
      (standing) => ({ cluster: name, standing }),
      (error: unknown) => {
        signal.throwIfAborted();
        return { cluster: name, failure: explain(error) };
      },
    );
    looked.push(one);
    if (terminal.json) continue;
    if ('standing' in one) terminal.print(`${renderStanding(one.standing, terminal)}\n`);
    else {
      const { what, mend } = one.failure;
      terminal.print(
        `${symbols(terminal.paint).bad} ${terminal.paint.bold(name)}  ${what}\n   ${mend ?? ''}\n`,
      );
    }
  }
  if (terminal.json) terminal.printJson({ clusters: looked.map(forPrograms) });
  return exitCodeOfStandings(looked);
}
