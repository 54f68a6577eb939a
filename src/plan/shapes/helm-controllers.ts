/** The controllers of the community chart flux2: keys of its values, and what it sets where nobody says otherwise (2.19). */

export interface ChartController {
  /** Key in the chart's values. */
  key: string;
  component: string;
  /** Whether it runs unless the values say otherwise. */
  created: boolean;
  /** `requests` of the chart; it sets no limits. */
  requests: { cpu: string; memory: string };
  /** Service of the controller itself, or null. */
  service: string | null;
}

const usual = { cpu: '100m', memory: '64Mi' };

export const chartControllers: ChartController[] = [
  {
    key: 'sourceController',
    component: 'source-controller',
    created: true,
    requests: usual,
    service: 'source-controller',
  },
  {
    key: 'kustomizeController',
    component: 'kustomize-controller',
    created: true,
    requests: usual,
    service: null,
  },
  { key: 'helmController', component: 'helm-controller', created: true, requests: usual, service: null },
  {
    key: 'notificationController',
    component: 'notification-controller',
    created: true,
    requests: usual,
    service: 'notification-controller',
  },
  {
    key: 'imageReflectionController',
    component: 'image-reflector-controller',
    created: true,
    requests: usual,
    service: null,
  },
  {
    key: 'imageAutomationController',
    component: 'image-automation-controller',
    created: true,
    requests: usual,
    service: null,
  },
  {
    key: 'sourceWatcher',
    component: 'source-watcher',
    created: false,
    requests: { cpu: '50m', memory: '64Mi' },
    service: 'source-watcher',
  },
];

/** Values that say when and how the chart is applied, or about jobs that have ended: nothing of them is left in what runs. */
const fleetingValues = new Set(['cli', 'crds', 'nameOverride', 'fullnameOverride']);

/** Values that are understood only as they are by default; anything else about them is refused by name. */
export const fixedValues: { path: string[]; value: unknown; meaning: string }[] = [
  { path: ['installCRDs'], value: true, meaning: 'the CRDs then have another owner' },
  {
    path: ['multitenancy', 'enabled'],
    value: false,
    meaning: 'the instance has spec.cluster.multitenant for it',
  },
  { path: ['clusterDomain'], value: 'cluster.local', meaning: 'the instance has spec.cluster.domain for it' },
  { path: ['watchAllNamespaces'], value: true, meaning: 'an instance always watches all namespaces' },
  { path: ['extraObjects'], value: [], meaning: 'these objects would be left without an owner' },
  {
    path: ['prometheus', 'podMonitor', 'create'],
    value: false,
    meaning: 'the PodMonitor would be left without an owner',
  },
  { path: ['rbac', 'create'], value: true, meaning: 'an instance always brings its cluster roles' },
  {
    path: ['rbac', 'createAggregation'],
    value: true,
    meaning: 'an instance always brings flux-edit and flux-view',
  },
  { path: ['rbac', 'roleRef', 'name'], value: 'cluster-admin', meaning: 'an instance binds cluster-admin' },
  { path: ['distro', 'openshift'], value: false, meaning: 'the instance has spec.cluster.type for it' },
];

/** The same for the values of one controller. */
export const fixedControllerValues: { path: string[]; value: unknown; meaning: string }[] = [
  { path: ['tag'], value: undefined, meaning: 'the version of an instance decides the image' },
  { path: ['replicas'], value: 1, meaning: 'one controller of a kind is what an instance runs' },
  { path: ['serviceAccount', 'create'], value: true, meaning: 'an instance brings its service accounts' },
  {
    path: ['serviceAccount', 'automount'],
    value: true,
    meaning: "the controllers' token would be mounted again",
  },
  { path: ['secret', 'create'], value: false, meaning: 'the Secret would be left without an owner' },
  { path: ['service', 'ports'], value: undefined, meaning: 'an instance has its own ports' },
  {
    path: ['persistentvolumeclaim', 'create'],
    value: false,
    meaning: 'the instance has spec.storage for it',
  },
  {
    path: ['podDisruptionBudget', 'create'],
    value: false,
    meaning: 'the budget would be left without an owner',
  },
  { path: ['ingress', 'create'], value: false, meaning: 'the Ingress would be left without an owner' },
  {
    path: ['webhookReceiver', 'ingress', 'create'],
    value: false,
    meaning: 'the Ingress would be left without an owner',
  },
];

/** Values of one controller that become patches of the instance; everything else is refused by name. */
export const carriedControllerValues = new Set([
  'create',
  'image',
  'resources',
  'priorityClassName',
  'annotations',
  'labels',
  'container',
  'extraEnv',
  'envFrom',
  'extraSecretMounts',
  'serviceAccount',
  'imagePullPolicy',
  'service',
  'webhookReceiver',
  'nodeSelector',
  'affinity',
  'tolerations',
  'securityContext',
  'podSecurityContext',
  'initContainers',
  'volumes',
  'volumeMounts',
]);

/** Keys of the whole chart that are understood, beside the controllers'. */
export const chartValues = new Set([
  ...fleetingValues,
  ...fixedValues.map(({ path }) => path[0] ?? ''),
  'policies',
  'logLevel',
  'imagePullSecrets',
  'hostUsers',
]);
