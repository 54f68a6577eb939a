/** The decisions whose answer depends on the legacy shape: sync, roots, owner, bootstrap. */
import { posix } from 'node:path';
import type { Situation } from './decisions.ts';
import type { Decision, LegacyInstall, Place } from './types.ts';

export function syncDecision({ source, roots, target }: Situation): Decision {
  const where = [source.where, ...roots.map(({ file, line }) => ({ file, line }))];
  const question = 'Where does the FluxInstance sync from?';
  const { sync } = target;
  if (sync)
    return {
      id: 'sync-path',
      question,
      answer: `From ${sync.url} at ${sync.ref}, path ${sync.path}: it takes over GitRepository and Kustomization ${sync.root.name}`,
      reason:
        'Source and root are called like the namespace, as flux bootstrap makes them, so the generated ones are the same two objects; what the operator does not generate is patched onto them',
      alternatives: [
        'install.sync: keep (the instance has no sync; gotk-sync.yaml stays in Git as it is and only the controllers leave it)',
      ],
      where,
    };
  const root = roots[0]?.name ?? '';
  const sops = roots.some(({ decryption }) => decryption?.provider === 'sops');
  return {
    id: 'sync-path',
    question,
    answer: 'Nowhere: it has no spec.sync',
    reason: `${source.name === root ? `Source and root are both called ${source.name}, but a generated root` : `The source is called ${source.name} and the root ${root}: no sync.name fits both, and a generated root beside the existing one would fight over the same objects. It`} knows neither ${sops ? 'SOPS decryption nor ' : 'dependencies nor '}substitution`,
    alternatives: [
      `spec.sync with path ${roots[0]?.path ?? ''} (writes ciphertext into live Secrets, and removing it later deletes the cluster's contents)`,
    ],
    where,
  };
}

export function rootsDecision({ roots, target }: Situation, rootNames: string): Decision {
  const where: Place[] = roots.map(({ file, line }) => ({ file, line }));
  const { sync } = target;
  const others = roots.filter(({ name }) => name !== sync?.root.name).map(({ name }) => name);
  return {
    id: 'roots',
    question: `What becomes of ${rootNames}?`,
    answer: sync
      ? `${sync.root.name} stays the same object with the same path, pruning, decryption and substitution, written by the operator from now on${others.length > 0 ? `; ${others.join(' and ')} stay as they are` : ''}`
      : `${rootNames} ${roots.length > 1 ? 'stay' : 'stays'} exactly as ${roots.length > 1 ? 'they are' : 'it is'}`,
    reason: sync
      ? 'It keeps its UID and its inventory; nothing that it has applied is collected'
      : 'Only the owner of the controllers changes; sources, paths, pruning, decryption and substitution stay',
    alternatives: sync ? ['install.sync: keep'] : ['Let the operator generate them from spec.sync'],
    where,
  };
}

export function ownerDecision(legacy: LegacyInstall, where: Place[]): Decision {
  const { owner, shape } = legacy;
  if (!owner)
    return {
      id: 'legacy-owner',
      question: 'Who owns the controllers today?',
      answer: 'Nobody: a person applied them, and nothing in Git would delete them',
      reason: 'So there is nothing to make harmless; the operator takes the fields over from kubectl',
      alternatives: [],
      where,
    };
  if (shape === 'flux-bootstrap')
    return {
      id: 'legacy-owner',
      question: `What becomes of the controllers in ${owner.name}?`,
      answer: `They stay in Git while the operator takes them over, and leave ${owner.name} in a later commit, after the soak`,
      reason:
        'What the operator has is marked as not to be pruned; taken out of Git before that, the root deletes the controllers and then itself',
      alternatives: [],
      where,
    };
  if (owner.kind === 'HelmRelease')
    return {
      id: 'legacy-owner',
      question: `What becomes of the HelmRelease ${owner.name}?`,
      answer:
        'It is suspended before anything else and its records are hidden from helm; it is removed, still suspended, last, after the soak',
      reason:
        'Deleted while it is not suspended it uninstalls the controllers and the CRDs, and so does helm uninstall as long as helm finds the records of the release',
      alternatives: [],
      where,
    };
  return {
    id: 'legacy-owner',
    question: `What becomes of the Kustomization ${owner.name}?`,
    answer: 'It stops pruning and is suspended before anything else, and is removed last, after the soak',
    reason:
      'It owns the controllers and the CRDs: removed while it prunes, it deletes Flux and with the CRDs every Flux object',
    alternatives: [],
    where,
  };
}

export function bootstrapDecision({ bootstrap, legacy }: Situation): Decision {
  const gotk = legacy.shape === 'flux-bootstrap' && !bootstrap;
  if (legacy.shape === 'helm' && !bootstrap)
    return {
      id: 'bootstrap',
      question: 'How does a new cluster get Flux?',
      answer: `By the commands in a guide in ${legacy.bootstrapPath ?? ''}, not by helm install of the chart flux2`,
      reason: 'Values of the old chart that are left behind bring the old Flux back at the next rebuild',
      alternatives: [],
      where: legacy.ownerSource ? [legacy.ownerSource.where] : [],
    };
  return {
    id: 'bootstrap',
    question: 'How does a new cluster get Flux?',
    answer: bootstrap
      ? `${posix.dirname(bootstrap.file)} bootstraps Flux Operator instead`
      : gotk
        ? `By the commands in a guide that takes the place of gotk-components.yaml in ${legacy.bootstrapPath ?? ''}, not by flux bootstrap`
        : 'There is no bootstrap folder; nothing is changed',
    reason: gotk
      ? 'flux bootstrap would write its own controllers into Git again, beside those of the operator'
      : 'A bootstrap folder that is left behind brings the old Flux back at the next rebuild',
    alternatives: [],
    where: bootstrap ? [bootstrap.place()] : [],
  };
}
