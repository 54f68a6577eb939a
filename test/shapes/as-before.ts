/** Judges from outside, after a way back, that nothing was lost on it and that cluster and Git are what they were. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { Lab } from '../../lab/description.ts';
import { eventually, type Kubectl, keptResources, keyOf, unready } from '../lab/kubectl.ts';
import type { Witness } from '../lab/witness.ts';
import { type Before, lookBefore } from './before.ts';

export interface Scene {
  lab: Lab;
  kubectl: Kubectl;
  witness: Witness;
  /** `Kind namespace/name` of what left as planned, and is made anew on the way back. */
  remade?: ReadonlySet<string>;
}

/** What leaves with `retire` in the self-managed shape. */
export const selfManagedOwner: ReadonlySet<string> = new Set([
  'Kustomization flux-system/flux',
  'OCIRepository flux-system/flux-manifests',
]);

/** Every expectation is soft, so that one way back tells all that it misses. */
export async function expectAsBefore(
  before: Before,
  { lab, kubectl, witness, remade = new Set() }: Scene,
): Promise<void> {
  const ready = await eventually('every Flux object Ready', 30, async () =>
    (await unready(kubectl)).length === 0 ? [] : undefined,
  ).catch(() => unready(kubectl));
  expect.soft(ready, 'everything is Ready').toEqual([]);
  const now = await lookBefore(lab, kubectl, before.cluster);
  const stayed = (uids: Map<string, string>): Record<string, string> =>
    Object.fromEntries([...uids].filter(([key]) => !remade.has(key)).toSorted(byKey));
  const kept = new Set(Object.values(stayed(before.uids)));
  const lost = witness.deletions().filter(({ uid }) => kept.has(uid));
  expect.soft(lost, 'nothing of before was deleted, not for a moment').toEqual([]);
  expect.soft(stayed(now.uids), 'UIDs').toEqual(stayed(before.uids));
  expect.soft([...now.uids.keys()].toSorted(), 'objects').toEqual([...before.uids.keys()].toSorted());
  expect.soft(now.tree, 'the files in Git').toBe(before.tree);
  // Only what differs, or the report of one label is hundreds of lines long.
  const other = [...now.marks.keys()].filter(
    (key) => before.marks.has(key) && !isDeepStrictEqual(now.marks.get(key), before.marks.get(key)),
  );
  const pick = ({ marks }: Before) => Object.fromEntries(other.map((key) => [key, marks.get(key)]));
  expect.soft(pick(now), 'labels, annotations, finalizers and specs').toEqual(pick(before));
  expect.soft(now.replicaSets, 'ReplicaSets of the controllers').toEqual(before.replicaSets);
  expect.soft(now.managers, 'field managers of the controllers').toEqual(before.managers);
  expect.soft(now.settings, 'arguments and limits').toEqual(before.settings);
  expect.soft(now.suspended, 'what is suspended').toEqual(before.suspended);
  expect.soft(await leftOfOperator(kubectl), 'left of Flux Operator').toEqual([]);
  expect.soft(witness.gaps, 'gaps in what was watched').toEqual([]);
}

function byKey([one]: [string, string], [other]: [string, string]): number {
  return one.localeCompare(other);
}

/** Beside what a handover must not touch: what else an install of Flux consists of. */
const alsoInstalled = [
  'serviceaccounts',
  'services',
  'resourcequotas',
  'networkpolicies.networking.k8s.io',
  'clusterroles',
  'clusterrolebindings',
];

/** Objects that bear its field manager or its marks (an owner skips those and still says Ready), and its own definitions. */
async function leftOfOperator(kubectl: Kubectl): Promise<string[]> {
  const objects = await kubectl.list([...keptResources, ...alsoInstalled].join(','));
  return objects.flatMap((object) => {
    const { managedFields = [], annotations = {}, labels = {}, name } = object.metadata;
    const marks = [
      ...managedFields.filter(({ manager }) => manager === 'flux-operator').map(() => 'its field manager'),
      ...Object.keys(annotations).filter((key) => key === 'kustomize.toolkit.fluxcd.io/ssa'),
      ...Object.keys(labels).filter((key) => key.startsWith('fluxcd.controlplane.io/')),
      ...(name.endsWith('.fluxcd.controlplane.io') ? ['the definition itself'] : []),
    ];
    return marks.length > 0 ? [`${keyOf(object)}: ${marks.join(', ')}`] : [];
  });
}
