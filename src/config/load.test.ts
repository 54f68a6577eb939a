/** handover.yaml is read with complaints that name file, line, column and the mend. */
import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jsonSchema, schemaFile } from './json-schema.ts';
import { ConfigError, loadConfig, parseConfig, type ConfigIssue } from './load.ts';

const good = `apiVersion: flux-handover/v1
fleet: home
repository:
  url: https://example.com/a.git
clusters:
  - name: edge
    branch: edge
    path: kubernetes/edge
    context: edge
`;

function issues(text: string): ConfigIssue[] {
  try {
    parseConfig(text, 'handover.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  return [];
}

describe('parseConfig', () => {
  test('fills in the defaults', () => {
    const config = parseConfig(good);
    expect(config.install).toMatchObject({
      operatorVersion: '0.58.1',
      instanceAs: 'manifest',
      sync: 'auto',
    });
    expect(config.gates).toEqual({ start: 'manual', cutover: 'manual', retire: 'manual' });
    expect(config.clusters[0]?.namespace).toBe('flux-system');
  });

  test.each([
    [
      'a wrong value',
      good.replace('context: edge', 'context: edge\n    soak: { afterAdopt: 3 weeks }'),
      'clusters.0.soak.afterAdopt',
      10,
      25,
    ],
    ['a missing field', good.replace('    branch: edge\n', ''), 'clusters.0.branch', 6, 5],
    ['an unknown field', good.replace('fleet: home', 'fleet: home\nfleets: 3'), 'fleets', 3, 1],
    ['a wrong choice', `${good}gates: { start: maybe }\n`, 'gates.start', 10, 17],
    [
      'a cluster listed twice',
      `${good}  - { name: edge, branch: b, path: c, context: d }\n`,
      'clusters.1.name',
      10,
      13,
    ],
    [
      'a schedule that never fires',
      `${good}windows: [{ schedule: 0 3 30 2 *, duration: 2h }]\n`,
      'windows.0.schedule',
      10,
      23,
    ],
    [
      'a time zone that does not exist',
      `${good}windows: [{ schedule: 0 3 * * 6, duration: 2h, timeZone: Europe/Atlantis }]\n`,
      'windows.0.timeZone',
      10,
      58,
    ],
    ['a password in the URL', good.replace('https://', 'https://me:token@'), 'repository.url', 4, 8],
    ['broken YAML', good.replace('fleet: home', 'fleet: [home'), '', 3, 1],
  ])('%s is reported where it stands', (_name, text, path, line, column) => {
    const [issue] = issues(text);
    expect(issue).toMatchObject({ path, line, column });
    expect(issue?.mend).toBeTruthy();
  });

  test('the message never repeats a password', () => {
    expect(JSON.stringify(issues(good.replace('https://', 'https://me:hunter2@')))).not.toContain('hunter2');
  });
});

describe('loadConfig', () => {
  test('takes relative paths from the folder of the file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'handover-config-'));
    try {
      const file = join(folder, 'handover.yaml');
      writeFileSync(
        file,
        good
          .replace('context: edge', 'context: edge\n    kubeconfig: ./edge.kubeconfig')
          .replace('a.git', 'a.git\n  credentials: { passwordFile: token }'),
      );
      const config = loadConfig(file);
      expect(config.clusters[0]?.kubeconfig).toBe(join(folder, 'edge.kubeconfig'));
      expect(config.repository.credentials?.passwordFile).toBe(join(folder, 'token'));
      expect(config.evidence.directory).toBe(join(folder, '.handover/evidence'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('says what to do when there is no file', () => {
    expect(() => loadConfig('/nowhere/handover.yaml')).toThrow(/no such file.*--config/s);
  });
});

test('schema/handover.schema.json is current (node src/config/json-schema.ts writes it)', () => {
  expect(JSON.parse(readFileSync(schemaFile, 'utf8'))).toEqual(JSON.parse(jsonSchema()));
});
