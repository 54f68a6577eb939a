/** The table of legacy shapes that are really handed over in the lab: what each holds before, what must be left of it afterwards. */
import { FLUX_VERSION } from '../../lab/toolchain/index.ts';
import { chosen } from '../chosen.ts';

export interface ShapeUnderTest {
  /** As `node lab/main.ts up --shape` knows it. */
  readonly name: string;
  /** `legacy.shape` of the plan. */
  readonly shape: string;
  /** Steps that the handover commits, in their order. */
  readonly steps: readonly string[];
  /** What owns Flux and leaves with it, as `Kind/name`. */
  readonly leaves: readonly string[];
  /** Files of the legacy install that must not stand in Git afterwards. */
  readonly filesGone: readonly string[];
  /** Field manager that applied the controllers before, and does again after a way back. */
  readonly manager: string;
  /** File whose commands raise a new cluster. */
  readonly guide: string;
  /** What handover.yaml has to say in `install` for this shape, beside the components. */
  readonly install?: Readonly<Record<string, unknown>>;
  /** What only decryption and substitution give: object, field, and what must be in it. */
  readonly canaries: readonly Canary[];
}

interface Canary {
  readonly resource: string;
  readonly name: string;
  readonly namespace: string;
  readonly holds: RegExp;
}

const steps = ['operator', 'stage', 'adopt', 'retire'];

const shapes: readonly ShapeUnderTest[] = [
  {
    name: 'bootstrap-only',
    shape: 'bootstrap-only',
    steps,
    leaves: [],
    filesGone: [],
    manager: 'kubectl-client-side-apply',
    guide: 'kubernetes/edge/bootstrap/flux/README.md',
    canaries: [
      {
        resource: 'configmap',
        name: 'echo',
        namespace: 'default',
        holds: /Hello from the garden shed, this is edge/,
      },
    ],
  },
  {
    name: 'flux-bootstrap',
    shape: 'flux-bootstrap',
    steps,
    leaves: [],
    filesGone: ['clusters/edge/flux-system/gotk-components.yaml', 'clusters/edge/flux-system/gotk-sync.yaml'],
    manager: 'kustomize-controller',
    guide: 'clusters/edge/flux-system/README.md',
    canaries: [
      {
        resource: 'configmap',
        name: 'about',
        namespace: 'default',
        holds: /Hello from the garden shed, this is edge/,
      },
      {
        resource: 'kustomizations.kustomize.toolkit.fluxcd.io',
        name: 'apps',
        namespace: 'flux-system',
        holds: /"interval":"20m"/,
      },
      {
        resource: 'configmap',
        name: 'echo',
        namespace: 'default',
        holds: /Hello from the garden shed, this is edge/,
      },
    ],
  },
  {
    name: 'helm',
    shape: 'helm',
    steps: ['orphan', ...steps],
    leaves: ['Kustomization/flux2'],
    filesGone: [
      'kubernetes/edge/apps/flux-system/flux2/ks.yaml',
      'kubernetes/edge/apps/flux-system/flux2/app/helmrelease.yaml',
      'kubernetes/edge/bootstrap/flux/values.yaml',
    ],
    manager: 'helm-controller',
    guide: 'kubernetes/edge/bootstrap/flux/README.md',
    // The version of a chart does not say which Flux it holds.
    install: { distributionVersion: FLUX_VERSION },
    canaries: [
      {
        resource: 'configmap',
        name: 'echo',
        namespace: 'default',
        holds: /Hello from the garden shed, this is edge/,
      },
    ],
  },
];

/** Those that are asked for: `SHAPES=helm,bootstrap-only make test-shapes`. @throws Error for a name that is not in the table */
export function chosenShapes(): readonly ShapeUnderTest[] {
  const names = chosen(
    'SHAPES',
    shapes.map(({ name }) => name),
  );
  return shapes.filter(({ name }) => names.includes(name));
}
