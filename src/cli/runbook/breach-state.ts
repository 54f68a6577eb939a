/** Held by the watch, at whatever moment of the way forward. */
import { breaches } from '../../activities/watch/breaches.ts';
import { forwardChoices, type HeldState, refused } from './held-state.ts';

const { why, mend } = breaches['owner-resumed'];

export const breachState: HeldState = {
  title: 'Somebody does harm by hand',
  means:
    'The watch over the run saw what must not be, and stopped it before asking: the first aid says what it did. It goes on guarding; what is done again is stopped again.',
  hold: {
    phase: 'soak',
    findings: [
      refused(
        'owner-resumed',
        'Kustomization flux-system/flux lacks suspend: true, prune: false. First aid, 0.1 s after it was seen: suspended Kustomization flux-system/flux',
        why,
        mend,
      ),
    ],
    choices: forwardChoices,
  },
  back: false,
  commands: [],
  does: 'Find out who it was, and take it back, also in Git. `flux-handover retry edge` then lifts the first aid and goes on once what must hold holds again; where it comes again, the hold comes again. `flux-handover rollback edge` needs nothing mended first. After `abandon` the first aid stays in force: the annotation `flux-handover/first-aid` shows on what, and what was there before. With `onBreach: rollback` in handover.yaml the cluster goes back by itself, unless that would set harm free; then the hold says so.',
};
