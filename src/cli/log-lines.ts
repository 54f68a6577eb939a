/** The worker's log for a person at a terminal: one short line an event, instead of JSON. */
import { moment, systemClock } from '../report/moment.ts';
import type { Paint } from './terminal.ts';

interface Event {
  level?: number;
  msg?: string;
  [field: string]: unknown;
}

/** Each worker serves one kind of task on its queue, and the SDK remarks on every kind that it does not. */
const expected = /^No (Nexus services|activities|workflows) registered/;

/** Fields worth a person's attention, in this order. */
const telling = ['state', 'cluster', 'phase', 'activityType', 'workflowId', 'taskQueue', 'attempt'];

/** A line, or null for what a person need not see. */
export function logLine(json: string, paint: Paint): string | null {
  let event: Event;
  try {
    event = JSON.parse(json) as Event;
  } catch {
    return json;
  }
  const { level = 30, msg = '' } = event;
  if (expected.test(msg) || level < 30) return null;
  const fields = telling.flatMap((name) => {
    const value = event[name];
    return typeof value === 'string' || typeof value === 'number' ? [`${value}`] : [];
  });
  const error = event['err'] ?? event['error'];
  const cause = error instanceof Object && 'message' in error ? `: ${String(error.message)}` : '';
  const colour = level >= 50 ? paint.red : level >= 40 ? paint.yellow : (text: string): string => text;
  return `${paint.dim(moment(new Date().toISOString(), systemClock()))} ${colour(`${msg}${cause}`)}${fields.length > 0 ? paint.dim(`  ${fields.join(' ')}`) : ''}`;
}

/** A destination for pino. */
export function humanLog(paint: Paint): { write(line: string): void } {
  return {
    write(json) {
      const line = logLine(json, paint);
      if (line !== null) process.stderr.write(`${line.trimEnd()}\n`);
    },
  };
}
