import { describe, expect, test } from 'vitest';
import type { ObjectReference } from '../../plan/types.ts';
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
    expect(text).toContain('✘ edge  refused: 1 refusal, 1 note');
    expect(text).toMatch(
      /✘ two roots own the same path\n +owner-suspended\n +why +they would fight\n +mend +remove one/,
    );
  });

  test('tells first, per cluster, whether it can be handed over; then decisions, hazards, commits', () => {
    const text = renderPlan(examplePlan, page);
    const order = [
      '✔ edge  can be handed over: 2 commits, 1 note',
      'Decision ',
      'Hazards',
      'The way back',
      'Commits on branch',
    ];
    const at = order.map((heading) => text.indexOf(heading));
    expect(at).not.toContain(-1);
    expect(at).toEqual(at.toSorted((left, right) => left - right));
    expect(text).toContain('sync-path');
  });

  test('says before anything is begun what a rollback asks about and what it does not bring back', () => {
    const text = renderPlan(examplePlan, page);
    expect(text).toMatch(
      /It stops and asks about\n +- ResourceSets that people make after the phase operator \(from operator on;\s+built-on-operator\)/,
    );
    expect(text).toMatch(/It does not bring back\n +- Events and times \(from adopt on; history\)/);
    const markdown = renderPlanMarkdown(examplePlan);
    expect(markdown).toContain('### The way back');
    expect(markdown).toContain(
      '(from operator on; `built-on-operator`). Make none before the cluster has settled.',
    );
  });

  test('folds many notes of one kind, but never a refusal', () => {
    const many = structuredClone(examplePlan);
    const [note] = many.clusters[0]!.hazards;
    many.clusters[0]!.hazards = ['note', 'refuse'].flatMap((severity) =>
      Array.from({ length: 9 }, (_, index) => ({
        ...note!,
        severity: severity as 'note' | 'refuse',
        what: `${severity} ${index}`,
      })),
    );
    const text = renderPlan(many, page);
    expect(text.match(/note \d/g)).toHaveLength(3);
    expect(text).toContain('and 6 more of owner-suspended: flux-handover plan --explain owner-suspended');
    expect(text.match(/✘ refuse \d/g)).toHaveLength(9);
    expect(text.indexOf('refuse 0')).toBeLessThan(text.indexOf('note 0'));
  });

  test('says what a commit moves on the cluster, and what is not known', () => {
    const plan = structuredClone(examplePlan);
    const object = (kind: string, name: string): ObjectReference => ({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind,
      namespace: 'flux-system',
      name,
    });
    plan.clusters[0]!.changes[0]!.effects = [
      {
        kustomization: object('Kustomization', 'cluster'),
        gains: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => object('HelmRelease', name)),
        changes: [],
        collects: [],
        unknown: ['a remote base is not read'],
      },
    ];
    const text = renderPlan(plan, page).replaceAll(/\n +/g, ' ');
    expect(text).toContain(
      'Kustomization flux-system/cluster gains HelmRelease flux-system/a, HelmRelease flux-system/b, HelmRelease flux-system/c, HelmRelease flux-system/d and 2 more; deletes nothing ? a remote base is not read',
    );
    expect(renderPlanMarkdown(plan)).toContain('- `Kustomization flux-system/cluster` gains HelmRelease');
  });

  test('keeps within the width, but for lines to be copied', () => {
    const long = renderPlan(examplePlan, page)
      .split('\n')
      .filter((line) => line.length > page.columns);
    expect(
      long.filter((line) => !line.includes('kubernetes/') && !line.includes('owner Kustomization')),
    ).toEqual([]);
  });

  test('is Markdown with folded, fenced diffs on request', () => {
    const text = renderPlanMarkdown(examplePlan);
    expect(text).toContain('## ✅ edge: can be handed over');
    expect(text).toContain('| Does SOPS stay? (`sops`) | yes, unchanged |');
    expect(text).toContain(
      '<details><summary>modify <code>kubernetes/edge/flux/config/flux.yaml</code></summary>\n\n```diff\n@@ -1,1 +1,1 @@\n-prune: true\n+prune: false\n```\n\n</details>',
    );
    expect(text).toContain('`Kustomization flux-system/flux`');
    expect(text).toContain('<details><summary>1 note</summary>');
  });
});
