/** The six worst things that a plan refuses, each as somebody in a hurry does it. */
import type { Story } from '../story.ts';
import { adoptedAndRetiredAtOnce, decryptionLost, partsNotBuilt } from './bootstrap-shape.ts';
import { instanceReverted } from './instance-reverted.ts';
import { orphanedInVain, ownerRemoved, repairedTooSoon } from './owner-prunes.ts';
import { syncBesideRoot, syncTakenBack } from './sync-beside-root.ts';

export const stories: readonly Story[] = [
  ownerRemoved,
  repairedTooSoon,
  orphanedInVain,
  syncBesideRoot,
  syncTakenBack,
  instanceReverted,
  partsNotBuilt,
  decryptionLost,
  adoptedAndRetiredAtOnce,
];
