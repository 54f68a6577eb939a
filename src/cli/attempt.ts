/** Runs a command's work: Ctrl-C becomes an abort signal, and any error ends up in the one place that shows errors. */
import { explain } from './failure.ts';
import { exitCode, type ExitCode } from './outcome.ts';
import type { Terminal } from './terminal.ts';

export async function attempt(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const controller = new AbortController();
  const interrupt = (): void => {
    // A second Ctrl-C does not wait.
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  // A reader that went away (`| head`) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitCode.done : exitCode.failure),
  );
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted || (error instanceof Error && error.name === 'Interrupted'))
      return exitCode.interrupted;
    const explanation = explain(error);
    if (terminal.json) terminal.printJson({ error: { ...explanation, stack: undefined } });
    const { paint } = terminal;
    const lines = [`${paint.red('✘')} ${paint.bold(explanation.what)}`];
    for (const finding of explanation.findings ?? []) {
      if (finding.what !== explanation.what) lines.push(`  ${paint.bold(finding.what)}`);
      lines.push(`    why:  ${finding.why}`, `    mend: ${finding.mend}`);
    }
    if (explanation.why) lines.push(`  why:  ${explanation.why}`);
    if (explanation.mend) lines.push(`  mend: ${explanation.mend}`);
    if (explanation.stack) lines.push(paint.dim(explanation.stack));
    terminal.remark(lines.join('\n'));
    return explanation.code;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}
