/** Which value Flux would give a variable, told from Git alone. */
import { describe, expect, test } from 'vitest';
import { memoryTree } from '../repo/tree.ts';
import { isUnresolved, substituted, valueSourcesIn, variablesOf } from './variables.ts';

const configMap = (name: string, data: Record<string, string>, extra = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: flux-system${extra}\ndata: ${JSON.stringify(data)}\n`;
const secret = (name: string, keys: string[]): string =>
  `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n  namespace: flux-system\nstringData: ${JSON.stringify(
    Object.fromEntries(keys.map((key) => [key, 'plain-secret'])),
  )}\n`;

function render(files: Record<string, string>, postBuild: object, written: string): string {
  const sources = valueSourcesIn(memoryTree(files), () => true);
  return substituted(written, variablesOf({ postBuild }, 'flux-system', sources));
}
const from = (...names: string[]): object => ({
  substituteFrom: names.map((name) => ({ kind: name.startsWith('secret') ? 'Secret' : 'ConfigMap', name })),
});

describe('a variable', () => {
  const files = {
    'a.yaml': configMap('a', { CLUSTER: 'one', EMPTY: '' }),
    'b.yaml': configMap('b', { CLUSTER: 'two' }),
    'secret.yaml': secret('secret-b', ['CLUSTER']),
    'other.yaml': secret('secret-c', ['OTHER']),
  };

  test('has the value of the last ConfigMap that has it, and inline values overrule them all', () => {
    expect(render(files, from('a', 'b'), './${CLUSTER}/apps')).toBe('./two/apps');
    expect(render(files, { ...from('a', 'b'), substitute: { CLUSTER: 'three' } }, '${CLUSTER}')).toBe(
      'three',
    );
  });

  test('is not known where a Secret that comes later has it, and its value never shows', () => {
    expect(render(files, from('a', 'secret-b'), '${CLUSTER}')).toBe('${CLUSTER}');
    expect(render(files, from('secret-b', 'a'), '${CLUSTER}')).toBe('one');
    expect(render(files, from('a', 'secret-c'), '${CLUSTER}')).toBe('one');
  });

  test('is not known where a later place is not in Git: it may say something else', () => {
    expect(render(files, from('a', 'elsewhere'), '${CLUSTER:=x}')).toBe('${CLUSTER:=x}');
  });

  test('is not known where a ConfigMap is there twice with different values, or is a variable itself', () => {
    const twice = { ...files, 'again.yaml': configMap('a', { CLUSTER: 'other' }) };
    expect(render(twice, from('a'), '${CLUSTER}')).toBe('${CLUSTER}');
    expect(render({ 'a.yaml': configMap('a', { CLUSTER: '${NAME}' }) }, from('a'), '${CLUSTER}')).toBe(
      '${CLUSTER}',
    );
    expect(render({ 'a.yaml': configMap('a', { CLUSTER: 'ENC[x]' }) }, from('a'), '${CLUSTER}')).toBe(
      '${CLUSTER}',
    );
  });

  test('takes its default where all that could have it is in Git and has it not, or empty for :=', () => {
    expect(render(files, from('a'), '${REGION:=north}')).toBe('north');
    expect(render(files, from('a'), '${EMPTY:=full}-${EMPTY=full}')).toBe('full-');
    expect(render(files, from('a'), '${REGION}')).toBe('${REGION}');
  });

  test('is left alone without postBuild, and $$ is a dollar with it', () => {
    expect(render(files, {}, '${CLUSTER} $$')).toBe('${CLUSTER} $$');
    expect(render(files, from('a'), '$${CLUSTER}')).toBe('${CLUSTER}');
  });

  test('in a form that is not understood is unresolved', () => {
    const written = render(files, from('a'), '${CLUSTER:0:2}');
    expect(isUnresolved(written)).toBe(true);
  });
});
