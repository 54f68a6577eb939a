/** `start`: plans, asks, starts the durable workflow, and follows it until a person is needed. */
import { refusals } from '../../plan/make-plan.ts';
import { readPlan } from '../../plan/read-plan.ts';
import type { Plan } from '../../plan/types.ts';
import type { FleetView } from '../../report/view.ts';
import type { Call, Run } from '../command.ts';
import { type ConfigFile, readConfig } from '../config-file.ts';
import { follow } from '../follow.ts';
import { exitCode, type ExitCode, refuse } from '../outcome.ts';
import { agrees, personName } from '../person.ts';
import { lastPlanFile, planFileOf, writePlan } from '../plan-file.ts';
import { hazardLines } from '../render/hazards.ts';
import { planSummary } from '../render/plan.ts';
import { symbols } from '../render/words.ts';
import { withRunLink } from '../../client/run-link.ts';
import { runName } from '../run-name.ts';
import { exitCodeOf } from './status.ts';

interface StartOptions {
  yes?: boolean;
  detach?: boolean;
  takeOver?: boolean;
  run?: string;
  as?: string;
}

function sayRefused({ terminal }: Call<StartOptions>, plan: Plan): ExitCode {
  const refused = plan.clusters.flatMap((cluster) =>
    refusals(cluster).map((hazard) => ({ cluster: cluster.name, hazard })),
  );
  if (terminal.json)
    terminal.printJson({
      started: false,
      refusals: refused.map(({ cluster, hazard }) => ({ cluster, ...hazard })),
    });
  else {
    terminal.print(`${terminal.paint.red('Not started: the plan refuses.')}\n`);
    for (const { cluster, hazard } of refused)
      terminal.print(`${terminal.paint.bold(cluster)}\n${hazardLines(hazard, terminal)}`);
    terminal.print(`\nNothing was changed. flux-handover plan shows the whole plan.`);
  }
  return exitCode.finding;
}

function clusterReferences(plan: Plan): { name: string; planDigest: string; baseCommit: string }[] {
  return plan.clusters.map(({ name, digest, commit }) => ({ name, planDigest: digest, baseCommit: commit }));
}

async function begin(
  call: Call<StartOptions>,
  { config, evidence }: ConfigFile,
  plan: Plan,
): Promise<ExitCode> {
  const { terminal, options, signal } = call;
  const run = options.run ?? runName(config.fleet, new Date());
  return withRunLink(config, async (link) => {
    await link.start({
      run,
      config,
      planDigest: plan.digest,
      plans: clusterReferences(plan),
      startedBy: personName(options.as),
    });
    await writePlan(planFileOf(evidence, run), plan);
    const { workflowId, uiUrl } = await link.look();
    if (terminal.json)
      terminal.printJson({ started: true, run, planDigest: plan.digest, workflowId, uiUrl }, 'line');
    else
      terminal.print(`${symbols(terminal.paint).done} run ${terminal.paint.bold(run)} started\n  ${uiUrl}\n`);
    if (options.detach === true) return exitCode.done;
    const view: FleetView = await follow({ terminal, look: () => link.look(), until: 'attention', signal });
    return exitCodeOf(view);
  });
}

/** Takes the Leases that ended runs kept; one that is in use, or whose run left something, is refused. */
async function takeOver(
  { terminal, signal }: Call<StartOptions>,
  { config, directory }: ConfigFile,
  plan: Plan,
): Promise<void> {
  const [{ openDriver }, { LeaseKept, takeFree }] = await Promise.all([
    import('../../direct/driver.ts'),
    import('../../direct/take-free.ts'),
  ]);
  const driver = openDriver({ config, directory, signal, report: () => {} });
  try {
    const freed = await takeFree(
      driver,
      plan.clusters.map(({ name }) => name),
    );
    if (freed.length > 0) terminal.remark(`taken over: ${freed.join(', ')}`);
  } catch (error) {
    if (!(error instanceof LeaseKept)) throw error;
    const { what, why, mend } = error.finding;
    refuse({ what, why, mend });
  }
}

export const run: Run<StartOptions> = async (call) => {
  const { terminal, options } = call;
  const file = await readConfig(options.config);
  const { config } = file;
  const { plan } = await readPlan(config);
  await writePlan(lastPlanFile, plan);
  if (plan.clusters.some((cluster) => refusals(cluster).length > 0)) return sayRefused(call, plan);
  if (!terminal.json) terminal.print(`${planSummary(plan, terminal)}\n`);
  const order = config.clusters.map(({ name }) => name).join(', then ');
  const question = `Start the handover of fleet ${config.fleet}: ${order}?`;
  if (!(await agrees(terminal, question, { yes: options.yes, mend: 'flux-handover start --yes' }))) {
    terminal.remark('nothing was started');
    return exitCode.finding;
  }
  if (options.takeOver === true) await takeOver(call, file, plan);
  return begin(call, file, plan);
};
