/** Long pages go through the person's pager on a terminal. */
import { execa } from 'execa';
import type { Terminal } from './terminal.ts';

export async function page(
  terminal: Terminal,
  text: string,
  { pager = true }: { pager?: boolean | undefined } = {},
): Promise<void> {
  const fits = text.split('\n').length < terminal.rows;
  if (!pager || !process.stdout.isTTY || fits) return terminal.print(text);
  const command = process.env['PAGER'] ?? 'less';
  if (command === '' || command === 'cat') return terminal.print(text);
  // As git does: keep colours, and quit at once when it fits.
  const environment = { LESS: process.env['LESS'] ?? 'FRX', LV: process.env['LV'] ?? '-c' };
  const { failed, exitCode } = await execa(command, {
    shell: true,
    input: `${text}\n`,
    stdout: 'inherit',
    stderr: 'inherit',
    env: environment,
    reject: false,
  });
  // 127: there is no such pager. Leaving the pager early is no failure.
  if (failed && (exitCode === 127 || exitCode === 126)) terminal.print(text);
}
