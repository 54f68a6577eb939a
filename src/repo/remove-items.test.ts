/** Entries of a list leave with their comments, and nothing else changes. */
import { expect, test } from 'vitest';
import { EditRefused } from './edit.ts';
import { removeListItems } from './remove-items.ts';

const text = `kind: Kustomization
patches:
  # the first
  # of all
  - patch: |-
      a: 1
    target:
      kind: A
  # the second
  - target: { kind: B }
    patch: "b"

  - path: c.yaml # the third
# the end
resources: [x]
`;

test('an entry goes with the comments directly above it', () => {
  expect(removeListItems(text, 0, ['patches'], [0])).toBe(text.replace(/ {2}# the first[^]*?kind: A\n/, ''));
  expect(removeListItems(text, 0, ['patches'], [1, 2])).toBe(
    text.replace(/ {2}# the second\n.*\n.*\n/, '').replace(/ {2}- path: c.*\n/, ''),
  );
});

test('a list that becomes empty goes with its key', () => {
  expect(removeListItems(text, 0, ['patches'], [0, 1, 2])).toBe(
    'kind: Kustomization\n# the end\nresources: [x]\n',
  );
  expect(removeListItems(text, 0, ['patches'], [])).toBe(text);
});

test('a list in one line is refused', () => {
  expect(() => removeListItems(text, 0, ['resources'], [0])).toThrow(EditRefused);
});
