/** `pause`: stops what goes on on a cluster and holds it, on a person's word. */
import { withRunLink } from '../../client/run-link.ts';
import type { Run } from '../command.ts';
import { clusterNamed, readConfig } from '../config-file.ts';
import { begunCluster } from '../decide.ts';
import { giveWord } from '../give-word.ts';
import { refuse } from '../outcome.ts';
import type { ResolveOptions } from '../resolve.ts';

export const run: Run<ResolveOptions> = async (call) => {
  const { words, options } = call;
  const { config } = await readConfig(options.config);
  const { name } = clusterNamed(config, words[0]);
  return withRunLink(config, async (link) => {
    const { status, run: state } = begunCluster(await link.look(), name);
    if (state !== 'running' || status.hold !== null || status.back !== null)
      return refuse({
        what: `${name} can not be paused: it is ${status.state}${status.phase ? ` in ${status.phase}` : ''}`,
        why: 'only what goes forward, and is not held, can be made to stand still',
        mend: `flux-handover status ${name}`,
      });
    const question = {
      message: `Stop ${name} where it is, until you retry?`,
      yes: options.yes,
      mend: 'add --yes',
    };
    return giveWord(call, { link, cluster: name, question }, (word) => link.pause(name, word));
  });
};
