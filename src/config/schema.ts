/** The shape of `handover.yaml`: what a person decides before anything is planned. */
import { Cron } from 'croner';
import { z } from 'zod';

/** Durations are written the way Go and Flux write them: `90s`, `30m`, `7d`, `1h30m`. */
const duration = z
  .string()
  .regex(/^(\d+(ms|s|m|h|d))+$/, 'a duration such as 30m, 1h30m or 7d')
  .describe('A duration such as 90s, 30m, 1h30m or 7d');

const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'lower-case letters, digits and dashes');

const window = z
  .strictObject({
    schedule: z
      .string()
      .refine(isSchedule, 'a cron expression of five fields that fires at all, such as 0 22 * * 6')
      .describe('A cron expression (five fields) of the moments the window opens'),
    duration: duration.describe('How long the window stays open'),
    timeZone: z
      .string()
      .default('UTC')
      .refine(isTimeZone, 'an IANA time zone such as Europe/Berlin')
      .describe('IANA time zone of the schedule, e.g. Europe/Berlin'),
  })
  .describe('A maintenance window: phases that change a cluster begin only while it is open');

const gateMode = z
  .enum(['manual', 'auto'])
  .describe('manual: a person approves; auto: passes by itself once its conditions hold');

const gates = z.strictObject({
  start: gateMode.default('manual'),
  cutover: gateMode.default('manual'),
  retire: gateMode.default('manual'),
});

const afterAdopt = duration.describe(
  'How long the adopted cluster is watched before the legacy owner is retired',
);
const afterRetire = duration.describe('How long it is watched afterwards, before the next cluster may start');
const soak = z.strictObject({
  afterAdopt: afterAdopt.default('24h'),
  afterRetire: afterRetire.default('1h'),
});

const onFailure = z
  .enum(['hold', 'rollback'])
  .describe(
    'When a phase fails for good: hold asks a person; rollback takes the way back without asking, where the way back may write at all',
  );

const onBreach = z
  .enum(['hold', 'rollback'])
  .describe(
    'When the watch sees a breach, after it stopped what could do harm: hold asks a person; rollback takes the way back without asking, where that would do no harm',
  );

/** A cluster's own settings have no defaults: what it leaves out is the fleet's, and zod fills in defaults inside partials. */
const clusterGates = z.strictObject({ start: gateMode, cutover: gateMode, retire: gateMode }).partial();
const clusterSoak = z.strictObject({ afterAdopt, afterRetire }).partial();

const components = z
  .array(
    z.enum([
      'source-controller',
      'kustomize-controller',
      'helm-controller',
      'notification-controller',
      'image-reflector-controller',
      'image-automation-controller',
      'source-watcher',
    ]),
  )
  .min(1)
  .describe(
    'Exactly the controllers that run today; default: found in the repository, and compared with the cluster by preflight',
  );

const cluster = z.strictObject({
  name: dnsLabel,
  branch: z.string().min(1).describe("The branch this cluster's GitRepository follows"),
  path: z
    .string()
    .regex(/^(?!\/)(?!.*\.\.).+$/, 'a folder inside the repository')
    .describe("The cluster's folder in the repository, e.g. kubernetes/edge"),
  context: z.string().min(1).describe('The kubeconfig context of this cluster'),
  kubeconfig: z.string().optional().describe('Path of the kubeconfig; default: KUBECONFIG or ~/.kube/config'),
  uid: z
    .uuid()
    .optional()
    .describe('UID of its kube-system namespace; when given, another cluster behind the context is refused'),
  namespace: dnsLabel.default('flux-system').describe("The controllers' namespace"),
  components: components.optional(),
  soak: clusterSoak.optional(),
  gates: clusterGates.optional(),
  windows: z.array(window).optional(),
  onFailure: onFailure.optional(),
  onBreach: onBreach.optional(),
});

