/** `preflight`: the plan against the live clusters, read-only, from this machine. */
import { createClusterActivities } from '../../activities/index.ts';
import { directProgress } from '../../activities/progress.ts';
import type { Finding, PreflightResult } from '../../activities/contract.ts';
import { readPlan } from '../../plan/read-plan.ts';
import type { ClusterPlan } from '../../plan/types.ts';
import type { Run } from '../command.ts';
import { clustersNamed, type ConfigFile, readConfig } from '../config-file.ts';
import { explain } from '../failure.ts';
import { exitCode } from '../outcome.ts';
import { evidenceLine, findingLines } from '../render/question.ts';
import { count, symbols } from '../render/words.ts';
import { runName } from '../run-name.ts';
import type { Terminal } from '../terminal.ts';

interface ClusterPreflight {
  cluster: string;
  ok: boolean;
  findings: Finding[];
  result: PreflightResult | null;
}

async function look(
  { config, directory }: ConfigFile,
  run: string,
  { name, digest }: ClusterPlan,
  signal: AbortSignal,
): Promise<ClusterPreflight> {
  try {
    const result = await createClusterActivities({
      directory,
      startProgress: directProgress(signal),
    }).preflight({
      run,
      config,
      cluster: name,
      planDigest: digest,
      baseCommit: null,
      clusterUid: null,
    });
    return { cluster: name, ok: true, findings: result.findings, result };
  } catch (error) {
    const { findings } = explain(error);
    if (findings === undefined) throw error;
    // Several checks may stumble over the same thing.
    const distinct = findings.filter(
      ({ what }, index) => findings.findIndex((each) => each.what === what) === index,
    );
    return { cluster: name, ok: false, findings: distinct, result: null };
  }
}

function render({ cluster, ok, findings, result }: ClusterPreflight, terminal: Terminal): string {
  const { paint } = terminal;
  const { done, bad } = symbols(paint);
  const refused = findings.filter(({ severity }) => severity === 'refuse').length;
  const version = result === null ? '' : `Flux ${result.target.distributionVersion}, ${result.shape}: `;
  const verdict = ok ? paint.green('can be handed over') : paint.red(`refused, ${count(refused, 'finding')}`);
  return [
    `${ok ? done : bad} ${paint.bold(cluster)}  ${version}${verdict}`,
    ...findings.flatMap((finding) => findingLines(finding, terminal, '  ')),
    ...(result?.evidence ?? []).map((each) => `  ${paint.dim('see')} ${evidenceLine(each, paint)}`),
  ].join('\n');
}

export const run: Run = async ({ terminal, words, options, signal }) => {
  const file = await readConfig(options.config);
  const names = clustersNamed(file.config, words[0]).map(({ name }) => name);
  const { plan } = await readPlan(file.config);
  // Its evidence lies beside that of the runs, under a name of its own.
  const name = `preflight-${runName(file.config.fleet, new Date())}`;
  const looked: ClusterPreflight[] = [];
  for (const cluster of plan.clusters.filter((each) => names.includes(each.name))) {
    const one = await look(file, name, cluster, signal);
    looked.push(one);
    if (!terminal.json) terminal.print(`${render(one, terminal)}\n`);
  }
  const ok = looked.every((one) => one.ok);
  if (terminal.json) terminal.printJson({ ok, clusters: looked });
  return ok ? exitCode.done : exitCode.finding;
};
