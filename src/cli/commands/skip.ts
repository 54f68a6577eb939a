/** `skip`: goes on without what is held. */
import type { Run } from '../command.ts';
import { refuse } from '../outcome.ts';
import { resolve, type ResolveOptions } from '../resolve.ts';

export const run: Run<ResolveOptions> = (call) => {
  if (!call.options.reason?.trim())
    return refuse({
      what: 'skip needs a reason',
      why: 'what is passed over stays on the cluster, and the record must say why',
      mend: `flux-handover skip ${call.words[0] ?? 'CLUSTER'} --reason '…'`,
    });
  return resolve(call, 'skip');
};
