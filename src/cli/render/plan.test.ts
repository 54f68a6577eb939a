import { describe, expect, test } from 'vitest';
import { examplePlan } from '../../report/example.ts';
import { plainPaint } from '../terminal.ts';
import { renderPlanMarkdown } from './plan-markdown.ts';
import { renderPlan } from './plan.ts';

const page = { paint: plainPaint(), columns: 90, diffs: true };

describe('the plan page', () => {
  test('shows decisions with answer, reason and place', () => {
    const text = renderPlan(examplePlan, page);
    expect(text).toContain('Does SOPS stay?');
    expect(text).toContain('yes, unchanged');
    expect(text.replaceAll(/\n +/g, '')).toContain('kubernetes/edge/flux/config/cluster.yaml:4');
  });

  test('shows every commit with its diff, and names what leaves the cluster', () => {
    const text = renderPlan(examplePlan, page);
    expect(text).toContain('1. orphan  feat(flux): let go of the controllers');
    expect(text).toMatch(/-prune: true\n +\+prune: false/);
    expect(text).toMatch(/nothing else does:\n +Kustomization flux-system\/flux/);
    expect(renderPlan(examplePlan, { ...page, diffs: false })).not.toContain('+prune: false');
  });

  test('says that it is refused, and why', () => {
    const refused = structuredClone(examplePlan);
    refused.clusters[0]?.hazards.push({
      id: 'owner-suspended',
      severity: 'refuse',
      where: null,
      what: 'two roots own the same path',
      why: 'they would fight',
      mend: 'remove one',
    });
    const text = renderPlan(refused, page);
    expect(text).toContain('refused: 1 finding');
    expect(text).toMatch(/✘ two roots own the same path\n +why +they would fight\n +mend +remove one/);
  });

  test('keeps within the width, but for lines to be copied', () => {
    const long = renderPlan(examplePlan, page)
      .split('\n')
      .filter((line) => line.length > page.columns);
    expect(
      long.filter((line) => !line.includes('kubernetes/') && !line.includes('owner Kustomization')),
    ).toEqual([]);
  });

  test('is Markdown with fenced diffs on request', () => {
    const text = renderPlanMarkdown(examplePlan);
    expect(text).toContain('| Does SOPS stay? | yes, unchanged |');
    expect(text).toContain('```diff\n@@ -1,1 +1,1 @@\n-prune: true\n+prune: false\n```');
    expect(text).toContain('`Kustomization flux-system/flux`');
  });
});
