/** The cells follow the phase table, the draw its seed, and a journey goes through its phases once. */
import { describe, expect, it } from 'vitest';
import { phasesOf } from '../../src/plan/phases.ts';
import { actingPhases, cellsOf, chosenCells } from './cells.ts';
import { drawWhole, journeysOf, restOf, shortJourneys } from './journeys.ts';

const phases = phasesOf('self-managed') ?? [];
const cells = cellsOf(phases);
const names = cells.map(({ name }) => name);

describe('the cells', () => {
  it('are of every phase that commits, and of no other', () => {
    expect(actingPhases(phases)).toEqual(['orphan', 'operator', 'stage', 'adopt', 'retire']);
    expect(new Set(cells.map(({ phase }) => phase))).toEqual(new Set(actingPhases(phases)));
  });

  it('kill the worker and Temporal before, during and after each, and do everything else during it', () => {
    for (const phase of actingPhases(phases)) {
      const own = cells
        .filter((cell) => cell.phase === phase)
        .map(({ fault, moment }) => `${fault.name} ${moment}`);
      for (const killed of ['worker-killed', 'temporal-killed'])
        expect(own.filter((each) => each.startsWith(killed))).toEqual(
          ['before', 'during', 'after'].map((moment) => `${killed} ${moment}`),
        );
      const others = own.filter((each) => !each.includes('-killed '));
      expect(others.every((each) => each.endsWith(' during'))).toBe(true);
      expect(others).toHaveLength(phase === 'orphan' ? 8 : 9);
    }
  });

  it('leave out an operator that is not there yet', () => {
    expect(names).not.toContain('orphan/operator-crash-looping-during');
    expect(names).toContain('operator/operator-crash-looping-during');
  });

  it('have names of their own', () => {
    expect(new Set(names).size).toBe(74);
  });

  it('are chosen by name, phase or fault, and a word that fits none is refused', () => {
    expect(chosenCells(cells, 'adopt/git-gone-during').map(({ name }) => name)).toEqual([
      'adopt/git-gone-during',
    ]);
    expect(chosenCells(cells, 'git-gone,disk-full')).toHaveLength(10);
    expect(chosenCells(cells, 'worker-killed-before')).toHaveLength(5);
    expect(chosenCells(cells, 'retire')).toHaveLength(15);
    expect(chosenCells(cells, '')).toHaveLength(74);
    expect(() => chosenCells(cells, 'adopt,meteor')).toThrow(/meteor/);
  });
});

describe('the draw', () => {
  it('gives the same cells for a seed, others for another, never one twice', () => {
    const drawn = drawWhole(cells, 10, 7);
    expect(drawn.size).toBe(10);
    expect(drawWhole(cells, 10, 7)).toEqual(drawn);
    expect(drawWhole(cells, 10, 8)).not.toEqual(drawn);
    expect([...drawn].every((name) => names.includes(name))).toBe(true);
  });
});

describe('the journeys', () => {
  const whole = drawWhole(cells, 10, 7);
  const journeys = journeysOf(cells, whole, actingPhases(phases));

  it('hold every cell once, and go through the phases in their order', () => {
    const all = journeys.flatMap((journey) => journey.cells.map(({ name }) => name));
    expect(all.toSorted()).toEqual(names.toSorted());
    const order = actingPhases(phases);
    for (const journey of journeys) {
      const places = journey.cells.map(({ phase }) => order.indexOf(phase));
      expect(places).toEqual([...new Set(places)].toSorted((left, right) => left - right));
    }
  });

  it('run the drawn cells alone', () => {
    const alone = journeys.filter((journey) => journey.whole);
    expect(alone.map((journey) => journey.cells.map(({ name }) => name))).toEqual(
      names.filter((name) => whole.has(name)).map((name) => [name]),
    );
  });

  it('put cells of different phases into one handover, whatever their faults', () => {
    const some = chosenCells(cells, 'adopt/git-gone-during,orphan/disk-full-during');
    expect(
      journeysOf(some, new Set(), actingPhases(phases)).map((journey) =>
        journey.cells.map(({ name }) => name),
      ),
    ).toEqual([['orphan/disk-full-during', 'adopt/git-gone-during']]);
  });

  it('leave for another run what they did not come to', () => {
    const journey = { cells: chosenCells(cells, 'git-gone'), whole: false };
    const rest = restOf(journey, new Set(['orphan/git-gone-during', 'stage/git-gone-during']));
    expect(rest?.cells.map(({ phase }) => phase)).toEqual(['operator', 'adopt', 'retire']);
    expect(restOf(journey, new Set(names))).toBeNull();
  });

  it('of make test hold six cells, each there is, in the order of the phases', () => {
    expect(shortJourneys.flat()).toHaveLength(6);
    for (const short of shortJourneys) {
      expect(names).toEqual(expect.arrayContaining([...short]));
      const places = short.map((name) => actingPhases(phases).findIndex((phase) => name.startsWith(phase)));
      expect(places).toEqual([...new Set(places)].toSorted((left, right) => left - right));
    }
  });
});
