/** How Flux is installed before a handover and after it: which edits a person would make to see that it is truly reconciled. */
import { FLUX_VERSION } from '../../lab/toolchain/index.ts';
import type { LegacyShape } from '../../src/plan/types.ts';

/** A text that stands once in a file of the branch, and what replaces it for a while. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface Install {
  /** GitRepository that everything from Git comes through. */
  readonly source: string;
  /** An argument of a controller, as `from` and `to` stand in its Deployment. */
  readonly argument: Edit & { readonly controller: string };
  /** A text in the ConfigMap `default/echo`. */
  readonly app: Edit;
  /** Folder that a person applies with `kubectl apply --kustomize`; null where something on the cluster reconciles the controllers. */
  readonly appliedByHand: string | null;
}

export interface LegacyInstall extends Install {
  /** As `node lab/main.ts up --shape` and `legacy.shape` of the plan know it. */
  readonly shape: LegacyShape;
  /** What handover.yaml has to say in `install` for this shape, beside the components. */
  readonly install?: Readonly<Record<string, unknown>>;
}

const oomWatch = { from: '--oom-watch-interval=500ms', to: '--oom-watch-interval=600ms' };
const requeue = { from: '--requeue-dependency=5s', to: '--requeue-dependency=6s' };
const greeting = { from: ', this is', to: ', here is' };
const homeOps = (cluster: string) => ({
  source: 'haynes-ops',
  app: { file: `kubernetes/${cluster}/apps/default/echo/app/configmap.yaml`, ...greeting },
});

/** What the self-managed install has become after its handover. */
export function operatorInstall(cluster: string): Install {
  return {
    ...homeOps(cluster),
    argument: {
      file: `kubernetes/${cluster}/apps/flux-system/flux-instance/app/fluxinstance.yaml`,
      ...oomWatch,
      controller: 'helm-controller',
    },
    appliedByHand: null,
  };
}

/** @throws Error for a shape without an entry, which must get one before `start` offers it */
export function legacyInstall(shape: LegacyShape, cluster = 'edge'): LegacyInstall {
  const found = installs(cluster).find((install) => install.shape === shape);
  if (found) return found;
  throw new Error(`no legacy install ${shape}; there are ${shapesTakenBack.join(', ')}`);
}

function installs(cluster: string): readonly LegacyInstall[] {
  return [
    {
      shape: 'self-managed',
      ...homeOps(cluster),
      argument: {
        file: `kubernetes/${cluster}/flux/config/flux.yaml`,
        ...oomWatch,
        controller: 'helm-controller',
      },
      appliedByHand: null,
    },
    {
      shape: 'bootstrap-only',
      ...homeOps(cluster),
      argument: {
        file: `kubernetes/${cluster}/bootstrap/flux/kustomization.yaml`,
        ...requeue,
        controller: 'kustomize-controller',
      },
      appliedByHand: `kubernetes/${cluster}/bootstrap/flux`,
    },
    {
      shape: 'flux-bootstrap',
      source: 'flux-system',
      argument: {
        file: `clusters/${cluster}/flux-system/kustomization.yaml`,
        ...requeue,
        controller: 'kustomize-controller',
      },
      app: { file: 'apps/base/echo/configmap.yaml', ...greeting },
      appliedByHand: null,
    },
    {
      shape: 'helm',
      // The version of a chart does not say which Flux it holds.
      install: { distributionVersion: FLUX_VERSION },
      ...homeOps(cluster),
      argument: {
        file: `kubernetes/${cluster}/apps/flux-system/flux2/app/helmrelease.yaml`,
        ...requeue,
        controller: 'kustomize-controller',
      },
      appliedByHand: null,
    },
  ];
}

export const shapesTakenBack: readonly LegacyShape[] = installs('edge').map(({ shape }) => shape);
