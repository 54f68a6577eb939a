/** What on a cluster does not fit the commits of the run: moved by hand, lost, or another run's. Each with its mend. Pure. */
import type { Finding } from '../contract.ts';
import type { RunRecord } from '../run-record.ts';
import type { Reading } from './conclude.ts';
import { ofControllers } from './misfits/controllers.ts';
import { ofInstance } from './misfits/instance.ts';
import { ofOperator } from './misfits/operator.ts';
import { ofOwner } from './misfits/owner.ts';
import { ofRuns } from './misfits/runs.ts';
import type { Sighting } from './sighting.ts';

export function misfitsOf(sighting: Sighting, reading: Reading, record: RunRecord | null): Finding[] {
  return [
    ...ofRuns(sighting, reading, record),
    ...ofInstance(sighting, reading),
    ...ofOperator(sighting, reading),
    ...ofOwner(sighting, reading),
    ...ofControllers(sighting, reading),
  ];
}
