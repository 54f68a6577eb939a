/** Keeps what was seen: one file per thing in a folder per run, cluster and phase, written atomically, readable by the owner only. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { phasesOf, type PhaseName } from '../plan/phases.ts';
import type { EvidenceReference } from './contract.ts';
import type { Redactor } from './redact.ts';

export interface EvidenceStore {
  /** Redacts and writes; the same name again replaces the file. */
  keep(name: string, content: string): Promise<EvidenceReference>;
}

/** @param root the evidence folder of the configuration, absolute */
export function openEvidence(
  root: string,
  place: { run: string; cluster: string; phase: PhaseName },
  redact: Redactor,
): EvidenceStore {
  const folder = path.posix.join(place.run, place.cluster, phaseFolder(place.phase));
  return {
    async keep(name, content) {
      const text = Buffer.from(redact(content));
      const file = path.posix.join(folder, name);
      const target = path.join(root, file);
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      const draft = `${target}.${randomUUID()}`;
      await writeFile(draft, text, { mode: 0o600 });
      await rename(draft, target);
      return {
        name,
        digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
        bytes: text.length,
        place: file,
      };
    },
  };
}

/** `01-preflight`, `02-secrets`, …: folders sort in the order of the phases. */
function phaseFolder(phase: PhaseName): string {
  const order = (phasesOf('self-managed') ?? []).findIndex(({ name }) => name === phase) + 1;
  return `${String(order).padStart(2, '0')}-${phase}`;
}
