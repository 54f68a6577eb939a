/** `approve`: a person's yes at a gate. */
import type { Run } from '../command.ts';
import { decide, type DecideOptions } from '../decide.ts';

export const run: Run<DecideOptions> = (call) => decide(call, 'approve');
