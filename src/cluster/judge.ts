/** Judges a cluster against its baseline: the invariants of the handover as named checks. Pure functions of plain data. */
import { type ControllerRecord, secondSets, settingsLost } from './controller-set.ts';
import { nameOf } from './objects.ts';
import type { ObjectRecord, Snapshot } from './snapshot.ts';

export interface Verdict {
  name: string;
  ok: boolean;
  detail: string;
}

/** What the phase that just ended makes of the cluster. */
export interface Expectation {
  /** Keys of objects that the approved plan removes, once it may have done so. */
  gone: ReadonlySet<string>;
  /** Keys of objects that a way back makes anew after the plan removed them. */
  remade: ReadonlySet<string>;
  /** Keys of objects that our own step suspends or changes: the legacy owner. */
  ours: ReadonlySet<string>;
  /** Who ought to own the controllers' objects. */
  owner: 'legacy' | 'operator';
}

/** The objects of the controllers' inventory that are not owned as they should be, with why. */
export interface OwnershipFinding {
  object: string;
  missing: string[];
}

export interface Observed {
  snapshot: Snapshot;
  /** Objects of the controllers' inventory whose ownership is not as expected. */
  ownership: OwnershipFinding[];
  /** How many objects of the controllers' inventory were looked at. */
  owned: number;
  /** Secrets and ConfigMaps with live ciphertext. */
  ciphertext: string[];
}

/** All invariants, in the order in which a person would ask. */
export function judge(baseline: Snapshot, observed: Observed, expectation: Expectation): Verdict[] {
  const { snapshot } = observed;
  return [
    verdict(
      'same cluster',
      baseline.clusterUid === snapshot.clusterUid
        ? []
        : [`kube-system has UID ${snapshot.clusterUid}, the baseline ${baseline.clusterUid}`],
      `kube-system ${snapshot.clusterUid}`,
    ),
    identities(baseline, snapshot, expectation),
    verdict(
      'nothing is being deleted',
      Object.values(snapshot.objects)
        .filter(({ deleting, health }) => deleting && health !== null)
        .map(({ reference }) => `${nameOf(reference)} is being deleted`),
      'no Flux object or workload is terminating',
    ),
    readiness(baseline, snapshot, expectation),
    suspensions(baseline, snapshot, expectation),
    verdict(
      'one controller set',
      secondSets(snapshot.controllers),
      `${snapshot.controllers.length} controllers, one Deployment each`,
    ),
    leadership(snapshot),
    settings(baseline.controllers, snapshot.controllers),
    ...(expectation.owner === 'legacy' ? [untouched(baseline, snapshot)] : []),
    verdict(
      'ownership',
      observed.owned === 0
        ? ['the inventory of the controllers is empty']
        : observed.ownership.map(({ object, missing }) => `${object}: ${missing.join(', ')}`),
      `${observed.owned} objects are owned by ${expectation.owner === 'operator' ? 'Flux Operator' : 'the legacy install'}`,
    ),
    verdict(
      'no ciphertext is live',
      observed.ciphertext.map((name) => `${name} holds ENC[…`),
      'no Secret or ConfigMap holds SOPS ciphertext',
    ),
  ];
}

function verdict(name: string, faults: string[], well: string): Verdict {
  const shown = faults.slice(0, 10).join('; ');
  return {
    name,
    ok: faults.length === 0,
    detail:
      faults.length === 0 ? well : `${shown}${faults.length > 10 ? `; and ${faults.length - 10} more` : ''}`,
  };
}

function identities(baseline: Snapshot, now: Snapshot, { gone, remade }: Expectation): Verdict {
  const faults: string[] = [];
  const removed: string[] = [];
  for (const [key, before] of Object.entries(baseline.objects)) {
    const current = now.objects[key];
    if (current && current.uid !== before.uid && !remade.has(key))
      faults.push(
        `${nameOf(before.reference)} was created anew (UID ${before.uid} before, ${current.uid} now)`,
      );
    if (current || gone.has(key)) continue;
    if (removedThroughGit(key, before, baseline, now)) removed.push(nameOf(before.reference));
    else faults.push(`${nameOf(before.reference)} is gone`);
  }
  const count = Object.keys(baseline.objects).length;
  return verdict(
    'same identities',
    faults,
    `${count} objects keep their UID${removed.length > 0 ? `; removed from Git by others since: ${removed.join(', ')}` : ''}`,
  );
}

