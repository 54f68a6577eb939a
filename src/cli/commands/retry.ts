/** `retry`: one of the three answers to a hold. */
import type { Run } from '../command.ts';
import { resolve, type ResolveOptions } from '../resolve.ts';

export const run: Run<ResolveOptions> = (call) => resolve(call, 'retry');
