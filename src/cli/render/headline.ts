/** What goes on at a cluster, in one line. */
import { type Clock, moment, span, spanBetween } from '../../report/moment.ts';
import type { ClusterView } from '../../report/view.ts';
import type { Paint } from '../terminal.ts';

function nextBack({ back }: NonNullable<ClusterView['status']>): string {
  const next = back?.left[0];
  return next === undefined ? 'judges that all is as before' : `undoes ${next}`;
}

/** What goes on, in a few words and a colour. */
export function headline(
  view: ClusterView,
  previous: ClusterView | undefined,
  { paint, clock }: { paint: Paint; clock: Clock },
): string {
  const status = view.status;
  if (view.run === 'terminated' || view.run === 'timed-out' || view.run === 'failed')
    return paint.red(`its workflow ${view.run}; nothing drives it`);
  if (status === null)
    return paint.dim(
      previous === undefined ? 'about to begin' : `waits until ${previous.cluster} has settled`,
    );
  const since = paint.dim(`since ${moment(status.since, clock)} (${spanBetween(status.since, null, clock)})`);
  const left = status.until === null ? 0 : Date.parse(status.until) - clock.now.getTime();
  const until =
    status.until === null
      ? ''
      : left > 0
        ? `until ${moment(status.until, clock)} (${span(left)} left)`
        : `until ${moment(status.until, clock)}, which is over`;
  switch (status.state) {
    case 'running':
      return `${paint.cyan(status.phase ?? 'running')} ${since}`;
    case 'waiting-for-gate':
      return `${paint.yellow(`waits for a person at gate ${status.gate?.gate ?? ''}`)} ${since}`;
    case 'waiting-for-window':
      return `${paint.cyan('waits for its maintenance window')}, ${until}`;
    case 'soaking':
      return `${paint.cyan(status.phase === 'settle' ? 'settles' : 'soaks')} ${until}`;
    case 'held':
      if (status.back)
        return `${paint.red(`held on the way back, in ${status.hold?.phase ?? status.phase ?? ''}, a person is asked`)} ${since}`;
      return `${paint.red(`held in ${status.hold?.phase ?? status.phase ?? ''}, a person is asked`)} ${since}`;
    case 'rolling-back':
      return `${paint.yellow(`takes the way back: ${nextBack(status)}`)} ${since}`;
    case 'done':
      return paint.green('handed over, healthy');
    case 'rolled-back':
      return paint.yellow('rolled back: legacy, healthy');
    case 'stopped':
      return paint.yellow(
        view.outcome === 'rejected' ? 'rejected: nothing was begun' : 'stopped: a person took over',
      );
    default:
      return status.state satisfies never;
  }
}