export const handoverSchema = z
  .strictObject({
    apiVersion: z.literal('flux-handover/v1'),
    fleet: dnsLabel.describe('Name of the fleet; part of the workflow ids'),
    repository: z.strictObject({
      url: z
        .string()
        .min(1)
        .describe('URL that is cloned and pushed to; the clusters sync from the same repository'),
      checkout: z
        .string()
        .min(1)
        .optional()
        .describe(
          'A clone on this machine that `plan` reads instead of url: no network, no credentials. start and preflight always read url',
        ),
      watchBranches: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'Branches with work that may come in meanwhile; plan warns when they touch what a handover should not meet',
        ),
      recentDays: z
        .int()
        .min(0)
        .default(3)
        .describe(
          'plan also warns of such work on the branch itself, in the days before its last commit; 0: never',
        ),
      credentials: z
        .strictObject({
          username: z.string().default('git'),
          passwordFile: z.string().optional().describe('File that holds the token; never put the token here'),
          passwordEnv: z.string().optional().describe('Environment variable that holds the token'),
        })
        .optional(),
      author: z
        .strictObject({ name: z.string(), email: z.string() })
        .optional()
        .describe('Default: git config user.name and user.email'),
      signing: z
        .strictObject({
          format: z.enum(['ssh', 'openpgp']),
          key: z.string().describe('Path of the SSH private key, or the GPG key id'),
        })
        .optional()
        .describe('Sign every commit; required when a GitRepository has spec.verify'),
    }),
    install: z
      .strictObject({
        operatorVersion: z
          .string()
          .regex(/^\d+\.\d+\.\d+$/)
          .default('0.58.1')
          .describe('Version of the flux-operator chart'),
        operatorChart: z.string().default('oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator'),
        instanceAs: z
          .enum(['manifest', 'chart'])
          .default('manifest')
          .describe('A plain FluxInstance, or a HelmRelease of the flux-instance chart'),
        instanceChart: z.string().default('oci://ghcr.io/controlplaneio-fluxcd/charts/flux-instance'),
        distributionVersion: z
          .string()
          .optional()
          .describe('Default, and strongly advised: exactly the version that runs'),
        components: components.optional(),
        distributionRegistry: z.string().default('ghcr.io/fluxcd'),
        appsFolder: z
          .string()
          .optional()
          .describe(
            "Folder of Flux's own apps, relative to the cluster's folder; default: found, apps/flux-system first",
          ),
        sync: z
          .enum(['auto', 'keep'])
          .default('auto')
          .describe(
            'auto: after flux bootstrap the FluxInstance takes source and root over (spec.sync) where both are called like the namespace and lose nothing; keep: it never has a sync',
          ),
        externalSecrets: z
          .array(
            z.strictObject({
              kind: z.enum(['ExternalSecret', 'SecretStore', 'ClusterSecretStore']),
              name: z.string(),
              namespace: z.string().optional(),
            }),
          )
          .default([])
          .describe('External Secrets objects that must be Ready before anything changes'),
      })
      .prefault({}),
    gates: gates.prefault({}),
    approvers: z
      .array(z.string())
      .optional()
      .describe('Who may approve; default: anyone who can signal the workflow'),
    soak: soak.prefault({}),
    windows: z.array(window).default([]),
    onFailure: onFailure.default('hold'),
    onBreach: onBreach.default('hold'),
    timeouts: z
      .strictObject({
        ready: duration
          .default('5m')
          .describe('How long a step may take to become Ready before it counts as failed'),
        unhealthy: z
          .never({ error: 'it is called regressions.unready now' })
          .optional()
          .describe('Moved: regressions.unready'),
      })
      .prefault({}),
    regressions: z
      .strictObject({
        unready: duration
          .default('2m')
          .describe(
            'How long an object that was Ready when the run began may have failed. While it still works at an attempt: as long as its own timeout allows, and a minute. What a source does not bring, or another object holds up: at least 11 minutes',
          ),
        behind: duration
          .default('10m')
          .describe("How long a Kustomization's last applied revision may lag behind its source"),
        restarts: z.int().min(0).default(3).describe('How often a controller may restart within an hour'),
        failures: z
          .int()
          .min(0)
          .default(5)
          .describe(
            'How often an object that was Ready may fail within an hour, even if it recovers each time',
          ),
      })
      .prefault({})
      .describe(
        'From when on what the watch sees counts as a regression. What was not well when the run began is ignored',
      ),
    evidence: z.strictObject({ directory: z.string().default('.handover/evidence') }).prefault({}),
    clusters: z
      .array(cluster)
      .min(1)
      .describe('In the order in which they are handed over: edge first, main last'),
  })
  .superRefine((config, context) => {
    const seen = new Set<string>();
    for (const [index, { name }] of config.clusters.entries()) {
      if (seen.has(name))
        context.addIssue({
          code: 'custom',
          path: ['clusters', index, 'name'],
          message: `cluster ${name} is listed twice`,
        });
      seen.add(name);
    }
    const { passwordFile, passwordEnv } = config.repository.credentials ?? {};
    if (passwordFile && passwordEnv)
      context.addIssue({
        code: 'custom',
        path: ['repository', 'credentials'],
        message: 'give passwordFile or passwordEnv, not both',
      });
  });

/** `handover.yaml`, validated and with every default filled in. Holds no secret, only references. */
export type HandoverConfig = z.output<typeof handoverSchema>;
export type ClusterConfig = HandoverConfig['clusters'][number];
export type MaintenanceWindow = HandoverConfig['windows'][number];
export type GateName = keyof HandoverConfig['gates'];

/** Whether the expression can be read and ever fires: a window that never opens would wait for ever. */
function isSchedule(expression: string): boolean {
  try {
    return new Cron(expression, { mode: '5-part', paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
