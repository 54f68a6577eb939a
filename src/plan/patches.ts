/** Translates the patches of the legacy owner into those of a FluxInstance; what can not be carried is refused by name. */
import { isRecord, text, type Manifest } from '../repo/manifests.ts';
import { allComponents, isSuffixed, networkPolicyNames, objectsOf, selects } from './flux-objects.ts';
import { note, refuse, warn } from './hazard.ts';
import { describeTarget, isRename, parsePatch, renameOf, targetOf, type PatchTarget } from './patch-body.ts';
import type { Hazard, LegacyPatch } from './types.ts';
import type { WrittenPatch } from './written-patches.ts';

export interface CarriedPatch {
  patch: string;
  target: PatchTarget;
  comments: string[];
  /** The entry as it is written today; null where the target had to be translated. */
  lines: string[] | null;
}

export interface Translation {
  /** Every patch as found. */
  found: LegacyPatch[];
  carried: CarriedPatch[];
  networkPolicies: boolean;
  /** Controllers whose Deployment the patches delete. */
  deleted: string[];
  /** New names that the operator's build has anyway, so that the renaming is dropped. */
  renamed: string[];
  hazards: Hazard[];
}

/** Label keys that the manifests of both builds carry. */
const commonLabels = ['app.kubernetes.io/component', 'app.kubernetes.io/part-of', 'control-plane'];

export interface LegacyBuild {
  namespace: string;
  /** Of the Flux that runs. */
  version: string;
  /** NetworkPolicies that it has; default: those that every release has. */
  policies?: string[];
  /** Objects beside Flux's own that the same patches may be meant for. */
  others?: Manifest[];
}

export function translatePatches(
  written: WrittenPatch[],
  { namespace, version, policies = networkPolicyNames, others = [] }: LegacyBuild,
): Translation {
  const translation: Translation = {
    found: [],
    carried: [],
    networkPolicies: true,
    deleted: [],
    renamed: [],
    hazards: [],
  };
  const policiesLeft = new Set(policies);
  const policyDeletions: CarriedPatch[] = [];
  const everything = objectsOf(allComponents, namespace, true);

  for (const { patch, target: named, where, comments, lines } of written) {
    const problem = (what: string, mend: string): number =>
      translation.hazards.push(
        refuse('patches-not-translatable', where, {
          what,
          why: 'The operator would run controllers without it, or not build at all',
          mend,
        }),
      );
    translation.found.push({ patch, ...(named ? { target: named } : {}), where });
    const body = parsePatch(patch);
    if (!body) {
      problem(
        'a patch is not one YAML document',
        'Write it as one JSON6902 list or one strategic merge document',
      );
      continue;
    }
    const target = named ?? targetOf(body);
    if (!target) {
      problem('a JSON6902 patch has no target', 'Give it target.kind and target.name');
      continue;
    }
    const foreign = foreignSelector(target);
    if (foreign) {
      problem(
        `a patch selects by "${foreign}", which the operator's manifests do not carry alike`,
        'Select by target.kind and target.name instead',
      );
      continue;
    }
    const newName = renameOf(body);
    if (newName !== null && newName === `${target.name}-${namespace}` && isSuffixed(target.name ?? '')) {
      translation.renamed.push(newName);
      continue;
    }
    if (newName !== null || isRename(body)) {
      problem(
        'a patch changes the name or namespace of an object',
        'Names are what adoption goes by: remove the patch and let the objects have their upstream names',
      );
      continue;
    }
    const matched = everything.filter((object) => selects(target, object));
    const isDeletion = isRecord(body) && body['$patch'] === 'delete';
    // The operator's manifests get their namespace only after the patches, so a target by namespace would match nothing.
    const { namespace: inNamespace, ...translatedTarget } = target;
    if (inNamespace && inNamespace !== namespace) matched.length = 0;
    const carried: CarriedPatch = {
      patch,
      target: translatedTarget,
      comments,
      lines: named && !inNamespace ? lines : null,
    };
    const kinds = new Set(matched.map((object) => object.kind));
    if (matched.length === 0 && others.some((object) => selects({ ...target }, object))) continue;
    if (matched.length === 0) {
      translation.hazards.push(
        warn('patch-matches-nothing', where, {
          what: `A patch for ${describeTarget(target)} matches nothing in Flux's manifests; it is not carried over`,
          why: 'It has no effect today either, or it is meant for an object that this tool does not know',
          mend: 'Remove it, or look at the dry run at the cutover gate for what it was meant to do',
        }),
      );
    } else if (isDeletion && kinds.size === 1 && kinds.has('NetworkPolicy')) {
      for (const { name } of matched) policiesLeft.delete(name);
      policyDeletions.push(carried);
    } else if (isDeletion && kinds.size === 1 && kinds.has('Deployment')) {
      translation.deleted.push(...matched.map((object) => object.name));
    } else {
      translation.carried.push(carried);
      if (isDeletion)
        translation.hazards.push(
          warn('patch-deletes', where, {
            what: `A patch deletes ${describeTarget(target)} from Flux's manifests; it is carried over`,
            why: 'What the operator does not build, it does not own after the handover',
            mend: 'Make sure that this object has another owner',
          }),
        );
      if (
        Array.isArray(body) &&
        body.some((operation) => /\/\d+(\/|$)/.test(text(operation, 'path').replace('/containers/0/', '/')))
      )
        translation.hazards.push(
          warn('patch-by-index', where, {
            what: `A patch for ${describeTarget(target)} speaks of a list position`,
            why: "Positions in the operator's manifests may differ from those of the legacy install",
            mend: 'Compare the dry run at the cutover gate with what the patch is meant to do',
          }),
        );
    }
  }
  translation.networkPolicies = policiesLeft.size > 0;
  if (translation.networkPolicies) translation.carried.unshift(...policyDeletions);
  if (/--feature-gates/.test(translation.carried.map(({ patch }) => patch).join('\n')))
    translation.hazards.push(
      note('feature-gates-twice', written[0]?.where ?? null, {
        what: `The patches set --feature-gates, and so does Flux Operator (Flux ${version})`,
        why: 'The controller gets the argument twice; the values are merged',
        mend: 'Nothing to do; the phase adopt checks the arguments that are live',
      }),
    );
  return translation;
}

/** A selector that may choose other objects in the operator's manifests, where only Deployments carry these labels. */
function foreignSelector({ labelSelector, annotationSelector, kind }: PatchTarget): string | null {
  if (annotationSelector) return annotationSelector;
  if (!labelSelector) return null;
  const keys = labelSelector.split(/,(?![^(]*\))/).map((term) => /^\s*!?\s*([\w./-]+)/.exec(term)?.[1] ?? '');
  return kind === 'Deployment' && keys.every((key) => commonLabels.includes(key)) ? null : labelSelector;
}
