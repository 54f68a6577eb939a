/** `reject`: a person's no at a gate. */
import type { Run } from '../command.ts';
import { decide, type DecideOptions } from '../decide.ts';

export const run: Run<DecideOptions> = (call) => decide(call, 'reject');
