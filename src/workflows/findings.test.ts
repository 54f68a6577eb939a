/** What a person is told of a checklist that does not hold. */
import { expect, test } from 'vitest';
import { findingsOfChecks } from './findings.ts';

const name = 'ready at the current revision';

test('a check that does not hold is told with its objects and what they say', () => {
  const checks = [
    { name: 'flux check', ok: true, detail: '12 lines' },
    { name, ok: false, detail: 'HelmRelease home/demo is not Ready: install\n  retries exhausted' },
  ];
  expect(findingsOfChecks({ checks })).toMatchObject([
    {
      id: 'verify',
      what: '"ready at the current revision" does not hold: HelmRelease home/demo is not Ready: install retries exhausted',
    },
  ]);
});

test('of a long one the beginning is told, and where the rest is', () => {
  const detail = `Kustomization flux-system/apps is not Ready: ${'x'.repeat(2_000)}`;
  const [finding] = findingsOfChecks({ checks: [{ name, ok: false, detail }] });
  expect(finding?.what).toMatch(/ does not hold: Kustomization flux-system\/apps is not Ready: x+…$/);
  expect(finding?.what.length).toBeLessThan(460);
  expect(finding?.mend).toContain('flux-handover verify');
});
