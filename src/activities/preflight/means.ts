/** Do we have what the handover needs: programs, permissions, a repository we may push to, charts and images that can be pulled? */
import { type Access, accessMissing, describeAccess } from '../../cluster/access.ts';
import { dryRunPush } from '../../repo/commit.ts';
import type { Finding } from '../contract.ts';
import { refusal } from '../failure.ts';
import { ProgramFailed } from '../programs.ts';
import { checkPull } from '../registry.ts';
import type { Session } from '../session.ts';
import type { Look } from './look.ts';

const installHints: Record<string, string> = {
  git: 'install git (https://git-scm.com)',
  kubectl: 'install kubectl (https://kubernetes.io/docs/tasks/tools)',
  flux: 'install the flux CLI (https://fluxcd.io/flux/installation/#install-the-flux-cli)',
  'flux-operator': 'install the flux-operator CLI (https://fluxoperator.dev/docs/guides/cli)',
};

/** Every program answers to its version. */
export async function checkPrograms(
  session: Session,
): Promise<{ findings: Finding[]; versions: Record<string, string> }> {
  const calls: [string, string[]][] = [
    ['git', ['--version']],
    ['kubectl', ['version', '--client', '--output=yaml']],
    ['flux', ['--version']],
    ['flux-operator', ['--version']],
  ];
  const versions: Record<string, string> = {};
  const findings = await Promise.all(
    calls.map(async ([program, args]): Promise<Finding | null> => {
      try {
        const { stdout, stderr } = await session.run(program, args, { timeout: 20_000 });
        versions[program] = /v?\d+\.\d+\.\d+\S*/.exec(stdout + stderr)?.[0] ?? 'unknown';
        return null;
      } catch (error) {
        if (!(error instanceof ProgramFailed)) throw error;
        return refusal(
          'program-missing',
          error.message,
          'the worker of this cluster needs it',
          `${installHints[program] ?? `install ${program}`} where the worker runs`,
        );
      }
    }),
  );
  return { findings: findings.filter((finding) => finding !== null), versions };
}

/** What we do by ourselves, on the way forward and back; all else is done by Flux. */
function accessesFor(namespace: string): Access[] {
  const flux = (verb: string, resource: string): Access => ({
    verb,
    resource,
    group: `${resource === 'helmreleases' ? 'helm' : resource === 'kustomizations' ? 'kustomize' : 'source'}.toolkit.fluxcd.io`,
  });
  const asked = [
    'gitrepositories',
    'ocirepositories',
    'helmrepositories',
    'buckets',
    'kustomizations',
    'helmreleases',
  ];
  const core = (verb: string, resource: string, inNamespace = true): Access => ({
    verb,
    resource,
    group: '',
    ...(inNamespace ? { namespace } : {}),
  });
  const instances = ['get', 'list', 'watch', 'patch', 'delete'].map((verb): Access => ({
    verb,
    resource: 'fluxinstances',
    group: 'fluxcd.controlplane.io',
    namespace,
  }));
  const handedBack: [string, string][] = [
    ['apps', 'deployments'],
    ['', 'services'],
    ['', 'serviceaccounts'],
    ['', 'namespaces'],
    ['', 'resourcequotas'],
    ['apiextensions.k8s.io', 'customresourcedefinitions'],
    ['rbac.authorization.k8s.io', 'clusterroles'],
    ['rbac.authorization.k8s.io', 'clusterrolebindings'],
    ['networking.k8s.io', 'networkpolicies'],
  ];
  // The watch over the run looks at these in the whole cluster, and its first aid can take an operator's rights and end its pods.
  const watched: [string, string][] = [
    ['apps', 'deployments'],
    ['', 'namespaces'],
    ['apiextensions.k8s.io', 'customresourcedefinitions'],
  ];
  return [
    ...watched.map(([group, resource]): Access => ({ verb: 'watch', resource, group })),
    ...['list', 'watch', 'delete'].map((verb) => core(verb, 'pods')),
    { verb: 'list', resource: 'clusterrolebindings', group: 'rbac.authorization.k8s.io' },
    ...asked.flatMap((resource) => ['list', 'watch', 'patch'].map((verb) => flux(verb, resource))),
    ...['secrets', 'configmaps', 'namespaces', 'persistentvolumeclaims'].map((resource) =>
      core('list', resource, false),
    ),
    ...['deployments', 'statefulsets', 'daemonsets', 'replicasets'].map((resource): Access => ({
      verb: 'list',
      resource,
      group: 'apps',
    })),
    ...['get', 'create', 'patch'].map((verb) => core(verb, 'configmaps')),
    ...['list', 'watch'].map((verb) => core(verb, 'events')),
    core('get', 'secrets'),
    ...['get', 'list', 'watch', 'create', 'patch', 'delete'].map((verb): Access => ({
      verb,
      resource: 'leases',
      group: 'coordination.k8s.io',
      namespace,
    })),
    ...instances,
    ...handedBack.flatMap(([group, resource]) =>
      ['get', 'patch'].map((verb): Access => ({ verb, resource, group })),
    ),
    // Flux's own CRDs are read whole; the way back removes those of the operator.
    ...['list', 'delete'].map((verb): Access => ({
      verb,
      resource: 'customresourcedefinitions',
      group: 'apiextensions.k8s.io',
    })),
  ];
}

