// Shows a person what the lab is doing: a live list on a terminal, lines with the time of day elsewhere.

import { Listr, PRESET_TIMESTAMP } from 'listr2';

export interface Step {
  readonly title: string;
  /** Does the work; `say` shows what it is at, in a few words. */
  readonly run: (say: (message: string) => void) => Promise<unknown>;
}

export interface ProgressOptions {
  /** Print nothing. @default false */
  readonly silent?: boolean;
}

/**
 * Runs all steps at once and ends when all have ended: a failure does not cut the others off half-way.
 * @throws the first failure.
 */
export async function runTogether(
  steps: readonly Step[],
  { silent = false }: ProgressOptions,
): Promise<void> {
  const failures: unknown[] = [];
  const started = Date.now();
  const list = new Listr(
    steps.map((step) => ({
      title: step.title,
      task: async (_context: unknown, task: { title?: string; output?: string }) => {
        try {
          await step.run((message) => {
            if (task.output !== message) task.output = message;
          });
        } catch (error) {
          failures.push(error);
          throw error;
        }
        task.title = `${step.title} (${((Date.now() - started) / 1000).toFixed(1)} s)`;
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      collectErrors: false,
      fallbackRenderer: 'simple',
      fallbackRendererOptions: { timestamp: PRESET_TIMESTAMP },
      silentRendererCondition: silent,
    },
  );
  await list.run();
  if (failures.length > 0) throw failures[0];
}
