/** What every activity works with: the cluster, the repository, the plan, evidence and progress, opened once per activity. */
import path from 'node:path';
import { type Cluster, openCluster } from '../cluster/cluster.ts';
import { directIdentity } from '../cluster/lease.ts';
import { durationMs } from '../config/duration.ts';
import type { ClusterConfig } from '../config/schema.ts';
import type { PhaseName } from '../plan/phases.ts';
import type { ObjectReference } from '../plan/types.ts';
import { kubectlBuild, type KustomizeBuild } from '../repo/kustomize-program.ts';
import { openRepository, type Repository } from '../repo/repository.ts';
import type { StepInput } from './contract.ts';
import { type EvidenceStore, openEvidence } from './evidence.ts';
import { asFailure, failure, refusal } from './failure.ts';
import type { ResolvedOptions } from './options.ts';
import { programRunner, type Run } from './programs.ts';
import { knownSecrets, type Redactor, redactor } from './redact.ts';

export interface Session<Input extends StepInput = StepInput> {
  input: Input;
  options: ResolvedOptions;
  settings: ClusterConfig;
  /** The controllers' namespace. */
  namespace: string;
  /** How we call ourselves on the Lease. */
  holder: string;
  cluster: Cluster;
  signal: AbortSignal;
  progress: (sentence: string) => void;
  evidence: EvidenceStore;
  redact: Redactor;
  run: Run;
  /** The mirror; opened (and fetched) on first use. */
  repository(): Promise<Repository>;
  /** Builds folders with the `kubectl` on the worker's PATH. @throws BuilderMissing */
  build(): Promise<KustomizeBuild>;
  /** Milliseconds. */
  timeouts: { ready: number };
}

/** Mirrors by URL: opening one costs a fetch, and a worker does dozens of steps on the same one. */
const repositories = new Map<string, Promise<Repository>>();

/** Runs one activity; whatever it throws leaves as a failure of the contract. */
export async function withSession<Input extends StepInput, Result>(
  options: ResolvedOptions,
  input: Input,
  phase: PhaseName,
  work: (session: Session<Input>) => Promise<Result>,
): Promise<Result> {
  const progress = options.startProgress();
  const settings = input.config.clusters.find(({ name }) => name === input.cluster);
  const redact = redactor(knownSecrets(input.config, options.directory));
  const { context = '', namespace = '' } = settings ?? {};
  let cluster: Cluster | undefined;
  try {
    if (!settings)
      throw failure('Refused', [
        refusal(
          'cluster-unknown',
          `handover.yaml has no cluster ${input.cluster}`,
          'there is nothing to work on',
          'name one of its clusters',
        ),
      ]);
    cluster = openCluster({
      context,
      kubeconfig: absolute(options.directory, settings.kubeconfig),
      signal: progress.signal,
    });
    return await work({
      input,
      options,
      settings,
      namespace,
      holder: options.direct === undefined ? input.run : directIdentity(input.run, options.direct),
      cluster,
      signal: progress.signal,
      progress: progress.report,
      evidence: openEvidence(
        path.resolve(options.directory, input.config.evidence.directory),
        { run: input.run, cluster: input.cluster, phase },
        redact,
      ),
      redact,
      run: programRunner(progress.signal, redact),
      repository: () => mirror(input, options),
      build: builder,
      timeouts: { ready: durationMs(input.config.timeouts.ready) },
    });
  } catch (error) {
    await progress.throwIfCancelled();
    throw asFailure(error, { cluster: input.cluster, context, namespace, redact });
  } finally {
    progress.end();
    cluster?.connection.close();
  }
}

let building: Promise<KustomizeBuild> | undefined;

/** Found once; looked for again where it was missing. */
function builder(): Promise<KustomizeBuild> {
  building ??= kubectlBuild();
  building.catch(() => (building = undefined));
  return building;
}

function mirror({ config }: StepInput, options: ResolvedOptions): Promise<Repository> {
  const { url, credentials } = config.repository;
  const key = JSON.stringify([url, credentials, options.cacheDirectory]);
  const opened = repositories.get(key);
  if (opened) return opened;
  const passwordFile = absolute(options.directory, credentials?.passwordFile);
  const opening = openRepository({
    url,
    credentials: credentials && { ...credentials, passwordFile },
    cacheDirectory: options.cacheDirectory,
  });
  repositories.set(key, opening);
  opening.catch(() => repositories.delete(key));
  return opening;
}

function absolute(directory: string, file: string | undefined): string | undefined {
  return file === undefined ? undefined : path.resolve(directory, file);
}

/** Arguments that point kubectl, flux and flux-operator at the cluster of the session. */
export function contextArguments({ settings, options }: Session): string[] {
  const kubeconfig = absolute(options.directory, settings.kubeconfig);
  return ['--context', settings.context, ...(kubeconfig ? ['--kubeconfig', kubeconfig] : [])];
}

/** References to the kinds that the steps speak of. */
export const flux = {
  kustomization: (namespace: string, name: string): ObjectReference => ({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    namespace,
    name,
  }),
  helmRelease: (namespace: string, name: string): ObjectReference => ({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    namespace,
    name,
  }),
  source: (kind: string, namespace: string, name: string): ObjectReference => ({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind,
    namespace,
    name,
  }),
  instance: (namespace: string, name = 'flux'): ObjectReference => ({
    apiVersion: 'fluxcd.controlplane.io/v1',
    kind: 'FluxInstance',
    namespace,
    name,
  }),
};
