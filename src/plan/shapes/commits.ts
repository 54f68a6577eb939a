/** The commits of a handover, each planned on the tree that the one before leaves behind. */
import type { Situation } from '../decisions.ts';
import { overlayTree, type Tree } from '../../repo/tree.ts';
import { fileChange } from '../file-change.ts';
import { addToList, type Edits } from '../remove-file.ts';
import type { FluxKustomization } from '../scene.ts';
import type { Style } from '../style.ts';
import type { Change, Hazard, ObjectReference } from '../types.ts';
import { instanceContent, instanceEdits, operatorEdits } from './app-edits.ts';

export interface ChangeRequest extends Omit<Situation, 'roots'> {
  /** The outermost Kustomization, with which a new cluster begins. */
  root: FluxKustomization;
  style: Style;
  /** Values of the operator's chart; null: its defaults. */
  operatorValues: Record<string, unknown> | null;
}

interface Step {
  message: string;
  edits(tree: Tree, request: ChangeRequest, hazards: Hazard[]): Edits;
}

/** The steps that differ from shape to shape: before the operator comes, and after it has taken over. */
export interface OwnSteps {
  /** Makes the legacy owner harmless; null where nothing would collect the controllers. */
  orphan: Step | null;
  retire: Step & { collects: ObjectReference[] };
  /** Values that the operator's chart needs for this shape. */
  operatorValues?: Record<string, unknown>;
}

/** @throws EditRefused */
export function commits(request: ChangeRequest, { orphan, retire }: OwnSteps, hazards: Hazard[]): Change[] {
  const changes: Change[] = [];
  let tree = request.scene.tree;
  const commit = (
    phase: Change['phase'],
    message: string,
    edits: Edits,
    collects: ObjectReference[] = [],
  ): void => {
    const files = Object.entries(edits).flatMap(([path, after]) => fileChange(tree, path, after) ?? []);
    changes.push({
      phase,
      message,
      files: files.toSorted((left, right) => (left.path < right.path ? -1 : 1)),
      collects,
    });
    tree = overlayTree(tree, edits);
  };

  if (orphan) commit('orphan', orphan.message, orphan.edits(tree, request, hazards));
  commit('operator', 'feat(flux-operator): install Flux Operator', {
    ...operatorEdits(request),
    ...listEdits(tree, request, 'flux-operator'),
  });
  commit('stage', 'feat(flux-instance): add the FluxInstance, not yet reconciling', {
    ...instanceEdits(request),
    ...listEdits(tree, request, 'flux-instance'),
  });
  commit(
    'adopt',
    'feat(flux-instance): let Flux Operator take over the controllers',
    instanceContent(request, false),
  );
  commit('retire', retire.message, retire.edits(tree, request, hazards), retire.collects);
  return changes;
}

function listEdits(tree: Tree, { listFile, style }: ChangeRequest, app: string): Edits {
  const entry = style.layout.entry(app);
  return listFile && entry !== null ? { [listFile]: addToList(tree, listFile, entry, style.dotSlash) } : {};
}
