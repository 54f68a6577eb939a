/** Finds the kubeconfig and the context in it, or says what is there instead. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from './errors.ts';

/** @throws ClusterError with reason `context` */
export function loadKubeConfig(context: string, kubeconfig: string | undefined): KubeConfig {
  const config = new KubeConfig();
  const file =
    kubeconfig ?? (process.env['KUBECONFIG'] ? undefined : path.join(homedir(), '.kube', 'config'));
  if (file !== undefined && !existsSync(file))
    throw new ClusterError('context', `there is no kubeconfig at ${file}`);
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    throw new ClusterError(
      'context',
      `the kubeconfig ${file ?? process.env['KUBECONFIG']} can not be read: ${(error as Error).message}`,
    );
  }
  if (!config.getContextObject(context)) {
    const names = config.getContexts().map(({ name }) => name);
    throw new ClusterError(
      'context',
      `the kubeconfig ${file ?? process.env['KUBECONFIG']} has no context ${context}; it has ${names.join(', ') || 'none'}`,
    );
  }
  config.setCurrentContext(context);
  return config;
}
