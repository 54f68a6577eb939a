/**
 * What a Flux Kustomization does to objects after the build: variables and common metadata.
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution
 */
import { field, isRecord, list, text } from '../../repo/manifests.ts';
import type { AfterBuild } from './built-object.ts';

/** A variable whose value is only known on the cluster stays as it is written. */
const variable = /\$\$|\$\{([A-Za-z_]\w*)(?:(:?[-=])([^{}]*))?\}/g;

/** @param spec of the Flux Kustomization */
export function afterBuild(spec: Record<string, unknown>): AfterBuild {
  const literal = field(spec, 'postBuild', 'substitute');
  const values = isRecord(literal) ? literal : {};
  const fromCluster = list(spec, 'postBuild', 'substituteFrom').length > 0;
  const active = Object.keys(values).length > 0 || fromCluster;
  return {
    marks: { ...record(spec, 'annotations'), ...record(spec, 'labels') },
    substitute(document) {
      if (!active || !document.includes('$') || isExempt(document)) return document;
      return document.replaceAll(variable, (written, name: string | undefined, form, fallback) => {
        if (name === undefined) return '$';
        const known = values[name];
        if (known !== undefined && (known !== '' || !String(form ?? '').startsWith(':')))
          return text(known).replaceAll('\n', '');
        if (fromCluster && known === undefined) return written;
        return form === undefined ? '' : String(fallback);
      });
    },
  };
}

/** Whether a text still depends on what only the cluster knows. */
export function isUnresolved(written: string): boolean {
  return /\$\{[^}]*\}/.test(written);
}

function isExempt(document: string): boolean {
  return /^ {4}kustomize\.toolkit\.fluxcd\.io\/substitute: disabled$/m.test(document);
}

function record(spec: Record<string, unknown>, key: string): Record<string, string> {
  const found = field(spec, 'commonMetadata', key);
  return isRecord(found)
    ? Object.fromEntries(Object.entries(found).map(([name, value]) => [name, text(value)]))
    : {};
}
