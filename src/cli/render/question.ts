/** What a person is asked, with the exact commands that answer it: an open gate, or a cluster that is held. */
import type { EvidenceReference, Finding } from '../../activities/contract.ts';
import type { ClusterView } from '../../report/view.ts';
import type { Paint } from '../terminal.ts';
import { shortDigest, symbols, wrap } from './words.ts';

interface QuestionPage {
  paint: Paint;
  columns: number;
}

function fileSize(bytes: number): string {
  return bytes < 1024
    ? `${bytes} B`
    : bytes < 1024 * 1024
      ? `${Math.round(bytes / 1024)} KiB`
      : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

export function evidenceLine(evidence: EvidenceReference, paint: Paint): string {
  return `${evidence.name}  ${paint.dim(`${evidence.place}, ${fileSize(evidence.bytes)}, ${shortDigest(evidence.digest)}`)}`;
}

/** The command that approves exactly what is shown. */
export function approveCommand(cluster: string, gate: { gate: string; digest: string }): string {
  return `flux-handover approve ${cluster} ${gate.gate} --digest ${shortDigest(gate.digest)}`;
}

/** What is to be approved at an open gate. */
export function gateFacts(view: ClusterView, { paint, columns }: QuestionPage): string[] {
  const gate = view.status?.gate;
  if (!gate) return [];
  return [
    `   ${symbols(paint).ask} ${paint.bold(`To be approved: ${gate.gate} of ${view.cluster}`)}  ${paint.dim(shortDigest(gate.digest))}`,
    ...gate.shown.map((sentence) => `     - ${wrap(sentence, columns - 7, '       ')}`),
    ...gate.evidence.map((evidence) => `     ${paint.dim('see')} ${evidenceLine(evidence, paint)}`),
  ];
}

export function renderGate(view: ClusterView, page: QuestionPage): string {
  const gate = view.status?.gate;
  if (!gate) return '';
  return [
    ...gateFacts(view, page),
    `     ${page.paint.cyan(approveCommand(view.cluster, gate))}`,
    `     ${page.paint.dim(`flux-handover reject ${view.cluster} ${gate.gate} --reason '…'`)}`,
  ].join('\n');
}

export function findingLines(finding: Finding, { paint, columns }: QuestionPage, indent = '     '): string[] {
  const symbol = { refuse: symbols(paint).bad, warn: symbols(paint).warn, note: symbols(paint).ahead }[
    finding.severity
  ];
  const room = columns - indent.length - 8;
  const part = (name: string, text: string): string =>
    `${indent}  ${paint.dim(name.padEnd(5))} ${wrap(text, room, ' '.repeat(indent.length + 8))}`;
  return [
    `${indent}${symbol} ${paint.bold(wrap(finding.what, columns - indent.length - 2, `${indent}  `))}`,
    ...(finding.why === '' ? [] : [part('why', finding.why)]),
    ...(finding.mend === '' ? [] : [part('mend', finding.mend)]),
  ];
}

/** Whole lines, however long: they are to be copied. */
function handWorkLines(byHand: string[], paint: Paint): string[] {
  if (byHand.length === 0) return [];
  return [
    `     ${paint.dim('or do it by hand, then retry (which finds it done) or skip:')}`,
    ...byHand.map((line) => `       ${line.startsWith('#') ? paint.dim(line) : line}`),
  ];
}

export function renderHold(view: ClusterView, page: QuestionPage): string {
  const hold = view.status?.hold;
  if (!hold) return '';
  const { paint } = page;
  const where = view.status?.back ? `Held on the way back, in ${hold.phase}` : `Held in ${hold.phase}`;
  return [
    `   ${paint.red(paint.bold(`${where}: nothing more happens until you decide`))}`,
    ...hold.findings.flatMap((finding) => findingLines(finding, page)),
    `     ${paint.dim('then one of')}`,
    ...hold.choices.map((choice) => `     ${paint.cyan(choice)}`),
    ...handWorkLines(hold.byHand, paint),
  ].join('\n');
}
