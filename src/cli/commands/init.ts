/** `init`: reads a repository, finds its clusters, and writes a commented handover.yaml. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseConfig } from '../../config/load.ts';
import { propose } from '../../discover/proposal.ts';
import { readClusters, type RepositoryReading } from '../../discover/read-clusters.ts';
import type { TriedCluster } from '../../discover/trial.ts';
import { handoverText } from '../../discover/write-config.ts';
import { chooseClusters } from '../choose-clusters.ts';
import type { Run } from '../command.ts';
import { exitCode, refuse } from '../outcome.ts';
import { table } from '../render/table.ts';
import type { Terminal } from '../terminal.ts';

interface InitOptions {
  output?: string;
  force?: boolean;
  yes?: boolean;
}

export const run: Run<InitOptions> = async ({ terminal, words, options }) => {
  const file = options.output ?? options.config;
  const toScreen = file === '-';
  if (!toScreen && existsSync(file) && options.force !== true)
    refuse({
      what: `${file} is there already`,
      why: 'What a person decided in it would be lost',
      mend: '--output - shows the proposal without writing; --output <file> writes another file; --force overwrites it',
    });
  const address = words[0] ?? '.';
  const reading = await readClusters(address);
  if (reading.clusters.length === 0) nothingFound(address, reading);
  const clusters = options.yes === true ? reading.clusters : await chooseClusters(terminal, reading.clusters);
  const proposal = await propose(reading, clusters);
  const { leftOut, outside } = reading.discovery;
  const text = handoverText(proposal, {
    directory: toScreen ? process.cwd() : dirname(resolve(file)),
    leftOut,
  });
  // What is written must be read: anything else is a fault of ours, told before a file is there.
  parseConfig(text, file);
  if (!toScreen) await writeFile(file, text);
  if (terminal.json)
    terminal.printJson({
      file: toScreen ? null : file,
      ...proposal,
      leftOut,
      outside,
      branches: reading.branches,
      text,
    });
  else if (toScreen) terminal.print(text.trimEnd());
  else report(terminal, file, clusters, reading);
  return exitCode.done;
};

function report(
  terminal: Terminal,
  file: string,
  clusters: TriedCluster[],
  reading: RepositoryReading,
): void {
  const { paint } = terminal;
  terminal.print(
    table(
      [
        { title: 'cluster', share: 2 },
        { title: 'branch', share: 2 },
        { title: 'folder', share: 4 },
        { title: 'install', share: 2 },
        { title: 'Flux', share: 1 },
      ],
      clusters.map(({ name, branch, path, shape, version }) => [
        name,
        branch,
        path,
        shape,
        version || 'not told',
      ]),
      { width: terminal.columns, paint: terminal.paint, rules: false },
    ),
  );
  for (const { branch, path, why } of reading.discovery.leftOut)
    terminal.print(paint.dim(`left out: ${path} on ${branch}: ${why}`));
  for (const { what, where } of reading.discovery.outside)
    terminal.print(paint.yellow(`belongs to no one cluster: ${what} (${where.file}:${where.line})`));
  terminal.print(
    `\nWritten to ${paint.bold(file)}. Look at the lines marked "guessed", then: flux-handover plan`,
  );
}

function nothingFound(address: string, { branches, discovery }: RepositoryReading): never {
  const because = discovery.leftOut.map(({ branch, path, why }) => `${path} on ${branch}: ${why}`);
  return refuse({
    what:
      because.length > 0
        ? `No cluster of ${address} is left to hand over: ${because.join('; ')}`
        : `No cluster was found in ${address}`,
    why: `Read: ${branches.read.join(', ')} (of ${branches.all}; the others hold no GitRepository that follows them). Looked for: Kustomizations and the GitRepository they read, gotk-components.yaml and gotk-sync.yaml, an OCIRepository of flux-manifests, a kustomization of fluxcd/flux2, a HelmRelease of the chart flux2, a FluxInstance, Terraform's flux_bootstrap_git`,
    mend: 'Give the folder or URL of the repository that your clusters sync from; or write handover.yaml by hand (docs/guide.md)',
  });
}
