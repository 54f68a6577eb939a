/** Finds the HelmRelease of the community chart flux2 with its chart and source, and judges its fields. */
import { isRecord, list, text, type Manifest } from '../../repo/manifests.ts';
import { isBelow } from '../../repo/snapshot.ts';
import type { Tree } from '../../repo/tree.ts';
import { refuse, warn } from '../hazard.ts';
import type { Scene } from '../scene.ts';
import type { Hazard, LegacyInstall, ObjectReference, Place } from '../types.ts';

export interface FluxRelease {
  manifest: Manifest;
  name: string;
  namespace: string;
  /** Version or reference as written, '' where there is none. */
  chartVersion: string;
  /** OCIRepository, HelmRepository or GitRepository of the chart; null where it does not stand in the cluster's folder. */
  source: Manifest | null;
  sourceReference: { kind: string; name: string; namespace: string };
}

/** An OCI repository that ends in the chart's name: the community's own, or a mirror of it. */
const chartUrl = /^oci:\/\/\S+\/flux2\/?$/;

/** Objects in files whose text matches. */
export type Find = (telling: RegExp) => Manifest[];

/** HelmReleases of the chart flux2, named by `spec.chart` or by `spec.chartRef` of an OCIRepository that holds it. */
export function findReleases(find: Find, chart: RegExp = /^flux2?$/): Manifest[] {
  const telling = find(
    /(?:^|[{,])\s*chart:\s*["']?flux2?[\w-]*["']?\s*(?:[,}#]|$)|\/flux2["']?\/?\s*(?:[,}#]|$)/m,
  );
  const charts = telling.filter(
    ({ kind, value }) => kind === 'OCIRepository' && chartUrl.test(text(value, 'spec', 'url')),
  );
  const byReference = charts.flatMap((repository) =>
    find(new RegExp(`chartRef:[\\s\\S]*name:\\s*["']?${repository.name.replaceAll('.', '\\.')}\\b`)).filter(
      ({ kind, value }) =>
        kind === 'HelmRelease' &&
        text(value, 'spec', 'chartRef', 'kind') === 'OCIRepository' &&
        text(value, 'spec', 'chartRef', 'name') === repository.name,
    ),
  );
  const byName = telling.filter(
    ({ kind, value }) => kind === 'HelmRelease' && chart.test(text(value, 'spec', 'chart', 'spec', 'chart')),
  );
  return [...new Set([...byName, ...(chart.test('flux2') ? byReference : [])])];
}

export function describeRelease({ find, cluster }: Scene, manifest: Manifest): FluxRelease {
  const { value, name } = manifest;
  const namespace = manifest.namespace || cluster.namespace;
  const reference =
    isRecord(value['spec']) && isRecord(value['spec']['chartRef'])
      ? ['chartRef']
      : ['chart', 'spec', 'sourceRef'];
  const sourceReference = {
    kind: text(value, 'spec', ...reference, 'kind'),
    name: text(value, 'spec', ...reference, 'name'),
    namespace: text(value, 'spec', ...reference, 'namespace') || namespace,
  };
  const source =
    find(new RegExp(`name:\\s*["']?${sourceReference.name.replaceAll('.', '\\.')}\\b`)).find(
      (candidate) =>
        candidate.kind === sourceReference.kind &&
        candidate.name === sourceReference.name &&
        (candidate.namespace || namespace) === sourceReference.namespace,
    ) ?? null;
  const ref = (key: string): string => text(source?.value, 'spec', 'ref', key);
  return {
    manifest,
    name,
    namespace,
    chartVersion:
      text(value, 'spec', 'chart', 'spec', 'version') || ref('tag') || ref('semver') || ref('digest'),
    source,
    sourceReference,
  };
}

/** The HelmChart that source-controller keeps for a release with `spec.chart`; null with `chartRef`. */
export function helmChartOf({
  manifest,
  name,
  namespace,
  sourceReference,
}: FluxRelease): ObjectReference | null {
  if (text(manifest.value, 'spec', 'chart', 'spec', 'chart') === '') return null;
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmChart',
    namespace: sourceReference.namespace,
    name: `${namespace}-${name}`,
  };
}

/** Fields that say when and how it is applied, not what. */
const harmless = new Set([
  'interval',
  'timeout',
  'chart',
  'chartRef',
  'releaseName',
  'targetNamespace',
  'storageNamespace',
  'values',
  'valuesFrom',
  'install',
  'upgrade',
  'rollback',
  'uninstall',
  'test',
  'driftDetection',
  'maxHistory',
  'persistentClient',
  'dependsOn',
  'suspend',
  'serviceAccountName',
  'waitStrategy',
]);

export function releaseHazards(scene: Scene, release: FluxRelease): Hazard[] {
  const { manifest, name } = release;
  const spec = isRecord(manifest.value['spec']) ? manifest.value['spec'] : {};
  const hazards: Hazard[] = [];
  const unknown = Object.keys(spec).filter((key) => !harmless.has(key));
  if (unknown.length > 0)
    hazards.push(
      refuse('owner-fields-not-translatable', manifest.place('spec', unknown[0] ?? ''), {
        what: `HelmRelease ${name} sets ${unknown.join(', ')}`,
        why: 'What these make of the controllers is not seen in its values, and would silently be lost',
        mend: 'Write it into spec.values (or remove it), wait until the release is Ready, and plan again',
      }),
    );
  if (list(spec, 'valuesFrom').length > 0)
    hazards.push(
      refuse('helm-values-elsewhere', manifest.place('spec', 'valuesFrom'), {
        what: `HelmRelease ${name} takes values from ConfigMaps or Secrets`,
        why: 'What is not seen here can not be carried over to the FluxInstance',
        mend: 'Write these values into spec.values, wait until the release is Ready, and plan again',
      }),
    );
  const elsewhere = ['targetNamespace', 'storageNamespace'].filter(
    (key) => text(spec, key) !== '' && text(spec, key) !== scene.cluster.namespace,
  );
  if (release.namespace !== scene.cluster.namespace || elsewhere.length > 0)
    hazards.push(
      refuse('namespace-differs', manifest.place(elsewhere[0] ? 'spec' : 'metadata'), {
        what: `HelmRelease ${name} is in namespace ${release.namespace}${elsewhere.map((key) => `, its ${key} is ${text(spec, key)}`).join('')}; handover.yaml says ${scene.cluster.namespace}`,
        why: 'The FluxInstance must be where the controllers are, and the records of the release must be found',
        mend: 'Correct clusters[].namespace in handover.yaml',
      }),
    );
  if (spec['suspend'] === true)
    hazards.push(
      warn('owner-suspended', manifest.place('spec', 'suspend'), {
        what: `HelmRelease ${name} is suspended in Git`,
        why: 'What runs may be older than what its values say',
        mend: 'Compare with the live version that preflight reads, or resume it first',
      }),
    );
  if (/\$\{[^}]+\}/.test(JSON.stringify(manifest.value)))
    hazards.push(
      refuse('owner-templated', manifest.place('spec'), {
        what: `HelmRelease ${name} contains a variable (\${…})`,
        why: 'What it stands for is only known on the cluster, and the FluxInstance may be substituted differently',
        mend: 'Write the value itself, wait until it is Ready, and plan again',
      }),
    );
  return [...hazards, ...dependentHazards(scene, release)];
}

