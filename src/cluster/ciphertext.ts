/** Finds Secrets and ConfigMaps that hold SOPS ciphertext live: a sign that somebody applied a file without decrypting it. */
import type { Cluster } from './cluster.ts';
import { field, type LiveObject, nameOf, referenceOf } from './objects.ts';
import { marks } from './ownership.ts';

/** `ENC[` as it begins any base64 text of it: three bytes make four characters, the fourth byte sets the next one. */
const encoded = /^RU5DW[w-z0-9]/;

/** Whether a Secret's data holds SOPS ciphertext. Looks at the first characters only; values are neither decoded nor kept. */
export function holdsCiphertext(object: LiveObject): boolean {
  const values = Object.values((field(object, 'data') ?? {}) as Record<string, unknown>);
  return values.some(
    (value) =>
      typeof value === 'string' &&
      (object.kind === 'Secret' ? encoded.test(value) : value.startsWith('ENC[')),
  );
}

/** Names of the Secrets and ConfigMaps applied by Kustomizations that hold ciphertext. @throws ClusterError */
export async function findCiphertext(cluster: Cluster): Promise<string[]> {
  const labelSelector = marks.kustomizationName;
  const lists = await Promise.all([
    cluster.list('v1', 'Secret', { labelSelector }),
    cluster.list('v1', 'ConfigMap', { labelSelector }),
  ]);
  return lists
    .flat()
    .filter(holdsCiphertext)
    .map((object) => nameOf(referenceOf(object)));
}
