import { describe, expect, it } from 'vitest';
import { leavingObjects } from './leaving.ts';

const service = (name: string) =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n  namespace: flux-system\n`;

describe('what a commit takes out of Git', () => {
  it('is every object that stood in its files before and stands in none of them afterwards', () => {
    const files = [
      {
        path: 'gotk-components.yaml',
        action: 'delete' as const,
        before: `${service('a')}---\n# nothing here\n---\n${service('b')}`,
        after: null,
        diff: '',
      },
      { path: 'other.yaml', action: 'add' as const, before: null, after: service('b'), diff: '' },
    ];
    expect(leavingObjects({ files })).toEqual([
      { apiVersion: 'v1', kind: 'Service', namespace: 'flux-system', name: 'a' },
    ]);
  });

  it('leaves out what only kustomize reads, and text that holds no objects', () => {
    const files = [
      {
        path: 'kustomization.yaml',
        action: 'delete' as const,
        before:
          'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: x}\nresources: []\n',
        after: null,
        diff: '',
      },
      { path: 'README.md', action: 'modify' as const, before: '# Flux\n', after: '# Operator\n', diff: '' },
    ];
    expect(leavingObjects({ files })).toEqual([]);
  });
});
