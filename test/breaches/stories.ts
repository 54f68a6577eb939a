/** What somebody does by hand in a soak, what must stop it, and what it may cost all the same. */
import type { Lab } from '../../lab/description.ts';
import { chosen } from '../chosen.ts';
import type { Kubectl, LiveObject } from '../lab/kubectl.ts';
import { bootstrapByHand } from './bootstrap-by-hand.ts';

export interface Story {
  title: string;
  breach: (lab: Lab, edge: Kubectl) => Promise<void>;
  /** Id of the finding with which the cluster is held. */
  id: string;
  /** What is stopped at once, and how one sees that it is; null where nothing does harm and it is only told. */
  stopped: { resource: string; name: string; is: (object: LiveObject) => boolean } | null;
  /** Whether the controllers' own install may be made anew: the uninstall begins within milliseconds. */
  touchesInstall: boolean;
}

const namespace = ['-n', 'flux-system'];
const aided = ({ metadata }: LiveObject) => metadata.annotations?.['flux-handover/first-aid'] !== undefined;

const stories = {
  instance: {
    title: 'the FluxInstance is deleted',
    breach: async (_, edge) => {
      await edge.run('delete', 'fluxinstance', 'flux', ...namespace, '--wait=false');
    },
    id: 'instance-deleted',
    stopped: {
      resource: 'deployments',
      name: 'flux-operator',
      is: (object) => aided(object) && object.spec.replicas === 0,
    },
    touchesInstall: true,
  },
  owner: {
    title: 'the legacy owner is resumed, and prunes again',
    breach: async (_, edge) => {
      const patch = '{"spec":{"suspend":false,"prune":true}}';
      await edge.run('patch', 'kustomization', 'flux', ...namespace, '--type=merge', '-p', patch);
    },
    id: 'owner-resumed',
    stopped: {
      resource: 'kustomizations.kustomize.toolkit.fluxcd.io',
      name: 'flux',
      is: (object) => aided(object) && object.spec.suspend === true && object.spec.prune === false,
    },
    touchesInstall: false,
  },
  bootstrap: {
    title: 'the legacy bootstrap is applied',
    breach: bootstrapByHand,
    id: 'controllers-changed',
    stopped: null,
    touchesInstall: false,
  },
} satisfies Record<string, Story>;

/** Those named in BREACHES, separated by commas; all when it is not set. @throws Error for an unknown name */
export function chosenStories(): [name: string, story: Story][] {
  const names = chosen('BREACHES', Object.keys(stories) as (keyof typeof stories)[]);
  return names.map((name) => [name, stories[name]]);
}
