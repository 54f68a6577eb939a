/** What the variables of spec.postBuild stand for, as far as Git tells: values that only the cluster knows are not guessed. */
import { field, findManifests, isRecord, list, text, type Manifest } from '../repo/manifests.ts';
import type { Tree } from '../repo/tree.ts';
import { patchedManifest } from './patched-object.ts';

/** What one variable stands for. */
export type Variable =
  | { state: 'known'; value: string }
  /** No place it could come from has it: Flux takes the default, or `value`; null where a place may have got it since. */
  | { state: 'absent'; value: string | null; why: string }
  | { state: 'unknown'; why: string };

export interface Variables {
  /** Whether Flux substitutes anything at all. */
  active: boolean;
  lookUp(name: string): Variable;
}

/** Finds the ConfigMaps and Secrets that a cluster may have under a name. */
export type ValueSources = (kind: string, name: string, namespace: string) => Manifest[];

/**
 * In Flux's order: spec.postBuild.substitute overrules substituteFrom, and of that a later entry overrules an earlier one.
 * @param spec of the Kustomization that substitutes; @param namespace its own
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution
 */
export function variablesOf(spec: unknown, namespace: string, sources: ValueSources): Variables {
  const literal = field(spec, 'postBuild', 'substitute');
  const inline = isRecord(literal) ? literal : {};
  const from = list(spec, 'postBuild', 'substituteFrom').toReversed();
  return {
    active: Object.keys(inline).length > 0 || from.length > 0,
    lookUp(name) {
      if (inline[name] !== undefined) return { state: 'known', value: oneLine(text(inline[name])) };
      const looked: string[] = [];
      for (const entry of from) {
        const [kind, object] = [text(entry, 'kind'), text(entry, 'name')];
        const found = valueFrom(sources(kind, object, namespace), name, `${kind} ${object}`);
        if (found.state !== 'absent') return found;
        looked.push(found.why);
      }
      // Nothing else could give it a value, so Flux leaves nothing of it.
      if (looked.length === 0) return { state: 'absent', value: '', why: 'nothing gives it a value' };
      return { state: 'absent', value: null, why: looked.toReversed().join(', ') };
    },
  };
}

function valueFrom(candidates: Manifest[], key: string, named: string): Variable {
  if (candidates.length === 0) return { state: 'unknown', why: `${named} is not in Git` };
  const values = new Set(
    candidates.map(
      ({ value }) =>
        field(value, 'data', key) ?? field(value, 'stringData', key) ?? field(value, 'binaryData', key),
    ),
  );
  if (values.size > 1)
    return { state: 'unknown', why: `${named} stands in Git more than once, with different values` };
  const [value] = values;
  const where = candidates[0]!.file;
  if (value === undefined)
    return { state: 'absent', value: null, why: `${named} (${where}) does not have it` };
  // A secret's value is never read, encrypted or not: it would end up in the plan.
  if (candidates[0]!.kind === 'Secret') return { state: 'unknown', why: `it is in the ${named} (${where})` };
  const written = text(candidates[0]!.value, 'data', key);
  if (written.startsWith('ENC[')) return { state: 'unknown', why: `${named} (${where}) is encrypted` };
  if (written.includes('${')) return { state: 'unknown', why: `its value in ${where} is a variable again` };
  return { state: 'known', value: oneLine(written) };
}

/** As kustomize-controller does it. */
function oneLine(value: string): string {
  return value.replaceAll('\n', '');
}

/** ConfigMaps and Secrets of a tree by name, patched by the list they stand in; looked for once per name. */
export function valueSourcesIn(tree: Tree, isCandidate: (file: string) => boolean): ValueSources {
  const known = new Map<string, Manifest[]>();
  let all: Manifest[] | undefined;
  return (kind, name, namespace) => {
    const key = `${kind}/${namespace}/${name}`;
    let found = known.get(key);
    if (!found) {
      all ??= findManifests(tree, '', /^kind:\s*["']?(ConfigMap|Secret)\b/m).filter(
        ({ group }) => group === '',
      );
      found = all
        .filter(
          (each) =>
            each.kind === kind &&
            each.name === name &&
            // A list may set the namespace.
            (each.namespace === '' || each.namespace === namespace) &&
            isCandidate(each.file),
        )
        .map((each) => patchedManifest(tree, each));
      known.set(key, found);
    }
    return found;
  };
}

/** `$$`, `${NAME}` and its forms with a default; what else the shell could do is left as it is written. */
const variable = /\$\$|\$\{([A-Za-z_]\w*)(?:(:?[-=])([^{}]*))?\}/g;

/** @returns the text with every value that is known; a variable without one stays as it is written. */
export function substituted(written: string, variables: Variables): string {
  if (!variables.active || !written.includes('$')) return written;
  return written.replaceAll(variable, (whole, name: string | undefined, form, fallback) => {
    if (name === undefined) return '$';
    const found = variables.lookUp(name);
    if (found.state === 'known' && (found.value !== '' || !String(form ?? '').startsWith(':')))
      return found.value;
    if (found.state === 'unknown') return whole;
    if (form !== undefined) return String(fallback);
    return (found.state === 'absent' ? found.value : null) ?? whole;
  });
}

/** Names of the variables that a text still has. */
export function namesIn(written: string): string[] {
  return [...written.matchAll(/\$\{([A-Za-z_]\w*)/g)].map(([, name = '']) => name);
}

/** Whether a text still depends on what only the cluster knows. */
export function isUnresolved(written: string): boolean {
  return /\$\{[^}]*\}/.test(written);
}
