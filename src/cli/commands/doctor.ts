/** `doctor`: is everything in place? */
import type { Run } from '../command.ts';
import { type ConfigFile, readConfig } from '../config-file.ts';
import { check, type Checked, renderChecked } from '../doctor/check.ts';
import { checkEvidence, checkMachine } from '../doctor/machine.ts';
import { checkClusters, checkRepository } from '../doctor/reach.ts';
import { checkTemporal } from '../doctor/temporal.ts';
import { exitCode } from '../outcome.ts';
import { count } from '../render/words.ts';

async function checkConfig(path: string): Promise<{ checked: Checked; file: ConfigFile | null }> {
  let file: ConfigFile | null = null;
  const look = async (): Promise<{ detail: string }> => {
    file = await readConfig(path);
    return {
      detail: `${path}: fleet ${file.config.fleet}, ${file.config.clusters.map(({ name }) => name).join(', then ')}`,
    };
  };
  const checked = await check(
    'Configuration',
    'handover.yaml',
    look,
    () => `write ${path}, or name the file with --config; docs/reference.md lists its fields`,
  );
  return { checked, file };
}

export const run: Run<{ fix?: boolean }> = async ({ terminal, options }) => {
  const { checked, file } = await checkConfig(options.config);
  // All at once: each waits for somebody else.
  const groups = [
    checkMachine(file?.config ?? null),
    Promise.resolve([checked]),
    file === null ? Promise.resolve([]) : checkClusters(file),
    file === null ? Promise.resolve([]) : checkRepository(file),
    checkTemporal(file?.config ?? null, options.fix === true),
    file === null ? Promise.resolve([]) : checkEvidence(file.evidence).then((each) => [each]),
  ];
  const all: Checked[] = [];
  let heading = '';
  for (const group of groups) {
    for (const each of await group) {
      all.push(each);
      if (terminal.json) continue;
      if (each.group !== heading) terminal.print(terminal.paint.bold(each.group));
      heading = each.group;
      terminal.print(renderChecked(each, terminal));
    }
  }
  const bad = all.filter(({ ok, optional }) => !ok && optional !== true);
  if (terminal.json) terminal.printJson({ ok: bad.length === 0, checks: all });
  else
    terminal.print(
      bad.length === 0
        ? `\n${terminal.paint.green('Everything is in place.')}`
        : `\n${terminal.paint.red(`${count(bad.length, 'thing')} to mend.`)}`,
    );
  return bad.length === 0 ? exitCode.done : exitCode.finding;
};
