/** Approves or rejects a gate: looks first, shows, asks, sends a word bound to what was shown, waits for the verdict. */
import type { ClusterView, FleetView } from '../report/view.ts';
import type { GateDecision, GateRequest } from '../workflows/contract.ts';
import { gateNames } from '../workflows/judge-decision.ts';
import type { Call } from './command.ts';
import { clusterNamed, readConfig } from './config-file.ts';
import { giveWord } from './give-word.ts';
import { refuse, type ExitCode } from './outcome.ts';
import { gateFacts } from './render/question.ts';
import { shortDigest } from './render/words.ts';
import { withRunLink } from '../client/run-link.ts';

export interface DecideOptions {
  digest?: string;
  reason?: string;
  as?: string;
  yes?: boolean;
}

/** A digest may be given by its first characters, with or without `sha256:`. */
export function matchDigest(given: string, shown: string): string {
  const bare = given.replace(/^sha256:/, '');
  return bare.length >= 12 && shown.startsWith(`sha256:${bare}`) ? shown : given;
}

/** The cluster of a view. Refuses when the run has not come to it. */
export function begunCluster(
  view: FleetView,
  name: string,
): ClusterView & { status: NonNullable<ClusterView['status']> } {
  const cluster = view.clusters.find((each) => each.cluster === name);
  if (cluster?.status) return { ...cluster, status: cluster.status };
  return refuse({
    what: `the run has not come to ${name} yet`,
    mend: 'flux-handover status shows what it waits for',
  });
}

function openGate(cluster: ReturnType<typeof begunCluster>, gate: string): GateRequest {
  const { status } = cluster;
  if (!(gateNames as readonly string[]).includes(gate))
    return refuse({ what: `there is no gate ${gate}`, mend: `the gates are ${gateNames.join(', ')}` });
  if (status.gate?.gate === gate && cluster.run === 'running') return status.gate;
  const stands = status.gate
    ? `gate ${status.gate.gate} is`
    : `${cluster.cluster} is ${status.state}${status.phase ? ` in ${status.phase}` : ''}`;
  return refuse({
    what: `gate ${gate} of ${cluster.cluster} is not open: ${stands}`,
    why: 'a word given before its question can not be bound to what is approved',
    mend: `flux-handover status ${cluster.cluster}`,
  });
}

export async function decide(
  call: Call<DecideOptions>,
  decision: GateDecision['decision'],
): Promise<ExitCode> {
  const { terminal, words, options } = call;
  const { config } = await readConfig(options.config);
  const { name } = clusterNamed(config, words[0]);
  return withRunLink(config, async (link) => {
    const cluster = begunCluster(await link.look(), name);
    const gate = openGate(cluster, words[1] ?? '');
    if (!terminal.json) terminal.print(`${gateFacts(cluster, terminal).join('\n')}\n`);
    const digest = options.digest === undefined ? gate.digest : matchDigest(options.digest, gate.digest);
    // With a digest the person has said what they saw; a wrong one is sent all the same, so that the refusal is on record.
    const message =
      decision === 'approve' ? `Approve ${gate.gate} of ${name}?` : `Reject ${gate.gate} of ${name}?`;
    const mend = `add --digest ${shortDigest(gate.digest)} once you have read what it stands for, or --yes`;
    const yes = options.yes === true || (options.digest !== undefined && !terminal.interactive);
    return giveWord(call, { link, cluster: name, question: { message, yes, mend } }, (word) =>
      link.decide(name, { ...word, gate: gate.gate, digest, decision }),
    );
  });
}
