/** `pause`: stops what goes on on a cluster and holds it, on a person's word. */
import { randomUUID } from 'node:crypto';
import { withRunLink } from '../../client/run-link.ts';
import type { Run } from '../command.ts';
import { clusterNamed, readConfig } from '../config-file.ts';
import { begunCluster } from '../decide.ts';
import { exitCode, refuse } from '../outcome.ts';
import { agrees, personName } from '../person.ts';
import type { ResolveOptions } from '../resolve.ts';
import { sayVerdict } from '../verdict.ts';

export const run: Run<ResolveOptions> = async ({ terminal, words, options, signal }) => {
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
    const sure = await agrees(terminal, `Stop ${name} where it is, until you retry?`, {
      yes: options.yes,
      mend: 'add --yes',
    });
    if (!sure) {
      terminal.remark('nothing was sent');
      return exitCode.finding;
    }
    const requestId = randomUUID();
    const reason = options.reason === undefined ? {} : { reason: options.reason };
    await link.pause(name, { requestId, approver: personName(options.as), ...reason });
    return sayVerdict({ terminal, link, cluster: name, requestId, signal });
  });
};
