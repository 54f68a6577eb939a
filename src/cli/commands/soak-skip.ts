/** `soak skip`: ends the soak of a cluster on a person's word. */
import { randomUUID } from 'node:crypto';
import { moment, systemClock } from '../../report/moment.ts';
import type { Run } from '../command.ts';
import { clusterNamed, readConfig } from '../config-file.ts';
import { begunCluster } from '../decide.ts';
import { exitCode, refuse } from '../outcome.ts';
import { agrees, personName } from '../person.ts';
import type { ResolveOptions } from '../resolve.ts';
import { withRunLink } from '../../client/run-link.ts';
import { sayVerdict } from '../verdict.ts';

export const run: Run<ResolveOptions> = async ({ terminal, words, options, signal }) => {
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
    const sure = await agrees(terminal, `End the ${status.phase} of ${name} now?${until}`, {
      yes: options.yes,
      mend: 'add --yes',
    });
    if (!sure) {
      terminal.remark('nothing was sent');
      return exitCode.finding;
    }
    const requestId = randomUUID();
    const reason = options.reason === undefined ? {} : { reason: options.reason };
    await link.skipSoak(name, { requestId, approver: personName(options.as), ...reason });
    return sayVerdict({ terminal, link, cluster: name, requestId, signal });
  });
};
