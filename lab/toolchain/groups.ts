// The table of Go programs the lab is made of: which group builds what, with which flags, and how long that takes cold.

/** One folder `lab/tools/<name>` (go.mod and go.sum), built on its own because the groups' versions conflict. */
export interface ToolGroup {
  name: string;
  /** File name of the binary → Go package. */
  programs: Record<string, string>;
  /** `-X` settings for the linker, added to `-s -w`. */
  linkerSettings?: Record<string, string>;
  /** Added to the environment of `go build`. */
  environment?: Record<string, string>;
  /** Go embeds files that the published module lacks: vendor it in the cache and put them there. */
  vendoring?: Vendoring;
  /** Wall seconds of a cold build on two cores, for the progress display. */
  expectedSeconds: number;
  /** One program and the arguments that prove the result runs. */
  check: [program: string, ...args: string[]];
}

export interface Vendoring {
  /** Path below `vendor/` → text. */
  files?: Record<string, string>;
  /** Folder below `vendor/` that receives Flux's install manifests. */
  fluxManifests?: string;
}

/** The Flux distribution of the lab: the newest whose four controllers can all be built from published modules. */
export const FLUX_VERSION = '2.9.2';
export const FLUX_OPERATOR_VERSION = '0.58.1';
const KUBERNETES_VERSION = '1.34.4';
export const COREDNS_VERSION = '1.13.1';

export const FLUX_OPERATOR_MODULE = 'github.com/controlplaneio-fluxcd/flux-operator';

/** The four controllers that the lab runs, with the versions of Flux 2.9.2. */
export const CONTROLLERS = {
  'source-controller': '1.9.3',
  'kustomize-controller': '1.9.3',
  'helm-controller': '1.6.2',
  'notification-controller': '1.9.2',
} as const;

const KUBERNETES_PROGRAMS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kubectl',
  'kube-proxy',
];

/** In build order: what a cluster needs first comes first. */
export const TOOL_GROUPS: readonly ToolGroup[] = [
  {
    name: 'kubernetes',
    programs: Object.fromEntries(KUBERNETES_PROGRAMS.map((name) => [name, `k8s.io/kubernetes/cmd/${name}`])),
    linkerSettings: {
      'k8s.io/component-base/version.gitVersion': `v${KUBERNETES_VERSION}`,
      'k8s.io/component-base/version.gitMajor': '1',
      'k8s.io/component-base/version.gitMinor': '34',
    },
    expectedSeconds: 285,
    check: ['kubectl', 'version', '--client'],
  },
  {
    name: 'etcd',
    programs: { etcd: 'go.etcd.io/etcd/server/v3' },
    expectedSeconds: 20,
    check: ['etcd', '--version'],
  },
  {
    name: 'coredns',
    programs: { coredns: 'github.com/coredns/coredns' },
    expectedSeconds: 96,
    check: ['coredns', '-version'],
  },
  {
    name: 'registry',
    programs: {
      registry: 'github.com/distribution/distribution/v3/cmd/registry',
      crane: 'github.com/google/go-containerregistry/cmd/crane',
    },
    expectedSeconds: 95,
    check: ['registry', '--version'],
  },
  ...Object.keys(CONTROLLERS).map((name): ToolGroup => ({
    name,
    programs: { [name]: `github.com/fluxcd/${name}` },
    expectedSeconds: name === 'source-controller' ? 110 : 50,
    check: [name, '--help'],
  })),
  {
    name: 'flux',
    programs: { flux: 'github.com/fluxcd/flux2/v2/cmd/flux' },
    linkerSettings: { 'main.VERSION': FLUX_VERSION },
    vendoring: { fluxManifests: 'github.com/fluxcd/flux2/v2/cmd/flux/manifests' },
    expectedSeconds: 30,
    check: ['flux', '--version'],
  },
  {
    name: 'helm',
    programs: { helm: 'helm.sh/helm/v3/cmd/helm' },
    expectedSeconds: 100,
    check: ['helm', 'version'],
  },
  {
    name: 'flux-operator',
    programs: {
      'flux-operator': `${FLUX_OPERATOR_MODULE}/cmd/cli`,
      'flux-operator-manager': `${FLUX_OPERATOR_MODULE}/cmd/operator`,
    },
    linkerSettings: { 'main.VERSION': FLUX_OPERATOR_VERSION },
    // The manager exits at once when it was built without FIPS 140.
    environment: { GOFIPS140: 'latest' },
    vendoring: {
      files: { [`${FLUX_OPERATOR_MODULE}/web/dist/index.html`]: '<!doctype html><title>Flux</title>\n' },
    },
    expectedSeconds: 110,
    check: ['flux-operator', '--version'],
  },
  {
    name: 'secrets',
    programs: { sops: 'github.com/getsops/sops/v3/cmd/sops', 'age-keygen': 'filippo.io/age/cmd/age-keygen' },
    expectedSeconds: 60,
    check: ['sops', '--version', '--disable-version-check'],
  },
  {
    name: 'temporal',
    programs: { temporal: 'github.com/temporalio/cli/cmd/temporal' },
    linkerSettings: { 'github.com/temporalio/cli/temporalcli.Version': '1.5.1' },
    expectedSeconds: 155,
    check: ['temporal', '--version'],
  },
];