/** HelmReleases that wait for this one would wait for ever once it is gone. */
function dependentHazards({ find, cluster }: Scene, { name, namespace, manifest }: FluxRelease): Hazard[] {
  return find(/^\s*dependsOn:/m)
    .filter(
      (other) =>
        other.kind === 'HelmRelease' &&
        other !== manifest &&
        list(other.value, 'spec', 'dependsOn').some(
          (entry) =>
            text(entry, 'name') === name &&
            (text(entry, 'namespace') || other.namespace || cluster.namespace) === namespace,
        ),
    )
    .map((other) =>
      refuse('owner-depended-upon', other.place('spec', 'dependsOn'), {
        what: `HelmRelease ${other.name} depends on ${name}, which will be removed`,
        why: `${other.name} would stop reconciling with "dependency not found"`,
        mend: `Remove the dependency on ${name} from ${other.file}; Flux is running whenever anything reconciles`,
      }),
    );
}

export function describeOwnerSource({
  source,
  sourceReference,
  chartVersion,
  manifest,
}: FluxRelease): LegacyInstall['ownerSource'] {
  const { kind } = sourceReference;
  return {
    kind: kind === 'OCIRepository' || kind === 'GitRepository' ? kind : 'HelmRepository',
    name: sourceReference.name,
    namespace: sourceReference.namespace,
    url: text(source?.value, 'spec', 'url'),
    ref: `chart flux2 ${chartVersion || 'latest'}`,
    where: manifest.place('spec'),
  };
}

/** Charts that are installed from outside Git: helmfile, Ansible, Terraform, a script. Found anywhere in the repository. */
export function outsideInstalls(tree: Tree, folder: string): { where: Place; by: string }[] {
  const tools: [RegExp, RegExp, string][] = [
    [/\.tf$/, /^\s*chart\s*=\s*"(?:\S*\/)?flux2"/m, 'Terraform (helm_release)'],
    [
      /\.ya?ml(\.gotmpl)?$/,
      /^\s*-?\s*chart_ref:\s*["']?\S*\bflux2["']?\s*$/m,
      'Ansible (kubernetes.core.helm)',
    ],
    [
      /(^|\/)[^/]*helmfile[^/]*\.ya?ml(\.gotmpl)?$/,
      /^\s*-?\s*chart:\s*["']?\S*\/flux2["']?\s*$/m,
      'helmfile',
    ],
    [
      /(^|\/)([Tt]askfile[^/]*\.ya?ml|\.?[Jj]ustfile|Makefile|[^/]+\.(sh|just|mk))$/,
      /helm\s+(?:upgrade|install)\b[^\n]*\bflux2\b/,
      'helm',
    ],
  ];
  return tree.paths().flatMap((path) =>
    tools.flatMap(([name, telling, by]) => {
      if (!name.test(path) || (folder === '' ? false : otherCluster(path, folder))) return [];
      const source = tree.read(path) ?? '';
      const match = telling.exec(source);
      if (!match) return [];
      return [
        {
          where: {
            file: path,
            line: source.slice(0, match.index + match[0].search(/\S/)).split('\n').length,
          },
          by,
        },
      ];
    }),
  );
}

/** Below the folder that holds the clusters' folders, but not in this one's. */
function otherCluster(path: string, folder: string): boolean {
  const clusters = folder.split('/').slice(0, -1).join('/');
  return clusters !== '' && isBelow(path, clusters) && !isBelow(path, folder);
}
