/** Judges a cluster against its baseline: the invariants of the handover as named checks. Pure functions of plain data. */
import { type ControllerRecord, secondSets, settingsLost } from './controller-set.ts';
import { nameOf } from './objects.ts';
import { identities } from './identities.ts';
import { readiness, suspensions } from './readiness.ts';
import type { Snapshot } from './snapshot.ts';
import { type Expectation, type Verdict, verdict } from './verdict.ts';

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
