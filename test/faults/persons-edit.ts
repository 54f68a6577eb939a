/** What a person pushes in the middle of a run: one more line of comment, in a file that the phase touches or in another. */
import { setTimeout as pause } from 'node:timers/promises';
import { fileAt, filesAt, gitServer, pushEdit } from '../lab/person.ts';
import type { Run } from './run-of-lane.ts';

export interface PersonsEdit {
  readonly file: string;
  readonly line: string;
  readonly commit: string;
}

/** A file that stood there before the run and that this phase changes, or else one of a later phase. */
export async function editTouched(run: Run, phase: string): Promise<PersonsEdit> {
  const changes = run.plan.changes;
  const from = changes.findIndex((change) => change.phase === phase);
  const present = new Set(await filesAt(run.lane.lab, run.lane.name));
  const file = [...changes.slice(from), ...changes.slice(0, from)]
    .flatMap(({ files }) => files)
    .find(({ path, before }) => before !== null && present.has(path))?.path;
  if (file === undefined) throw new Error(`the plan touches no file of the branch ${run.lane.name}`);
  return push(run, file, phase);
}

/** A manifest of some app that the plan leaves alone. */
export async function editElsewhere(run: Run, phase: string): Promise<PersonsEdit> {
  const touched = new Set(run.plan.changes.flatMap(({ files }) => files.map(({ path }) => path)));
  const files = await filesAt(run.lane.lab, run.lane.name);
  const file = files.find(
    (each) => /\/apps\/.+\.yaml$/.test(each) && !each.includes('sops') && !touched.has(each),
  );
  if (file === undefined)
    throw new Error(`the branch ${run.lane.name} has no file that the plan leaves alone`);
  return push(run, file, phase);
}

/** A push that loses the race against the run's own is made again, as a person would. */
async function push({ lane }: Run, file: string, phase: string): Promise<PersonsEdit> {
  const line = `# Looked at by Robin during ${phase}.`;
  for (let tries = 1; ; tries += 1) {
    try {
      const commit = await pushEdit(lane.lab, lane.name, file, (text) => `${text.trimEnd()}\n${line}\n`);
      return { file, line, commit };
    } catch (error) {
      if (tries === 5) throw error;
      await pause(200);
    }
  }
}

/** What of a person's edits was lost: the commit is no longer on the branch, or its line no longer in the file. */
export async function lostEdits(run: Run, edits: readonly PersonsEdit[]): Promise<string[]> {
  const { lab, name } = run.lane;
  const lost: string[] = [];
  for (const { file, line, commit } of edits) {
    const kept = await gitServer(lab, 'merge-base', '--is-ancestor', commit, name).then(
      () => true,
      () => false,
    );
    if (!kept) lost.push(`the commit of a person (${file}) is no longer on the branch`);
    const text = await fileAt(lab, name, file).catch(() => null);
    // A file that the plan removes goes with what was written in it; anything else stays.
    if (text !== null && !text.includes(line)) lost.push(`what a person wrote in ${file} is gone`);
  }
  return lost;
}
