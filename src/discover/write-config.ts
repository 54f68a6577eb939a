/** Writes a proposal as handover.yaml: every line with its reason, every guess marked as one. */
import { isAbsolute, relative } from 'node:path';
import { stringify } from 'yaml';
import type { Place } from '../plan/types.ts';
import type { Proposal } from './proposal.ts';
import type { LeftOut } from './clusters.ts';
import type { TriedCluster } from './trial.ts';

export interface WritingOptions {
  /** Folder in which the file will lie. */
  directory: string;
  leftOut: LeftOut[];
}

export function handoverText(proposal: Proposal, { directory, leftOut }: WritingOptions): string {
  const lines = [
    '# Written by `flux-handover init`, from what stands in the repository. Lines marked "guessed" are yours to check.',
    '# Every field: docs/reference.md. Next: flux-handover plan',
    'apiVersion: flux-handover/v1',
    `fleet: ${scalar(proposal.fleet)}`,
    '',
    'repository:',
    ...comment(proposal.urlReason, '  '),
    `  url: ${scalar(proposal.url)}`,
    ...checkoutLines(proposal, directory),
    ...credentialLines(proposal.url),
    ...signingLines(proposal),
    ...versionLines(proposal.clusters),
    '',
    ...comment(
      proposal.clusters.length > 1
        ? 'In the order in which they are handed over, the next one only when the one before has settled. You decide: move them as you like.'
        : 'The only cluster that was found.',
      '',
    ),
    'clusters:',
    ...proposal.clusters.flatMap((cluster) => clusterLines(cluster)),
    ...leftOutLines(leftOut),
  ];
  return `${lines.join('\n')}\n`;
}

function checkoutLines({ checkout }: Proposal, directory: string): string[] {
  if (checkout === null) return [];
  const path = relative(directory, checkout) || '.';
  const written = isAbsolute(path) || path.startsWith('.') ? path : `./${path}`;
  return [
    ...comment(
      '`plan` reads this clone, without network or credentials; `preflight` and `start` read the url.',
      '  ',
    ),
    `  checkout: ${scalar(written)}`,
  ];
}

/** Git's own helpers and the SSH agent do where they can; a worker elsewhere needs to be told. */
function credentialLines(url: string): string[] {
  return /^https?:/.test(url)
    ? [
        '  # credentials:              # where Git does not find them by itself; the token never stands here',
        '  #   username: git',
        '  #   passwordFile: ~/.config/flux-handover/token',
      ]
    : [];
}

function signingLines({ signing, signedCommits }: Proposal): string[] {
  if (!signedCommits) return [];
  const reason = comment(
    'A source has spec.verify: Flux stops at the first commit that is not signed.',
    '  ',
  );
  return signing
    ? [
        ...reason,
        `  signing: # guessed: the key that Git signs with here; the verify secret of the source must trust it`,
        `    format: ${signing.format}`,
        `    key: ${scalar(signing.key)}`,
      ]
    : [
        ...reason,
        '  # Git has no signing key here, so `plan` refuses until one is named:',
        '  # signing:',
        '  #   format: ssh                # or openpgp',
        '  #   key: ~/.ssh/id_ed25519     # the private key, or the id of the GPG key',
      ];
}

function versionLines(clusters: TriedCluster[]): string[] {
  const silent = clusters.filter(({ version }) => version === '');
  return silent.length === 0
    ? []
    : [
        '',
        ...comment(
          `Git does not say exactly which Flux ${silent.map(({ name }) => name).join(' and ')} runs. If \`plan\` asks for it, see \`flux version\` and write:`,
          '',
        ),
        '# install:',
        '#   distributionVersion: 2.x.y',
      ];
}

function clusterLines(cluster: TriedCluster): string[] {
  const { name, branch, path, namespace, source } = cluster;
  return [
    ...comment(
      `${cluster.shape}${cluster.version ? `, Flux ${cluster.version}` : ''}: ${cluster.evidence}${placed(cluster.where)}`,
      '  ',
    ),
    ...(source
      ? comment(`follows ${source.ref} by ${source.kind} ${source.name}${placed(source.where)}`, '  ')
      : []),
    `  - name: ${scalar(name)}`,
    `    branch: ${scalar(branch)}${source && source.ref !== branch ? ' # guessed: the source names no branch that is here' : ''}`,
    `    path: ${scalar(path)}`,
    ...(namespace === 'flux-system' ? [] : [`    namespace: ${scalar(namespace)}`]),
    `    context: ${scalar(name)} # guessed from the name; kubectl config get-contexts lists yours`,
  ];
}

function leftOutLines(leftOut: LeftOut[]): string[] {
  return leftOut.flatMap(({ branch, path, why, where }) =>
    comment(`left out: ${path} on ${branch}: ${why}${placed(where)}`, '  '),
  );
}

function placed(where: Place | null): string {
  return where ? ` (${where.file}:${where.line})` : '';
}

/** Comment lines of at most 120 characters. */
function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replace(/\s+/g, ' ').split(' ')) {
    if (line !== '' && indent.length + line.length + word.length > 115) {
      lines.push(`${indent}# ${line}`);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, `${indent}# ${line}`];
}

function scalar(value: string): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}
