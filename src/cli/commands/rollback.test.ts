import { describe, expect, test } from 'vitest';
import { exampleFleet } from '../../report/example.ts';
import type { ClusterView, FleetView } from '../../report/view.ts';
import { recipientOf } from './rollback.ts';

/** The example with its clusters changed, edge first. */
function fleet(state: FleetView['state'], ...changes: Partial<ClusterView>[]): FleetView {
  const view = exampleFleet({ state });
  return { ...view, clusters: view.clusters.map((cluster, index) => ({ ...cluster, ...changes[index] })) };
}

const done: Partial<ClusterView> = { run: 'completed', outcome: 'operator' };
const legacy: Partial<ClusterView> = { run: 'completed', outcome: 'legacy' };
const pending: Partial<ClusterView> = { run: 'not-started', status: null, outcome: null };

describe('a rollback goes to', () => {
  test('the workflow of the cluster that is under way', () => {
    expect(recipientOf(fleet('running', { run: 'running' }, pending), 'edge')).toEqual({
      to: 'cluster',
      cluster: 'edge',
    });
  });

  test('the fleet, for all of it, and for a cluster that it has handed over', () => {
    const running = fleet('running', done, { run: 'running' });
    expect(recipientOf(running, null)).toEqual({ to: 'fleet', clusters: null });
    expect(recipientOf(running, 'edge')).toEqual({ to: 'fleet', clusters: ['edge'] });
  });

  test('a run of its own once the fleet has ended, for what is not on its legacy install', () => {
    expect(recipientOf(fleet('completed', done, legacy), null)).toEqual({
      to: 'new-run',
      clusters: ['edge'],
    });
    expect(recipientOf(fleet('terminated', { run: 'terminated' }, pending), 'edge')).toEqual({
      to: 'new-run',
      clusters: ['edge'],
    });
  });

  test.each<[string, FleetView, string | null, string]>([
    ['one that was not begun', fleet('completed', done, pending), 'main', 'it was not begun'],
    ['one that is back already', fleet('completed', legacy, pending), 'edge', 'it is on its legacy install'],
    ['a fleet that is back already', fleet('completed', legacy, pending), null, 'no cluster of fleet home'],
  ])('nobody, for %s', (_, view, name, what) => {
    expect(() => recipientOf(view, name)).toThrow(what);
  });
});
