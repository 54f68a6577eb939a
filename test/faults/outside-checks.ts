/** What must hold in every cell, judged from outside: by watches of the API server, by Git, by looking at the cluster. */
import { controllerSettings, eventually, uidsOf, unready } from '../lab/kubectl.ts';
import { gitServer } from '../lab/person.ts';
import { unplannedChanges } from '../lab/verdicts.ts';
import { bindingName } from './credentials.ts';
import { lostEdits, type PersonsEdit } from './persons-edit.ts';
import type { Run } from './run-of-lane.ts';

const crossed = (what: string): string => `${what} was deleted or made anew`;

/** Sentences on what is broken; empty when all is well. */
export async function outsideChecks(run: Run, edits: readonly PersonsEdit[]): Promise<string[]> {
  return [
    ...run.witness.gaps.map((gap) => `the witness has a hole: ${gap}`),
    ...vanished(run),
    ...[...run.witness.controllerDeployments]
      .filter(([, count]) => count > 1)
      .map(([controller, count]) => `${controller} ran as ${count} Deployments at once`),
    ...(await repeatedSteps(run)),
    ...(await lostEdits(run, edits)),
  ];
}

/** Of what was there when the run began; what the run itself added may go again on a way back. */
function vanished({ witness, plan, present }: Run): string[] {
  const collects = plan.changes.flatMap((change) => change.collects);
  const seen = unplannedChanges(witness, collects)
    .map(({ resource, object }) => `${resource}/${object}`)
    .filter((key) => present.has(key) && key !== `clusterrolebindings/${bindingName}`);
  return [...new Set(seen)].map(crossed);
}

/** A step is committed again only after it was undone. */
async function repeatedSteps({ lane, base, watcher }: Run): Promise<string[]> {
  const steps = await watcher.steps();
  const forward = steps.filter((step) => !step.startsWith('undo-'));
  const twice = forward.filter((step, index) => forward.indexOf(step) !== index);
  const straight = await gitServer(lane.lab, 'merge-base', '--is-ancestor', base, lane.name).then(
    () => [],
    () => ['the branch was rewritten'],
  );
  return [...[...new Set(twice)].map((step) => `step ${step} was committed more than once`), ...straight];
}

/**
 * After a way back: everything has the UID it had and is Ready, nothing of the operator is left, and Git holds what it held. What the
 * plan takes away in the end may have been made anew, and must be there.
 */
export async function legacyChecks(run: Run, edits: readonly PersonsEdit[]): Promise<string[]> {
  const { lane, uids, base } = run;
  const now = await uidsOf(lane.kubectl);
  const planned = plannedToGo(run);
  const lost = [
    ...[...uids]
      .filter(([key, uid]) => !planned.has(key) && now.get(key) !== uid)
      .map(([key]) => crossed(key)),
    ...[...planned].filter((key) => !now.has(key)).map((key) => `${key} did not come back`),
  ];
  const added = [...now.keys()].filter((key) => !uids.has(key)).map((key) => `${key} was left behind`);
  const edited = new Set(edits.map(({ file }) => file));
  const differing = (await gitServer(lane.lab, 'diff', '--name-only', base, lane.name))
    .split('\n')
    .filter((file) => file !== '' && !edited.has(file))
    .map((file) => `${file} in Git is not what it was before`);
  return [...lost, ...added, ...differing, ...(await notReady(run))];
}

/** After a handover to the end: the plan alone says what is gone. */
export async function finalChecks(run: Run): Promise<string[]> {
  const { lane, uids } = run;
  const planned = plannedToGo(run);
  const now = await uidsOf(lane.kubectl);
  const lost = [...uids]
    .filter(([key, uid]) => !planned.has(key) && now.get(key) !== uid)
    .map(([key]) => crossed(key));
  const instance = await lane.kubectl.get('fluxinstances.fluxcd.controlplane.io', 'flux');
  const conditions = (instance?.status?.conditions ?? []) as { type: string; reason: string }[];
  const adopted = conditions.some(
    ({ type, reason }) => type === 'Ready' && reason === 'ReconciliationSucceeded',
  );
  const controllers = Object.keys(await controllerSettings(lane.kubectl)).length;
  return [
    ...lost,
    ...(adopted ? [] : ['the FluxInstance is not Ready with ReconciliationSucceeded']),
    ...(controllers === 4 ? [] : [`${controllers} controllers are there instead of 4`]),
    ...(await notReady(run)),
  ];
}

/** `Kind namespace/name` of what the plan takes away. */
function plannedToGo({ plan }: Run): ReadonlySet<string> {
  const collects = plan.changes.flatMap((change) => change.collects);
  return new Set(collects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
}

async function notReady({ lane }: Run): Promise<string[]> {
  return eventually('everything Ready', 60, async () =>
    (await unready(lane.kubectl)).length === 0 ? [] : undefined,
  ).catch(() => unready(lane.kubectl));
}
