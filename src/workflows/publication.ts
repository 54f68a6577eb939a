/** What of a cluster's status is seen without asking a worker: the memo, and search attributes for phase and gate. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import { searchAttributeNames, type ClusterStatus } from './contract.ts';

const phaseKey = defineSearchAttributeKey(searchAttributeNames.phase, SearchAttributeType.KEYWORD);
const gateKey = defineSearchAttributeKey(searchAttributeNames.gate, SearchAttributeType.KEYWORD);

export class Publication {
  private published: { memo: string; phase: string; gate: string };

  /** @param inherited status of the run before, whose search attributes a continued-as-new run begins with */
  constructor(inherited: ClusterStatus | undefined) {
    this.published = { memo: '', phase: inherited?.phase ?? '', gate: inherited?.gate?.gate ?? '' };
  }

  /** Writes only what differs from what was written last: each write is an event. */
  publish(status: ClusterStatus): void {
    const memo: ClusterStatus = {
      ...status,
      audit: [],
      phases: status.phases.map((record) => ({ ...record, checks: [] })),
    };
    const written = JSON.stringify(memo);
    if (written !== this.published.memo) upsertMemo({ status: memo });
    const phase = status.phase ?? '';
    const gate = status.gate?.gate ?? '';
    const pairs = [];
    if (phase !== this.published.phase) pairs.push({ key: phaseKey, value: phase || null });
    if (gate !== this.published.gate) pairs.push({ key: gateKey, value: gate || null });
    if (pairs.length > 0) upsertSearchAttributes(pairs);
    this.published = { memo: written, phase, gate };
  }
}
