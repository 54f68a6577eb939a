/** Answers a hold: retry, rollback, skip or abandon. */
import type { HoldResolution } from '../workflows/contract.ts';
import type { Call } from './command.ts';
import { clusterNamed, readConfig } from './config-file.ts';
import { begunCluster } from './decide.ts';
import { giveWord } from './give-word.ts';
import { refuse, type ExitCode } from './outcome.ts';
import { findingLines } from './render/question.ts';
import { withRunLink } from '../client/run-link.ts';

export interface ResolveOptions {
  reason?: string;
  as?: string;
  yes?: boolean;
}

const questions: Record<HoldResolution['action'], (cluster: string, phase: string) => string> = {
  retry: (cluster, phase) => `Try ${phase} of ${cluster} again?`,
  rollback: (cluster) => `Take the way back on ${cluster}, until the legacy install is healthy again?`,
  skip: (cluster, phase) => `Go on with ${cluster} without what is held in ${phase}?`,
  abandon: (cluster, phase) => `Leave ${cluster} as it is now, in ${phase}, and end the run for it?`,
};

export async function resolve(
  call: Call<ResolveOptions>,
  action: HoldResolution['action'],
): Promise<ExitCode> {
  const { terminal, words, options } = call;
  const { config } = await readConfig(options.config);
  const { name } = clusterNamed(config, words[0]);
  return withRunLink(config, async (link) => {
    const { status, run } = begunCluster(await link.look(), name);
    const { hold } = status;
    if (hold === null || run !== 'running')
      return refuse({
        what: `${name} is not held: it is ${status.state}${status.phase ? ` in ${status.phase}` : ''}`,
        why: `${action} answers a hold`,
        mend: `flux-handover status ${name}`,
      });
    if (!terminal.json)
      terminal.print(
        `${terminal.paint.bold(`${name} is held in ${hold.phase}`)}\n${hold.findings.flatMap((finding) => findingLines(finding, terminal)).join('\n')}\n`,
      );
    // To try again harms nothing: every step is safe to repeat.
    const yes = options.yes === true || (action === 'retry' && !terminal.interactive);
    const question = { message: questions[action](name, hold.phase), yes, mend: 'add --yes' };
    return giveWord(call, { link, cluster: name, question }, (word) =>
      link.resolve(name, { ...word, action }),
    );
  });
}
