/** A decision or hazard is explained by the facts of the plan and by the rule. */
import { expect, test } from 'vitest';
import { explainId, nearestIds } from './explain.ts';
import { fixture, homeConfig, homeFolder as P, realBuild, treeOf } from './fixtures/index.ts';
import { makePlan } from './make-plan.ts';

const tree = treeOf(fixture('home'));
const plan = await makePlan(homeConfig(), new Map([['main', tree]]), realBuild);

test('a decision: its answer, and the lines that it was read from', () => {
  const explained = explainId(plan, 'legacy-owner', () => tree);
  expect(explained).toMatchObject({ sort: 'decision', severities: [] });
  expect(explained?.facts).toHaveLength(1);
  expect(explained?.facts[0]?.decision?.answer).toContain('suspended before anything else');
  expect(explained?.facts[0]?.where[0]).toMatchObject({ file: `${P}/flux/config/flux.yaml`, line: 14 });
  expect(explained?.facts[0]?.where[0]?.text.join('\n')).toContain('kind: Kustomization');
});

test('a hazard of the plan: every one of that id', () => {
  const explained = explainId(plan, 'owner-listened-to', () => tree);
  expect(explained).toMatchObject({ sort: 'hazard', severities: ['note'] });
  expect(explained?.facts[0]?.hazard?.what).toContain('Alert chat');
  expect(explained?.facts[0]?.where[0]?.text[0]).toContain('kind: OCIRepository');
});

test('a hazard that the plan does not have: the rule alone', () => {
  const explained = explainId(plan, 'several-owners', () => tree);
  expect(explained?.facts).toEqual([]);
  expect(explained?.rule.why).toContain('pruning');
});

test('an unknown id: none, and the nearest ones; what every object has is no id', () => {
  expect(explainId(plan, 'owner-pth', () => tree)).toBeNull();
  expect(explainId(plan, 'constructor', () => tree)).toBeNull();
  expect(nearestIds('owner-pth')[0]).toBe('owner-path');
  expect(nearestIds('Sync')).toContain('sync-path');
  expect(nearestIds('zzzzzz')).toEqual([]);
});

test('lines of a Secret are not quoted', () => {
  const [cluster] = plan.clusters;
  const file = `${P}/flux/vars/cluster-secrets.sops.yaml`;
  const hazard = {
    id: 'sops-not-configured' as const,
    severity: 'warn' as const,
    where: { file, line: 1 },
    what: 'x',
    why: 'x',
    mend: 'x',
  };
  const withSecret = { ...plan, clusters: [{ ...cluster!, hazards: [hazard] }] };
  expect(tree.read(file)).toContain('sops:');
  expect(explainId(withSecret, 'sops-not-configured', () => tree)?.facts[0]?.where).toEqual([
    { file, line: 1, text: [] },
  ]);
});
