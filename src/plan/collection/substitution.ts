/** What a Flux Kustomization does to objects after the build: variables and common metadata. */
import { field, isRecord, text } from '../../repo/manifests.ts';
import { substituted, type Variables } from '../variables.ts';
import type { AfterBuild } from './built-object.ts';

/**
 * A variable whose value is only known on the cluster stays as it is written.
 * @param spec of the Flux Kustomization; @param variables what its postBuild gives
 */
export function afterBuild(spec: Record<string, unknown>, variables: Variables): AfterBuild {
  return {
    marks: { ...record(spec, 'annotations'), ...record(spec, 'labels') },
    substitute: (document) => (isExempt(document) ? document : substituted(document, variables)),
  };
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
