/** Which ways back are taken: `SHAPES` and `PHASES`, each a list of names with commas between; all where nothing is said. */
import { type PhaseName, phasesOf } from '../../src/plan/phases.ts';
import type { LegacyShape } from '../../src/plan/types.ts';
import { chosen } from '../chosen.ts';
import { type LegacyInstall, legacyInstall, shapesTakenBack } from './installs.ts';

/** Names that `PHASES` knows beside those of phases: Git away at the word, and the handover once more at the end. */
const besidePhases = ['git-away', 'forward'] as const;
type Leg = PhaseName | (typeof besidePhases)[number];

/** Every phase in which something may stand that is to be undone: those that act, and the soaks. */
function phasesThatAct(shape: LegacyShape): PhaseName[] {
  return (phasesOf(shape) ?? [])
    .filter(({ name, commits }) => commits || name === 'soak' || name === 'settle')
    .map(({ name }) => name);
}

export interface Chosen {
  shape: LegacyShape;
  install: LegacyInstall;
  phases: readonly PhaseName[];
  /** Phases in which the word comes while Git is away: before and after the legacy install has left, on the first of the shapes. */
  gitAway: readonly PhaseName[];
  /** Once more to the end, on the same cluster. */
  forward: boolean;
}

/** @throws Error for a name that is none */
export function chosenShapes(): Chosen[] {
  const everyPhase = new Set(shapesTakenBack.flatMap(phasesThatAct));
  const legs = chosen<Leg>('PHASES', [...everyPhase, ...besidePhases]);
  return chosen('SHAPES', shapesTakenBack).map((shape, index) => ({
    shape,
    install: legacyInstall(shape),
    phases: phasesThatAct(shape).filter((phase) => legs.includes(phase)),
    gitAway: index === 0 && legs.includes('git-away') ? ['soak', 'settle'] : [],
    forward: legs.includes('forward'),
  }));
}