export async function checkPermissions({ cluster, namespace, settings }: Session): Promise<Finding[]> {
  const missing = await accessMissing(cluster.connection, accessesFor(namespace));
  if (missing.length === 0) return [];
  return [
    refusal(
      'permission-missing',
      `the user of context ${settings.context} may not: ${missing.map(describeAccess).join(', ')}`,
      'a step, or worse the way back, would stop half-way',
      `grant it (kubectl --context ${settings.context} auth can-i --list shows what is there), or use another context`,
    ),
  ];
}

/** Nothing is written. Branch rules that only a true push meets are met by the very first commit, before the cluster changes. */
export async function checkPush(session: Session): Promise<void> {
  await dryRunPush({ repository: await session.repository(), branch: session.settings.branch });
}

/** Charts, artifacts and images: those of the plan, and those that run and will be started anew by the rollout. */
export async function checkPulls({ session, plan, snapshot }: Look): Promise<Finding[]> {
  const { install } = session.input.config;
  const artifact = `oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:v${install.operatorVersion}`;
  const running = snapshot.controllers.filter(({ namespace }) => namespace === plan.target.namespace);
  // At the same distribution version the operator takes the same tags, from the registry that it is told.
  const adopted = running.map(
    ({ component, image }) => `${install.distributionRegistry}/${component}:${tagOf(image)}`,
  );
  const images = [...running.map(({ image }) => image), ...adopted];
  const wanted = [...new Set([...plan.target.charts, ...plan.target.images, artifact, ...images])];
  const findings = await Promise.all(
    wanted.map(async (image): Promise<Finding | null> => {
      const pull = await checkPull(image, session.options.registryMirrors, session.signal);
      if (pull.state === 'pullable') return null;
      const mends = {
        missing: 'check the name and the version in handover.yaml (install)',
        forbidden:
          'log in where the worker runs (helm registry login, docker login), and give the cluster a pull secret',
        unreachable: 'check the network and the proxy of the worker, then try again',
      };
      return refusal(
        `pull-${pull.state}`,
        `${image} can not be pulled: ${pull.detail}`,
        'the cluster would wait for it in the middle of the handover',
        mends[pull.state],
      );
    }),
  );
  return findings.filter((finding) => finding !== null);
}

/** `v1.9.3` of `ghcr.io/fluxcd/source-controller:v1.9.3@sha256:…`; `latest` where none is written. */
function tagOf(image: string): string {
  return /:([^:/@]+)(@|$)/.exec(image.replace(/@sha256:.*/, ''))?.[1] ?? 'latest';
}
