/** Whether the cluster's Kubernetes is one that the Flux version is made for. Pure. */
import type { Finding } from '../contract.ts';
import { warning } from '../failure.ts';

/** Oldest minor release of Kubernetes by minor release of Flux, where it is known: `flux check` of that release (cmd/flux/check.go). */
const oldestMinor: Record<string, number> = { '2.3': 28, '2.4': 28, '2.9': 33 };

/** @param kubernetes such as `v1.34.1+k3s1`; @param flux such as `2.9.2` */
export function judgeKubernetes(kubernetes: string, flux: string): Finding[] {
  const running = /^v?1\.(\d+)/.exec(kubernetes)?.[1];
  const oldest = oldestMinor[flux.split('.').slice(0, 2).join('.')];
  if (running === undefined || oldest === undefined || Number(running) >= oldest) return [];
  return [
    warning(
      'kubernetes-too-old',
      `the cluster runs Kubernetes ${kubernetes}; Flux ${flux} is made for 1.${oldest} and later`,
      'it runs there today, but a fault after the handover could be of this kind and would look like one of the handover',
      'upgrade Kubernetes first if you can',
    ),
  ];
}
