/** Is it the planned cluster? Its identity, the branch it follows, the paths of its roots, and whether another run drives it. */
import { healthOf } from '../../cluster/health.ts';
import { field, textField } from '../../cluster/objects.ts';
import { LeaseNotOurs } from '../../cluster/lease.ts';
import type { Finding } from '../contract.ts';
import { explain, refusal } from '../failure.ts';
import { findIn, type Look } from './look.ts';

export const wrongClusterId = 'wrong-cluster';

export function checkPlace(look: Look): Finding[] {
  return [...checkSource(look), ...checkRoots(look), ...checkLease(look)];
}

function checkSource({ session, plan, flux }: Look): Finding[] {
  const { input, settings, cluster } = session;
  const { source } = plan;
  if (!source)
    return [
      refusal(
        'source-missing',
        `no GitRepository brings ${settings.path} to ${input.cluster}`,
        'commits would never arrive',
        'check clusters[].path in handover.yaml',
      ),
    ];
  const live = findIn(flux, source.kind, source.namespace, source.name);
  const behind = `behind context ${settings.context} (${cluster.connection.server})`;
  const mend = `make context ${settings.context} point at ${input.cluster}, or correct clusters[].context or clusters[].branch in handover.yaml`;
  if (!live)
    return [
      refusal(
        wrongClusterId,
        `${behind} is no ${source.kind} ${source.namespace}/${source.name}`,
        `this is not ${input.cluster} as ${source.where.file} describes it`,
        mend,
      ),
    ];
  const branch =
    textField(live, 'spec', 'ref', 'branch') ??
    textField(live, 'spec', 'ref', 'name')?.replace(/^refs\/heads\//, '') ??
    '';
  if (branch !== settings.branch)
    return [
      refusal(
        wrongClusterId,
        `the cluster ${behind} follows branch ${branch || '(none)'}, and ${input.cluster} is planned on branch ${settings.branch}`,
        'the steps of one cluster on another would take its Flux apart',
        mend,
      ),
    ];
  const url = textField(live, 'spec', 'url') ?? '';
  if (!/\$\{/.test(source.url) && url !== source.url)
    return [
      refusal(
        wrongClusterId,
        `the cluster ${behind} syncs from ${session.redact(url)}, the plan says ${source.url}`,
        'commits would arrive somewhere else',
        mend,
      ),
    ];
  if (healthOf(live).state !== 'ready')
    return [
      refusal(
        'source-unready',
        `${source.kind} ${source.namespace}/${source.name} is ${healthOf(live).state}: ${healthOf(live).message}`,
        'commits would not arrive',
        `flux --context ${settings.context} -n ${source.namespace} reconcile source git ${source.name}`,
      ),
    ];
  return [];
}

function checkRoots({ session, plan, flux }: Look): Finding[] {
  const { context } = session.settings;
  return plan.roots.flatMap((root): Finding[] => {
    const name = `Kustomization ${root.namespace}/${root.name}`;
    const live = findIn(flux, 'Kustomization', root.namespace, root.name);
    if (!live)
      return [
        refusal(
          wrongClusterId,
          `${name} is not on the cluster`,
          `it is what ${root.file} describes`,
          `is context ${context} the right cluster?`,
        ),
      ];
    const plain = (path: string) => path.replace(/^\.\//, '').replace(/\/$/, '');
    const path = textField(live, 'spec', 'path') ?? '';
    if (!root.path.includes('${') && plain(path) !== plain(root.path))
      return [
        refusal(
          wrongClusterId,
          `${name} applies ${path}, the plan says ${root.path}`,
          'this is another cluster, or Git and cluster differ',
          `compare: kubectl --context ${context} -n ${root.namespace} get kustomization ${root.name} -o yaml`,
        ),
      ];
    const { state, message } = healthOf(live);
    if (state === 'suspended' && field(live, 'spec', 'suspend') === true)
      return [
        refusal(
          'root-suspended',
          `${name} is suspended`,
          'no step would arrive',
          `flux --context ${context} -n ${root.namespace} resume kustomization ${root.name}`,
        ),
      ];
    return state === 'ready'
      ? []
      : [
          refusal(
            'root-unready',
            `${name} is not Ready: ${message}`,
            'steps arrive through it',
            `flux --context ${context} -n ${root.namespace} reconcile kustomization ${root.name} --with-source`,
          ),
        ];
  });
}

function checkLease({ session, lease }: Look): Finding[] {
  if (!lease || lease.identity === session.holder) return [];
  return [
    explain(new LeaseNotOurs(lease, session.holder), {
      cluster: session.input.cluster,
      context: session.settings.context,
      namespace: session.namespace,
    }).finding,
  ];
}
