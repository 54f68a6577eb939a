/** Branch rules that the repository keeps as a file: a push could be refused in the middle. */
import { field, list, text } from '../../repo/manifests.ts';
import { parse } from 'yaml';
import { warn } from '../hazard.ts';
import type { Scene } from '../scene.ts';
import type { Hazard } from '../types.ts';

/** Read by the settings app of GitHub. */
const settingsFile = /^\.github\/settings\.ya?ml$/;

export function branchRuleHazards({ tree, cluster }: Scene): Hazard[] {
  const file = tree.paths().find((path) => settingsFile.test(path));
  if (!file) return [];
  const source = tree.read(file) ?? '';
  const rule = list(parsed(source), 'branches').find(
    (branch) => text(branch, 'name') === cluster.branch && field(branch, 'protection') != null,
  );
  if (!rule) return [];
  const line = source
    .split('\n')
    .findIndex((each) =>
      new RegExp(`name:\\s*["']?${cluster.branch.replace(/\W/g, String.raw`\$&`)}\\b`).test(each),
    );
  return [
    warn(
      'branch-protected',
      { file, line: line + 1 },
      {
        what: `Branch ${cluster.branch} is protected by ${file}`,
        why: 'Every phase pushes a commit; a rule that asks for reviews or checks refuses the first one',
        mend: 'Let the user of the handover push to it (or lift the rule until it is done); preflight tries a dry run, which such rules often let pass',
      },
    ),
  ];
}

function parsed(source: string): unknown {
  try {
    return parse(source);
  } catch {
    return null;
  }
}
