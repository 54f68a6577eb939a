/** Plans what is the same for every shape: the source and the roots, the place for the new apps, the decisions and the commits. */
import { EditRefused } from '../../repo/edit.ts';
import { decide } from '../decisions.ts';
import { refuse } from '../hazard.ts';
import { newAppHazards } from '../parents.ts';
import { placeApps } from '../placement.ts';
import { describeRoot, rootHazards } from '../roots.ts';
import type { FluxKustomization, Scene } from '../scene.ts';
import { describeSource, sourceHazards } from '../source.ts';
import { plannedTarget } from '../target.ts';
import type { PlannedParts, ShapePlanner } from './planner.ts';
import { commits, type ChangeRequest, type OwnSteps } from './commits.ts';

/** What a shape found out about its own install. */
export interface LegacyFacts
  extends Pick<ChangeRequest, 'legacy' | 'chosen' | 'translation' | 'bootstrap'>, OwnSteps {
  /** Kustomizations that bring the owner, nearest first; empty where no Kustomization has to. */
  ownerChain: FluxKustomization[];
  sync: PlannedParts['target']['sync'];
  /** Whether commits can be planned at all. */
  plannable: boolean;
  hazards: PlannedParts['hazards'];
}

export function planHandover(
  scene: Scene,
  readStyle: Parameters<ShapePlanner>[2],
  facts: LegacyFacts,
): ReturnType<ShapePlanner> {
  const { cluster } = scene;
  const { legacy, chosen, translation, bootstrap, ownerChain } = facts;
  const hazards = [...facts.hazards];
  if (!scene.source) return { legacy, hazards: [...hazards, sourceNotFound(scene)] };
  const source = describeSource(scene.source, cluster.namespace);
  hazards.push(...sourceHazards(scene, source));

  const placement = placeApps(scene, source.name, ownerChain.at(-1) ?? outermost(scene));
  const { appsFolder, listFile, appsChain } = placement;
  hazards.push(...placement.hazards);
  const chain = [...new Set([...ownerChain.toReversed(), ...appsChain.toReversed()])];
  hazards.push(...rootHazards(scene, chain));

  const target = plannedTarget(
    scene,
    legacy.version,
    chosen.components,
    appsChain[0]?.name ?? '',
    facts.sync,
  );
  const roots = chain.map(describeRoot);
  const situation = { scene, legacy, source, target, chosen, translation, appsFolder, listFile, bootstrap };
  const decisions = decide({ ...situation, roots });
  const [parent, grandparent] = appsChain;
  const root = ownerChain.at(-1) ?? appsChain.at(-1);
  if (
    !parent ||
    !root ||
    !facts.plannable ||
    !legacy.version ||
    hazards.some(({ id }) => id === 'name-taken')
  )
    return { legacy, source, roots, target, decisions, hazards };

  const ownList = listFile ?? `${appsFolder}/kustomization.yaml`;
  hazards.push(
    ...newAppHazards(
      scene,
      parent,
      grandparent,
      [target.operatorKustomization, target.instanceKustomization],
      ownList,
    ),
  );
  let changes: PlannedParts['changes'] = [];
  try {
    changes = commits(
      { ...situation, root, style: readStyle(ownList), operatorValues: facts.operatorValues ?? null },
      facts,
      hazards,
    );
  } catch (error) {
    if (!(error instanceof EditRefused)) throw error;
    const where = legacy.owner
      ? { file: legacy.owner.file, line: legacy.owner.line }
      : listFile
        ? { file: listFile, line: 1 }
        : null;
    hazards.push(
      refuse('edit-refused', where, {
        what: `A planned file can not be edited with certainty: ${error.message}`,
        why: 'A wrong edit here can delete Flux',
        mend: 'Write the file in plain block style, without anchors, and plan again',
      }),
    );
  }
  return { legacy, source, roots, target, decisions, changes, hazards };
}

/** The Kustomization on the cluster's source that no other one brings, or the first that brings itself. */
function outermost(scene: Scene): FluxKustomization | undefined {
  return scene.onSource.find((candidate) =>
    scene.appliersOf(candidate.manifest.file).every((above) => above === candidate),
  );
}

function sourceNotFound({ folder, otherSources }: Scene): PlannedParts['hazards'][number] {
  const [other] = otherSources;
  if (other)
    return refuse('source-not-git', other.place('spec'), {
      what: `The Kustomizations of ${folder} read ${other.kind} ${other.name}, not a GitRepository`,
      why: 'A commit reaches the cluster only when somebody builds and pushes that artifact, so no step can be waited for',
      mend: 'Hand over by hand, or let the roots read the GitRepository while the handover runs',
    });
  return refuse('source-not-found', null, {
    what: `No GitRepository in ${folder} feeds the Kustomizations of this cluster`,
    why: 'It is not known what the cluster follows',
    mend: 'Check clusters[].path in handover.yaml; sources made outside Git are not supported yet',
  });
}
