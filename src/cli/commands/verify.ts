/** `verify`: the checklist and the invariants, judged now against the live cluster, or as the run saw them last. */
import { createClusterActivities } from '../../activities/index.ts';
import { directProgress } from '../../activities/progress.ts';
import { judgedPhase } from '../../report/judged-phase.ts';
import type { ClusterView, FleetView } from '../../report/view.ts';
import type { Run } from '../command.ts';
import { clustersNamed, type ConfigFile, readConfig } from '../config-file.ts';
import { begunCluster } from '../decide.ts';
import { exitCode, refuse } from '../outcome.ts';
import { findPlan } from '../plan-file.ts';
import { type ClusterVerdict, renderVerdict } from '../render/verdict.ts';
import { withRunLink } from '../../client/run-link.ts';

interface VerifyOptions {
  last?: boolean;
}

type Begun = ReturnType<typeof begunCluster>;

function lastVerdict(cluster: Begun): ClusterVerdict | null {
  const record = cluster.status.phases.findLast(({ checks }) => checks.length > 0);
  if (record === undefined) return null;
  const { phase, checks, evidence } = record;
  return { cluster: cluster.cluster, phase, ok: checks.every(({ ok }) => ok), checks, evidence };
}

async function verdictNow(
  { config, directory, evidence }: ConfigFile,
  view: FleetView,
  cluster: Begun,
  signal: AbortSignal,
): Promise<ClusterVerdict> {
  const { run, planDigest, passedOver = [] } = cluster.status;
  const name = cluster.cluster;
  const phase = judgedPhase(cluster.status);
  if (phase === null)
    return refuse({
      what: `nothing was begun on ${name} yet`,
      why: 'the checklist is judged against the baseline, which is kept when gate start was passed',
      mend: `flux-handover preflight ${name} looks at it meanwhile`,
    });
  const plan = await findPlan(evidence, view.run, view.planDigest);
  const baseCommit = plan?.clusters.find((each) => each.name === name)?.commit;
  if (baseCommit === undefined)
    return refuse({
      what: `the plan of run ${run} is not at hand`,
      why: `the cluster is judged by what was planned; its plan is kept in ${evidence}/${run}`,
      mend: 'run this where the evidence folder is, or use --last',
    });
  const judged = await createClusterActivities({
    directory,
    startProgress: directProgress(signal),
  }).verify({
    run,
    config,
    cluster: name,
    planDigest,
    baseCommit,
    clusterUid: null,
    phase,
    passedOver,
    shown: [],
  });
  return { cluster: name, phase, ok: judged.ok, checks: judged.checks, evidence: judged.evidence };
}

export const run: Run<VerifyOptions> = async ({ terminal, words, options, signal }) => {
  const file = await readConfig(options.config);
  const names = clustersNamed(file.config, words[0]).map(({ name }) => name);
  const view = await withRunLink(file.config, (link) => link.look());
  const named = words[0] !== undefined;
  const begun = view.clusters.filter(
    ({ cluster, status }: ClusterView) => names.includes(cluster) && (named || status !== null),
  );
  const verdicts: ClusterVerdict[] = [];
  for (const { cluster } of begun) {
    const found = begunCluster(view, cluster);
    const verdict = options.last === true ? lastVerdict(found) : await verdictNow(file, view, found, signal);
    if (verdict === null) continue;
    verdicts.push(verdict);
    if (!terminal.json) terminal.print(`${renderVerdict(verdict, terminal)}\n`);
  }
  if (verdicts.length === 0)
    refuse({
      what: 'no verdict is known: the run has none yet, or no worker answers',
      mend: 'flux-handover status',
    });
  const ok = verdicts.every((verdict) => verdict.ok);
  if (terminal.json) terminal.printJson({ ok, clusters: verdicts });
  return ok ? exitCode.done : exitCode.finding;
};
