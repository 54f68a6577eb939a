import { describe, expect, test } from 'vitest';
import { differencesOf, isForeseen } from './differences.ts';

const deployment = (args: string[], limits: object = { memory: '2Gi' }) => ({
  kind: 'Deployment',
  metadata: { name: 'helm-controller', labels: { 'kustomize.toolkit.fluxcd.io/name': 'flux' } },
  spec: { template: { spec: { containers: [{ name: 'manager', args, resources: { limits } }] } } },
});

describe('the difference of two objects', () => {
  test('names a lost argument and a new one apart', () => {
    const found = differencesOf(
      deployment(['--concurrent=8', '--a']),
      deployment(['--a', '--events-addr=http://x']),
    );
    expect(found).toEqual([
      { path: 'spec.template.spec.containers[manager].args', before: '--concurrent=8', after: undefined },
      {
        path: 'spec.template.spec.containers[manager].args',
        before: undefined,
        after: '--events-addr=http://x',
      },
    ]);
    expect(found.map(isForeseen)).toEqual([false, true]);
  });
  test('sees that only the order of arguments changed', () => {
    expect(differencesOf(deployment(['--a', '--b']), deployment(['--b', '--a']))).toHaveLength(1);
  });
  test('takes a flag for what it means, with or without =true', () => {
    const bare = deployment(['--watch-all-namespaces', '--b']);
    expect(differencesOf(bare, deployment(['--watch-all-namespaces=true', '--b']))).toEqual([]);
    expect(differencesOf(bare, deployment(['--watch-all-namespaces=false', '--b']))).toHaveLength(2);
  });
  test('shows a lost memory limit, which is never foreseen', () => {
    const found = differencesOf(deployment([]), deployment([], {}));
    expect(found).toEqual([
      {
        path: 'spec.template.spec.containers[manager].resources.limits.memory',
        before: '2Gi',
        after: undefined,
      },
    ]);
    expect(found.some(isForeseen)).toBe(false);
  });
  test('foresees the marks of ownership', () => {
    const after = {
      ...deployment([]),
      metadata: {
        name: 'helm-controller',
        labels: { 'fluxcd.controlplane.io/name': 'flux' },
        annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'Ignore' },
      },
    };
    const found = differencesOf(
      { ...deployment([]), metadata: { ...deployment([]).metadata, annotations: {} } },
      after,
    );
    expect(found).toHaveLength(3);
    expect(found.every(isForeseen)).toBe(true);
  });
  test('takes annotations that come with the first mark apart', () => {
    const found = differencesOf(
      { metadata: {} },
      { metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'Ignore', other: 'x' } } },
    );
    expect(found.map(isForeseen)).toEqual([true, false]);
  });
  test('foresees rules that come, not rules that go', () => {
    expect(isForeseen({ path: 'rules', before: undefined, after: {} })).toBe(true);
    expect(isForeseen({ path: 'rules', before: {}, after: undefined })).toBe(false);
  });
});
