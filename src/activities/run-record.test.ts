import { expect, test } from 'vitest';
import { parseConfig } from '../config/load.ts';
import { configOfRecord, editedSince, type RunRecord } from './run-record.ts';

const text = (install: string, path: string) => `
apiVersion: flux-handover/v1
fleet: home
repository: { url: https://git.example/home.git, credentials: { passwordFile: /run/token } }
install: { ${install} }
clusters:
  - { name: edge, branch: edge, path: ${path}, context: edge-now, kubeconfig: /now }
`;

const record = {
  cluster: 'edge',
  settings: {
    install: parseConfig(text('operatorVersion: 0.58.1', 'kubernetes/edge')).install,
    clusters: [{ name: 'edge', branch: 'edge', path: 'kubernetes/edge', namespace: 'flux-system' }],
  },
} as unknown as RunRecord;

test('the plan is made again from the settings of then, reached by those of today', () => {
  const edited = parseConfig(text('operatorVersion: 0.60.0', 'clusters/edge'));
  const config = configOfRecord(edited, record);
  expect(config.install.operatorVersion).toBe('0.58.1');
  expect(config.clusters).toMatchObject([
    { path: 'kubernetes/edge', context: 'edge-now', kubeconfig: '/now' },
  ]);
  expect(config.repository.credentials).toEqual(edited.repository.credentials);
});

test('a cluster that was taken out of handover.yaml meanwhile does not get lost', () => {
  const other = parseConfig(text('operatorVersion: 0.58.1', 'x').replace('name: edge', 'name: main'));
  expect(configOfRecord(other, record).clusters.map(({ name }) => name)).toEqual(['edge']);
});

test('what was edited since is named', () => {
  expect(editedSince(parseConfig(text('operatorVersion: 0.58.1', 'kubernetes/edge')), record)).toEqual([]);
  expect(editedSince(parseConfig(text('operatorVersion: 0.60.0', 'clusters/edge')), record)).toEqual([
    'install',
    'clusters: edge',
  ]);
});
