/** Renders the bootstrap folder of a cluster that Flux Operator runs: a kustomization of its chart, and the commands in order. */
import { posix } from 'node:path';
import type { SopsKey } from '../sops-keys.ts';
import type { PlannedSource, RootKustomization } from '../types.ts';

export interface Bootstrap {
  /** The folder renders the charts by kustomize; or (where Flux tracks the folder) Helm installs them by itself. */
  form: 'kustomize' | 'helm';
  /** Whether the FluxInstance brings source and root. */
  sync: boolean;
  cluster: string;
  namespace: string;
  /** Folders, from the repository's root. */
  folder: string;
  instanceApp: string;
  /** The kustomization (or file) that brings the source and the root Kustomization. */
  config: { path: string; isFolder: boolean };
  chart: { url: string; version: string };
  instanceChart: { url: string; version: string; values: Record<string, unknown> } | null;
  /** Entries of the old kustomization that are not Flux's install and stay. */
  otherResources: string[];
  source: PlannedSource;
  root: RootKustomization;
  /** Where objects that must be there before the first sync are defined; null: not in Git. */
  secrets: { kind: string; name: string; file: string | null; purpose: string }[];
  /** Keys that the secret for decryption holds. */
  sopsKeys: SopsKey[];
}

/** Splits `oci://host/charts/name` into what kustomize calls repo and name. */
export function chartParts(url: string): { repo: string; name: string } {
  return { repo: posix.dirname(url).replace(/^oci:\/(?!\/)/, 'oci://'), name: posix.basename(url) };
}

export function bootstrapValue(bootstrap: Bootstrap): Record<string, unknown> {
  const { repo, name } = chartParts(bootstrap.chart.url);
  return {
    ...(bootstrap.otherResources.length > 0 ? { resources: bootstrap.otherResources } : {}),
    helmCharts: [
      {
        name,
        repo,
        version: bootstrap.chart.version,
        releaseName: 'flux-operator',
        namespace: bootstrap.namespace,
        includeCRDs: true,
      },
    ],
  };
}

export function renderBootstrapGuide(bootstrap: Bootstrap): string {
  const { namespace, instanceApp, config, source, root } = bootstrap;
  const steps: [string, string[]][] = [
    [
      `The namespace and Flux Operator (needs \`helm\` 3 on the PATH${bootstrap.form === 'kustomize' ? ', which kustomize calls' : ''})`,
      [
        `kubectl create namespace ${namespace} --dry-run=client -o yaml | kubectl apply --server-side -f -`,
        operatorCommand(bootstrap),
        `kubectl -n ${namespace} rollout status deployment/flux-operator --timeout=5m`,
        'kubectl wait --for=condition=Established crd/fluxinstances.fluxcd.controlplane.io --timeout=1m',
      ],
    ],
    [
      'The secrets and settings that the first sync needs',
      bootstrap.secrets
        .filter(({ kind }) => kind === 'Secret' || kind === 'ConfigMap')
        .map((secret) => secretCommand(secret, bootstrap)),
    ],
    [
      'The FluxInstance: the controllers',
      [
        instanceCommand(bootstrap, instanceApp),
        `kubectl -n ${namespace} wait --for=condition=Ready fluxinstance/flux --timeout=5m`,
      ],
    ],
    [
      bootstrap.sync
        ? `The FluxInstance has made the source \`${source.name}\` and the root Kustomization \`${root.name}\`, which bring everything else`
        : `The source \`${source.name}\` and the root Kustomization \`${root.name}\`, which bring everything else`,
      [
        ...(bootstrap.sync
          ? []
          : [`kubectl apply --server-side ${config.isFolder ? '-k' : '-f'} ${config.path}`]),
        `kubectl -n ${namespace} wait --for=condition=Ready kustomization/${root.name} --timeout=10m`,
      ],
    ],
  ];
  const body = steps
    .filter(([, commands]) => commands.length > 0)
    .map(
      ([title, commands], index) =>
        `${index + 1}. ${title}:\n\n   \`\`\`sh\n${commands.map((command) => `   ${command}`).join('\n')}\n   \`\`\`\n`,
    )
    .join('\n');
  return bootstrap.form === 'kustomize' ? untrackedGuide(bootstrap, body) : trackedGuide(bootstrap, body);
}

function untrackedGuide({ cluster, folder }: Bootstrap, body: string): string {
  return `# Bootstrap of the cluster ${cluster}

Flux does not track this folder. It serves a new, empty cluster: run the commands from the root of the repository, in this order,
with the kubeconfig of that cluster. Afterwards Flux manages the operator and the FluxInstance from Git.

${body}
Helm leaves a folder \`charts\` beside the kustomization: it is not to be committed.
Keep the chart version in \`${folder}\` the same as that of the HelmRelease \`flux-operator\`, which takes the installed operator over.
`;
}

function trackedGuide({ cluster }: Bootstrap, body: string): string {
  return `# Bootstrap of the cluster ${cluster}

Flux Operator runs Flux here: \`flux bootstrap\` and \`flux install\` are not to be used any more. For a new, empty cluster run these
commands from the root of the repository, in this order, with the kubeconfig of that cluster. Afterwards Flux manages the operator
and the FluxInstance from Git.

${body}
Keep the chart version above the same as that of the HelmRelease \`flux-operator\`, which takes the installed operator over.
Flux is upgraded in the FluxInstance, by \`spec.distribution.version\`.
`;
}

function operatorCommand({ form, folder, chart, namespace }: Bootstrap): string {
  return form === 'kustomize'
    ? `kubectl kustomize --enable-helm ${folder} | kubectl apply --server-side -f -`
    : `helm install flux-operator ${chart.url} --version ${chart.version} --namespace ${namespace}`;
}

function secretCommand(secret: Bootstrap['secrets'][number], bootstrap: Bootstrap): string {
  const { file, name, kind, purpose } = secret;
  const { namespace, source, sopsKeys } = bootstrap;
  if (file && /\.sops\.ya?ml$/.test(file)) return `sops --decrypt ${file} | kubectl apply --server-side -f -`;
  if (file) return `kubectl apply --server-side -f ${file}`;
  const create = `kubectl -n ${namespace} create secret generic ${name}`;
  if (purpose === 'decryption' && !sopsKeys.includes('other')) {
    const keys = sopsKeys.map((key) => (key === 'age' ? 'age.agekey' : 'sops.asc'));
    const how = sopsKeys.includes('pgp') ? ', as gpg --export-secret-keys --armor writes it' : '';
    return `${create} ${keys.map((key) => `--from-file=${key}=${key}`).join(' ')}   # the private key${how}`;
  }
  if (purpose === 'git')
    return `${create} ${/^https?:/.test(source.url) ? '--from-file=username --from-file=password' : '--from-file=identity --from-file=identity.pub --from-file=known_hosts'}   # files with the Git credentials`;
  return `kubectl -n ${namespace} get ${kind.toLowerCase()} ${name}   # not in Git: create it as you did before`;
}

function instanceCommand(bootstrap: Bootstrap, instanceApp: string): string {
  const { instanceChart: chart, form, namespace } = bootstrap;
  if (!chart) return `kubectl apply --server-side -k ${instanceApp}`;
  if (form === 'helm')
    return `helm install flux-instance ${chart.url} --version ${chart.version} --namespace ${namespace}${Object.entries(
      chart.values,
    )
      .map(([key, value]) => ` --set-json '${key}=${JSON.stringify(value).replaceAll("'", `'\\''`)}'`)
      .join('')}`;
  return `kubectl kustomize --enable-helm ${bootstrap.folder}/instance | kubectl apply --server-side -f -`;
}
