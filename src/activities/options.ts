/** What a worker decides about the activities it runs: folders, registries, where a person finds the run. */
import path from 'node:path';
import { activityProgress, type StartProgress } from './progress.ts';

export interface ActivityOptions {
  /** Folder that relative paths of handover.yaml start from; default: the working directory. */
  directory?: string | undefined;
  /** Folder of the Git mirrors; default: the user's cache. */
  cacheDirectory?: string | undefined;
  /** Address instead of a registry's own, by host, e.g. `{'ghcr.io': '10.0.0.1:443'}`; default: FLUX_HANDOVER_REGISTRY_MIRRORS. */
  registryMirrors?: Record<string, string> | undefined;
  /** Written onto the Lease, so that another run's owner knows where this one lives. */
  temporalAddress?: string | undefined;
  /** Set where a command line drives instead of the run's workflow: tells the one from the other on the Lease. */
  direct?: string | undefined;
  /** Reporter and cancellation of each activity; default: those of the Temporal activity it runs in. */
  startProgress?: StartProgress | undefined;
}

export interface ResolvedOptions {
  directory: string;
  cacheDirectory: string | undefined;
  registryMirrors: Record<string, string>;
  temporalAddress: string;
  direct: string | undefined;
  startProgress: StartProgress;
}

export function resolveOptions(options: ActivityOptions): ResolvedOptions {
  return {
    directory: path.resolve(options.directory ?? '.'),
    cacheDirectory: options.cacheDirectory,
    registryMirrors:
      options.registryMirrors ?? parseMirrors(process.env['FLUX_HANDOVER_REGISTRY_MIRRORS'] ?? ''),
    temporalAddress: options.temporalAddress ?? process.env['TEMPORAL_ADDRESS'] ?? 'unknown',
    direct: options.direct,
    startProgress: options.startProgress ?? activityProgress,
  };
}

/** Parses `host=address,host=address`. */
function parseMirrors(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.trim().split('='));
  return Object.fromEntries(pairs.filter(([host, address]) => host && address) as [string, string][]);
}
