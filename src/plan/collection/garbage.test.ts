/** What kustomize-controller deletes and what it leaves, rule by rule. */
import { describe, expect, test } from 'vitest';
import { applierOf, cascades, isIdle, isLeftAlone, protection, prunes, type Applier } from './garbage.ts';

const applier = (spec: Record<string, unknown>): Applier => applierOf(spec);
const mark = (name: string, value: string) => ({
  marks: { [`kustomize.toolkit.fluxcd.io/${name}`]: value },
});

describe('deleting a Kustomization deletes what it applied', () => {
  test.each([
    [{ prune: true }, true],
    [{ prune: false }, false],
    [{}, false],
    [{ prune: true, suspend: true }, false],
    [{ prune: true, deletionPolicy: 'Orphan' }, false],
    [{ prune: false, deletionPolicy: 'Delete' }, true],
    [{ prune: false, deletionPolicy: 'WaitForTermination' }, true],
    [{ prune: false, deletionPolicy: 'MirrorPrune' }, false],
    [{ suspend: true, deletionPolicy: 'Delete' }, false],
    // What a variable stands for is only known on the cluster: it may be true.
    [{ prune: '${PRUNE}' }, true],
  ])('%j: %s', (spec, expected) => {
    expect(cascades(applier(spec))).toBe(expected);
  });
});

describe('an object that leaves the source', () => {
  test('is deleted whichever of the two specs that prunes is at work, deletionPolicy not asked', () => {
    expect(prunes(applier({ prune: true }), applier({ prune: false }))).toBe(true);
    expect(prunes(applier({ prune: false }), applier({ prune: true }))).toBe(true);
    expect(prunes(applier({ prune: true, deletionPolicy: 'Orphan' }), applier({ prune: true }))).toBe(true);
    expect(prunes(applier({ prune: false }), applier({ prune: false }))).toBe(false);
  });

  test('stays while the Kustomization is suspended before and after', () => {
    const [active, suspended] = [applier({}), applier({ suspend: true })];
    expect(isIdle(suspended, suspended)).toBe(true);
    expect(isIdle(suspended, null)).toBe(true);
    expect(isIdle(active, suspended)).toBe(false);
    expect(isIdle(suspended, active)).toBe(false);
    expect(isIdle(null, active)).toBe(false);
  });

  test.each([
    [mark('prune', 'disabled'), '2.7.5', 'kustomize.toolkit.fluxcd.io/prune: disabled'],
    [mark('prune', 'Disabled'), '2.7.5', 'kustomize.toolkit.fluxcd.io/prune: disabled'],
    [mark('reconcile', 'disabled'), '2.7.5', 'kustomize.toolkit.fluxcd.io/reconcile: disabled'],
    [mark('ssa', 'Ignore'), '2.9.2', 'kustomize.toolkit.fluxcd.io/ssa: Ignore'],
    [mark('ssa', 'Ignore'), '2.8.8', null],
    [mark('ssa', 'Ignore'), '', null],
    [mark('ssa', 'Merge'), '2.9.2', null],
    [mark('prune', 'enabled'), '2.9.2', null],
  ])('%j with Flux %s is protected by %s', (object, version, expected) => {
    expect(protection(object, version)).toBe(expected);
  });

  test('what Flux is told to leave alone is neither gained nor changed', () => {
    expect(isLeftAlone(mark('reconcile', 'disabled'))).toBe(true);
    expect(isLeftAlone(mark('ssa', 'Ignore'))).toBe(true);
    expect(isLeftAlone(mark('prune', 'disabled'))).toBe(false);
  });
});
