import { expect, it } from 'vitest';
import type { LiveObject } from '../../cluster/objects.ts';
import { isQuiet, saidToBeDisabled } from './at-rest.ts';

const annotation = {
  'f:metadata': { 'f:annotations': { 'f:fluxcd.controlplane.io/reconcile': {} } },
};

function instance(ready: string, reconciling: boolean, disabledAt = '2026-01-01T10:00:10Z'): LiveObject {
  return {
    apiVersion: 'fluxcd.controlplane.io/v1',
    kind: 'FluxInstance',
    metadata: {
      name: 'flux',
      namespace: 'flux-system',
      uid: 'one',
      resourceVersion: '7',
      managedFields: [
        { manager: 'flux-handover', operation: 'Apply', time: disabledAt, fieldsV1: annotation },
        // Status is written later, by somebody else.
        { manager: 'flux-operator', operation: 'Update', time: '2026-01-01T11:00:00Z', fieldsV1: {} },
      ],
    },
    status: {
      conditions: [
        { type: 'Ready', status: ready },
        ...(reconciling ? [{ type: 'Reconciling', status: 'True' }] : []),
      ],
    },
  };
}

function event(time: string, reason = 'ReconciliationDisabled', uid = 'one'): LiveObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: 'flux.1',
      namespace: 'flux-system',
      uid: 'event',
      resourceVersion: '9',
      managedFields: [{ manager: 'flux-operator', operation: 'Update', time }],
    },
    reason,
    involvedObject: { kind: 'FluxInstance', name: 'flux', uid },
  };
}

it('has come to rest once Flux Operator said that it is disabled, after it was', () => {
  const disabled = instance('Unknown', true);
  expect(saidToBeDisabled(disabled, [event('2026-01-01T10:00:11Z')])).toBe(true);
  expect(saidToBeDisabled(disabled, [event('2026-01-01T10:00:10Z')])).toBe(true);
  // Said while it was staged, before it was enabled.
  expect(saidToBeDisabled(disabled, [event('2026-01-01T10:00:09Z')])).toBe(false);
  expect(saidToBeDisabled(disabled, [event('2026-01-01T10:00:11Z', 'ReconciliationSucceeded')])).toBe(false);
  expect(saidToBeDisabled(disabled, [event('2026-01-01T10:00:11Z', undefined, 'another')])).toBe(false);
  expect(saidToBeDisabled(disabled, [])).toBe(false);
});

it('is quiet when nothing is under way: it ended, it failed, or its health checks were called off', () => {
  expect(isQuiet(instance('True', false))).toBe(true);
  expect(isQuiet(instance('False', true))).toBe(true);
  expect(isQuiet(instance('Unknown', true))).toBe(false);
});