/**
 * Whether somebody took the object out of Git meanwhile: its Kustomization lives on, is Ready at another revision and no longer
 * lists it. Never granted to what a handover must keep: CRDs, namespaces, volume claims, controllers.
 */
function removedThroughGit(key: string, before: ObjectRecord, baseline: Snapshot, now: Snapshot): boolean {
  const { kind, namespace } = before.reference;
  if (['CustomResourceDefinition', 'Namespace', 'PersistentVolumeClaim'].includes(kind)) return false;
  if (kind === 'Deployment' && namespace === baseline.namespace) return false;
  const owner = `Kustomization ${before.owner}`;
  const ownerKey = `Kustomization.kustomize.toolkit.fluxcd.io/${before.owner}`;
  const ownerNow = now.objects[ownerKey];
  if (
    !before.owner ||
    ownerNow?.health?.state !== 'ready' ||
    ownerNow.revision === baseline.objects[ownerKey]?.revision
  )
    return false;
  return !(now.inventories[owner] ?? [key]).includes(key);
}

function readiness(baseline: Snapshot, now: Snapshot, { gone, ours }: Expectation): Verdict {
  const faults: string[] = [];
  let well = 0;
  for (const [key, current] of Object.entries(now.objects)) {
    const before = baseline.objects[key];
    if (!current.health || current.suspended || ours.has(key) || gone.has(key)) continue;
    // What was not well before need not be well now; of what is new, only Flux's own namespace is our concern.
    if (
      before
        ? before.health?.state !== 'ready' && before.health?.state !== 'static'
        : current.reference.namespace !== now.namespace
    )
      continue;
    const { state, message } = current.health;
    if (state !== 'ready' && state !== 'static')
      faults.push(`${nameOf(current.reference)} is not Ready: ${message}`);
    else if (current.wantedRevision && current.revision !== current.wantedRevision)
      faults.push(
        `${nameOf(current.reference)} is at ${current.revision}, its source at ${current.wantedRevision}`,
      );
    else well += 1;
  }
  return verdict('ready at the current revision', faults, `${well} objects are Ready`);
}

function suspensions(baseline: Snapshot, now: Snapshot, { ours, gone }: Expectation): Verdict {
  const faults: string[] = [];
  for (const [key, before] of Object.entries(baseline.objects)) {
    const current = now.objects[key];
    if (!current || ours.has(key) || gone.has(key) || before.suspended === current.suspended) continue;
    faults.push(
      before.suspended
        ? `${nameOf(before.reference)} was suspended and is not any more`
        : `${nameOf(before.reference)} is suspended and was not`,
    );
  }
  return verdict(
    'suspensions as before',
    faults,
    `${Object.values(now.objects).filter(({ suspended }) => suspended).length} objects are suspended`,
  );
}

function leadership(now: Snapshot): Verdict {
  const names = new Set(now.controllers.map(({ name }) => name));
  const faults: string[] = [];
  for (const [lease, holder] of Object.entries(now.leaders)) {
    const controller = [...names].find((name) => lease.endsWith(`/${name}-leader-election`));
    if (controller && holder && !holder.startsWith(`${controller}-`))
      faults.push(`${lease} is held by ${holder}`);
  }
  return verdict(
    'one leader each',
    faults,
    `${Object.keys(now.leaders).length} leader-election Leases, each held by its own controller`,
  );
}

function settings(before: ControllerRecord[], now: ControllerRecord[]): Verdict {
  const faults = before.flatMap((controller) => {
    const current = now.find(
      ({ namespace, name }) => namespace === controller.namespace && name === controller.name,
    );
    if (!current) return [`Deployment ${controller.namespace}/${controller.name} is gone`];
    return [
      ...settingsLost(controller, current).map((lost) => `${controller.name}: ${lost}`),
      ...(current.missing ? [`${controller.name}: ${current.missing}`] : []),
    ];
  });
  return verdict(
    'arguments and limits in force',
    faults,
    `${before.length} controllers run with the settings they had`,
  );
}

/** While (or again) in the legacy owner's hands, the controllers run from the very ReplicaSets they ran from before. */
function untouched(baseline: Snapshot, now: Snapshot): Verdict {
  const faults = Object.entries(baseline.replicaSets)
    .filter(([name, replicaSet]) => now.replicaSets[name] !== replicaSet)
    .map(
      ([name, replicaSet]) =>
        `${name} ran from ${replicaSet} and runs from ${now.replicaSets[name] || 'none'}`,
    );
  return verdict('controllers as before', faults, 'each runs from the ReplicaSet it had');
}
