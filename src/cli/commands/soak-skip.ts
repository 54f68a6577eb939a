/** `soak skip`: ends the soak of a cluster on a person's word. */
import { moment, systemClock } from '../../report/moment.ts';
import type { Run } from '../command.ts';
import { clusterNamed, readConfig } from '../config-file.ts';
import { begunCluster } from '../decide.ts';
import { giveWord } from '../give-word.ts';
import { refuse } from '../outcome.ts';
import type { ResolveOptions } from '../resolve.ts';
import { withRunLink } from '../../client/run-link.ts';

export const run: Run<ResolveOptions> = async (call) => {
  const { words, options } = call;
  const { config } = await readConfig(options.config);
  const { name } = clusterNamed(config, words[0]);
  return withRunLink(config, async (link) => {
    const { status, run: state } = begunCluster(await link.look(), name);
    if (status.state !== 'soaking' || state !== 'running')
      return refuse({
        what: `${name} does not soak: it is ${status.state}${status.phase ? ` in ${status.phase}` : ''}`,
        mend: `flux-handover status ${name}`,
      });
    const until = status.until === null ? '' : ` It would last until ${moment(status.until, systemClock())}.`;
    const question = {
      message: `End the ${status.phase} of ${name} now?${until}`,
      yes: options.yes,
      mend: 'add --yes',
    };
    return giveWord(call, { link, cluster: name, question }, (word) => link.skipSoak(name, word));
  });
};
