/** handover.yaml as the commands need it, and names of clusters that a person typed. */
import { dirname, resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import type { ClusterConfig, HandoverConfig } from '../config/schema.ts';
import { refuse } from './outcome.ts';

export interface ConfigFile {
  config: HandoverConfig;
  /** Folder of the file: relative paths in it start there, and are absolute in `config`. */
  directory: string;
  /** The evidence folder, absolute. */
  evidence: string;
}

/** @throws ConfigError */
export async function readConfig(file: string): Promise<ConfigFile> {
  const config = loadConfig(file);
  return { config, directory: dirname(resolve(file)), evidence: config.evidence.directory };
}

/** The cluster of that name. Refuses with the names there are. */
export function clusterNamed(config: HandoverConfig, name: string | undefined): ClusterConfig {
  const found = config.clusters.find((each) => each.name === name);
  if (found !== undefined) return found;
  return refuse({
    what: `there is no cluster ${name ?? ''} in handover.yaml`,
    mend: `choose one of: ${config.clusters.map((each) => each.name).join(', ')}`,
  });
}

/** The named cluster, or all of them. */
export function clustersNamed(config: HandoverConfig, name: string | undefined): ClusterConfig[] {
  return name === undefined ? config.clusters : [clusterNamed(config, name)];
}

/** `edge,main` as a list; undefined when not given. */
export function clusterList(config: HandoverConfig, names: string | undefined): string[] | undefined {
  return names?.split(',').map((name) => clusterNamed(config, name.trim()).name);
}
