/** The watch over one cluster, as `watch` in handover.yaml says: by events, with first aid, or by looks. */
import type { WatchInput, WatchResult } from '../contract.ts';
import type { Session } from '../session.ts';
import { watchByEvents } from './events.ts';
import { watchByLooks } from './looks.ts';

export function watchHealth(session: Session<WatchInput>): Promise<WatchResult> {
  return session.input.config.watch === 'events' ? watchByEvents(session) : watchByLooks(session);
}
