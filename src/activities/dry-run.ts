/** Shows what enabling the FluxInstance would change: the operator's own build, applied as a dry run, compared field by field. */
import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';
import { isClusterError } from '../cluster/errors.ts';
import { type LiveObject, nameOf, referenceOf } from '../cluster/objects.ts';
import { legacyManager, managersOf, operatorManager } from '../cluster/ownership.ts';
import type { ClusterPlan, ObjectReference } from '../plan/types.ts';
import type { EvidenceReference, Finding } from './contract.ts';
import { type Difference, differencesOf, isForeseen } from './differences.ts';
import { warning } from './failure.ts';
import { isForeseenOfHelm } from './helm-differences.ts';
import { builtObjects } from './operator-build.ts';
import type { Session } from './session.ts';
import { assertRootKept, isForeseenOfSync } from './sync-differences.ts';
import { removedByTakeover, withoutFields } from './taken-over.ts';

export interface DryRun {
  objects: number;
  changedObjects: number;
  evidence: EvidenceReference[];
  /** One warning per object with differences that are not known to be harmless. */
  findings: Finding[];
}

/** @throws Refused when the root that spec.sync generates would lose what the present one has */
export async function dryRun(
  session: Session,
  instance: LiveObject,
  { target, legacy }: ClusterPlan,
): Promise<DryRun> {
  const { sync } = target;
  const overridden = legacy.shape === 'helm' ? ['helm-controller'] : [];
  const built = await builtObjects(session, instance);
  const compared = await Promise.all(built.map((object) => compare(session, object, overridden)));
  const changed = compared.filter(({ differences }) => differences.length > 0);
  const diff = changed.map(({ text }) => text).join('\n');
  const summary = changed.map(({ name, reference, differences }) => {
    const foreseen = (difference: Difference) =>
      isForeseen(difference) ||
      isForeseenOfSync(reference, difference, sync) ||
      (legacy.shape === 'helm' && isForeseenOfHelm(name, difference));
    return {
      object: name,
      foreseen: differences.filter((difference) => foreseen(difference)).map(({ path: where }) => where),
      unforeseen: differences.filter((difference) => !foreseen(difference)),
    };
  });
  const evidence = await Promise.all([
    session.evidence.keep('dry-run.diff', diff || 'no difference\n'),
    session.evidence.keep('dry-run.json', `${JSON.stringify(summary, undefined, 2)}\n`),
    session.evidence.keep('built.yaml', built.map((object) => `---\n${stringify(object)}`).join('')),
  ]);
  for (const { reference, differences } of changed) assertRootKept(reference, differences, sync);
  const findings = summary
    .filter(({ unforeseen }) => unforeseen.length > 0)
    .map(({ object, unforeseen }) =>
      warning(
        'dry-run',
        `${object} would change in ${unforeseen.map(describe).join('; ')}`,
        'this is not one of the differences that every adoption makes',
        'look at dry-run.diff; if it is not wanted, reject the cutover and carry it over as a patch',
      ),
    );
  return { objects: built.length, changedObjects: changed.length, evidence, findings };
}

interface Comparison {
  name: string;
  reference: ObjectReference;
  differences: Difference[];
  text: string;
}

/**
 * The dry run speaks as kustomize-controller, whose fields the operator takes over (pkg/ssa, ApplyCleanupOptions.FieldManagers): only
 * so does it also show what the takeover would REMOVE. Of the other managers that it takes over from, this is worked out here.
 */
async function compare(
  { cluster }: Session,
  object: LiveObject,
  overridden: readonly string[],
): Promise<Comparison> {
  const reference = referenceOf(object);
  const name = nameOf(reference);
  const live = await cluster.find(reference);
  if (!live)
    return {
      name,
      reference,
      differences: [{ path: '', before: undefined, after: 'a new object' }],
      text: createTwoFilesPatch(name, name, '', stringify(object), 'live', 'adopted'),
    };
  const manager = managersOf(live).includes(`${legacyManager}:Apply`) ? legacyManager : operatorManager;
  try {
    const applied = await cluster.dryApply(object, manager);
    const removed = removedByTakeover(live, object, overridden);
    // Much of what goes is a default, which comes back: only the API server knows which.
    const after = visible(
      removed.length === 0 ? applied : await cluster.dryReplace(withoutFields(applied, removed)),
    );
    const before = visible(live);
    return {
      name,
      reference,
      differences: differencesOf(before, after),
      text: createTwoFilesPatch(name, name, stringify(before), stringify(after), 'live', 'adopted'),
    };
  } catch (error) {
    if (!isClusterError(error, 'invalid')) throw error;
    return {
      name,
      reference,
      differences: [{ path: '', before: undefined, after: `rejected: ${error.message}` }],
      text: `${name}: ${error.message}\n`,
    };
  }
}

/** Without what the API server keeps for itself. */
function visible(object: LiveObject): LiveObject {
  const { status: _status, metadata, ...rest } = object;
  const { managedFields: _managed, resourceVersion: _version, generation: _generation, ...kept } = metadata;
  return { ...rest, metadata: kept } as LiveObject;
}

function describe({ path: where, before, after }: Difference): string {
  const short = (value: unknown) => (value === undefined ? 'absent' : JSON.stringify(value).slice(0, 120));
  return `${where || 'the whole object'} (${short(before)} → ${short(after)})`;
}
