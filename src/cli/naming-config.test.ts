import { expect, test } from 'vitest';
import { namingConfig, namingConfigIn } from './naming-config.ts';

const file = 'clusters/home.yaml';

test('a command to paste names the file that was given', () => {
  expect(namingConfig('flux-handover retry edge', file)).toBe(
    'flux-handover retry --config clusters/home.yaml edge',
  );
  expect(namingConfig("flux-handover soak skip edge --reason '…'", file)).toBe(
    "flux-handover soak skip --config clusters/home.yaml edge --reason '…'",
  );
  expect(namingConfig('flux-handover status, or flux-handover rollback --direct edge', file)).toBe(
    'flux-handover status --config clusters/home.yaml, or flux-handover rollback --config clusters/home.yaml --direct edge',
  );
});

test('a name with spaces is quoted', () => {
  expect(namingConfig('flux-handover plan', "anna's home.yaml")).toBe(
    String.raw`flux-handover plan --config 'anna'\''s home.yaml'`,
  );
});

test('what is no command, or names its file already, stays as it is', () => {
  for (const text of [
    'a fault in flux-handover itself',
    'kubectl annotate --field-manager=flux-handover',
    'flux-handover status-quo',
    'flux-handover plan --config other.yaml',
  ])
    expect(namingConfig(text, file)).toBe(text);
});

test('with the usual file nothing is added', () => {
  expect(namingConfig('flux-handover retry edge', 'handover.yaml')).toBe('flux-handover retry edge');
});

test('in what programs read, every text is meant', () => {
  const view = { clusters: [{ hold: { choices: ['flux-handover retry edge'], since: 3, phase: null } }] };
  expect(namingConfigIn(view, file)).toEqual({
    clusters: [
      { hold: { choices: ['flux-handover retry --config clusters/home.yaml edge'], since: 3, phase: null } },
    ],
  });
});
