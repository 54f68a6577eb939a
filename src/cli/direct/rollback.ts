/** `rollback --direct`: the way back from this process, with Git and the cluster alone. Run again, it goes on where it stopped. */
import { editedSince } from '../../activities/run-record.ts';
import type { Standing } from '../../activities/standing/standing.ts';
import { openDriver } from '../../direct/driver.ts';
import { type Ending, goBack, type Told } from '../../direct/go-back.ts';
import type { Call } from '../command.ts';
import { clustersNamed, readConfig } from '../config-file.ts';
import { exitCode, type ExitCode, Stopped } from '../outcome.ts';
import { agrees } from '../person.ts';
import { findingLines } from '../render/question.ts';
import { cut, symbols } from '../render/words.ts';
import type { Terminal } from '../terminal.ts';
import { canGoBack, failedChecks, placeSentence, renderStanding, rollbackCommand } from './render.ts';

export interface DirectOptions {
  direct?: boolean;
  takeOver?: boolean;
  leaveBehind?: boolean;
  yes?: boolean;
}

interface Outcome {
  cluster: string;
  before: Standing;
  /** `nothing`: there was nothing to undo. */
  ended: Ending['ended'] | 'nothing' | 'refused' | 'declined';
  done: string[];
  ending: Ending | null;
}

/** Progress for people: one line a step, redrawn in place on a terminal. */
function tell(terminal: Terminal, done: string[]): Told & { report: (sentence: string) => void } {
  const { paint } = terminal;
  const live = process.stderr.isTTY && !terminal.json;
  let step = '';
  const clear = (): void => void (live && process.stderr.write('\r\u001B[K'));
  const show = (text: string): void =>
    void (live && process.stderr.write(`\r\u001B[K  ${paint.dim(cut(text, terminal.columns - 4))}`));
  return {
    begins(what) {
      step = what;
      show(what);
    },
    report: (sentence) => show(`${step}: ${sentence}`),
    done(summary) {
      clear();
      done.push(`${step}: ${summary}`);
      if (!terminal.json) terminal.print(`  ${symbols(paint).done} ${step}: ${summary}`);
    },
    again(why, seconds) {
      clear();
      terminal.remark(`  ${symbols(paint).warn} ${why}; trying again in ${seconds} s`);
    },
  };
}

/** @throws Stopped when somebody drives the cluster */
function assertFree({ lease, cluster }: Standing, takeOver: boolean | undefined): void {
  if (!lease?.fresh || takeOver === true) return;
  const where = lease.direct
    ? `a command line of ${lease.about['direct'] ?? 'somebody'}`
    : `Temporal at ${lease.about['temporal'] ?? 'an unknown address'}`;
  throw new Stopped(exitCode.finding, {
    what: `run ${lease.run} drives ${cluster} right now: ${where} renewed its Lease at ${lease.renewedAt}`,
    why: 'two that drive one cluster undo each other',
    mend: `end it first (flux-handover rollback ${cluster}, or stop that worker or command) and wait a minute; where it can not be reached: flux-handover rollback --direct ${cluster} --take-over, it then holds at its next step`,
  });
}

function ended(terminal: Terminal, standing: Standing, ending: Ending): ExitCode {
  const { paint } = terminal;
  const { cluster, run } = standing;
  const print = (text: string): void => void (terminal.json || terminal.print(text));
  if (ending.ended === 'legacy') {
    print(
      `${symbols(paint).done} ${paint.bold(cluster)} is legacy and healthy, as before run ${run ?? ''}\n`,
    );
    return exitCode.done;
  }
  if (ending.ended === 'unlike') {
    print(
      [
        `${symbols(paint).bad} ${paint.bold(cluster)} is undone, but not what it was:`,
        ...failedChecks(ending.checks, terminal),
        `   the Lease stays held; mend what is named, then go on with: ${paint.cyan(rollbackCommand({ ...standing, lease: null }))}\n`,
      ].join('\n'),
    );
    return exitCode.finding;
  }
  print(
    [
      `${symbols(paint).warn} ${paint.bold(cluster)} waits for Git; what is urgent is done`,
      ...findingLines(ending.trouble, terminal, '   '),
      `   left: ${ending.left.map(({ phase }) => `undo ${phase}`).join(', ')}`,
      `   once Git answers, go on with: ${paint.cyan(rollbackCommand({ ...standing, lease: null }))}\n`,
    ].join('\n'),
  );
  return exitCode.finding;
}

export async function directRollback(call: Call<DirectOptions>): Promise<ExitCode> {
  const { terminal, words, options, signal } = call;
  const { config, directory } = await readConfig(options.config);
  const outcomes: Outcome[] = [];
  let code: ExitCode = exitCode.done;
  // The last one that was handed over goes back first, and one that does not get there leaves the others as they are.
  for (const { name } of clustersNamed(config, words[0]).toReversed()) {
    const done: string[] = [];
    const told = tell(terminal, done);
    const driver = openDriver({ config, directory, signal, report: told.report });
    const before = await driver.standing(name);
    const outcome: Outcome = { cluster: name, before, ended: 'nothing', done, ending: null };
    outcomes.push(outcome);
    if (!terminal.json) terminal.print(`${renderStanding(before, terminal)}\n`);
    const edited = before.record ? editedSince(config, before.record) : [];
    if (edited.length > 0)
      terminal.remark(
        `handover.yaml was edited since run ${before.run ?? ''} began (${edited.join(', ')}): what is undone is planned from the settings of then`,
      );
    if (before.misfits.length > 0) {
      outcome.ended = 'refused';
      code = exitCode.finding;
      break;
    }
    if (!canGoBack(before)) {
      if (!terminal.json) terminal.print(`  nothing to undo: ${name} is ${placeSentence(before)}\n`);
      continue;
    }
    assertFree(before, options.takeOver);
    const question = `Take ${name} back, from this machine, until the legacy install is healthy again?`;
    const mend = `${rollbackCommand(before)} --yes`;
    if (!(await agrees(terminal, question, { yes: options.yes, mend }))) {
      terminal.remark('nothing was changed');
      outcome.ended = 'declined';
      code = exitCode.finding;
      break;
    }
    try {
      const ending = await goBack(driver, before, told, signal, options);
      Object.assign(outcome, { ended: ending.ended, ending });
      code = ended(terminal, before, ending);
    } catch (error) {
      terminal.remark(`\n${name} is held on its way back; run the same command again to go on`);
      throw error;
    }
    if (code !== exitCode.done) break;
  }
  if (terminal.json) terminal.printJson({ clusters: outcomes });
  return code;
}
