import { expect, test } from 'vitest';
import { isForeseenOfHelm } from './helm-differences.ts';

const controller = 'Deployment flux-system/source-controller';

test('marks of Helm may go, and only go', () => {
  const path = 'metadata.labels[helm.sh/chart]';
  expect(isForeseenOfHelm(controller, { path, before: 'flux2-2.19.0', after: undefined })).toBe(true);
  expect(isForeseenOfHelm(controller, { path, before: undefined, after: 'flux2-2.19.0' })).toBe(false);
});

test('roles under the suffixed names are new, a new Deployment is not foreseen', () => {
  const made = { path: '', before: undefined, after: 'a new object' };
  expect(isForeseenOfHelm('ClusterRole crd-controller-flux-system', made)).toBe(true);
  expect(isForeseenOfHelm('Deployment flux-system/image-reflector-controller', made)).toBe(false);
});

test('what one of the two leaves unset is foreseen, another value is not', () => {
  const path = 'spec.template.spec.priorityClassName';
  const after = 'system-cluster-critical';
  expect(isForeseenOfHelm(controller, { path, before: undefined, after })).toBe(true);
  expect(isForeseenOfHelm(controller, { path, before: 'high', after })).toBe(false);
});

test('the label that helm gives a namespace may go, another label of it may not', () => {
  const gone = (key: string, before: string) => ({
    path: `metadata.labels.${key}`,
    before,
    after: undefined,
  });
  expect(isForeseenOfHelm('Namespace flux-system', gone('name', 'flux-system'))).toBe(true);
  expect(isForeseenOfHelm('Namespace flux-system', gone('name', 'other'))).toBe(false);
  expect(isForeseenOfHelm('Namespace flux-system', gone('team', 'flux-system'))).toBe(false);
});

test('limits are never foreseen: a controller that may use more today would be killed', () => {
  const path = 'spec.template.spec.containers[manager].resources.limits.memory';
  expect(isForeseenOfHelm(controller, { path, before: undefined, after: '1Gi' })).toBe(false);
});
