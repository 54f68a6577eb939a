// The lab on the command line: `node lab/main.ts up|status|down|save|restore|start|stop|spare|build`.

import { Command } from 'commander';
import type { RaiseOptions } from './raise.ts';

const program = new Command('lab').description(
  'Real Kubernetes clusters on this machine, for rehearsals and tests.',
);

program
  .command('up')
  .description('raise the lab, or repair what is dead of it')
  .option('--clusters <names>', 'which clusters of the fleet, separated by commas', 'edge,main')
  .option('--no-legacy', 'leave the clusters without Flux')
  .option('--shape <name>', 'legacy shape of edge: self-managed, bootstrap-only or flux-bootstrap')
  .action(async ({ clusters, legacy, shape }: { clusters: string; legacy: boolean; shape?: string }) => {
    requireRoot();
    const started = Date.now();
    const { raiseLab } = await import('./index.ts');
    const options: RaiseOptions = {
      clusters: clusters.split(','),
      legacy,
      ...(shape === undefined ? {} : { shape }),
    };
    const lab = await raiseLab(options);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(
      `Lab ${lab.id} is up after ${seconds} s. Temporal UI: ${lab.temporal.uiUrl}. More: make lab-status`,
    );
  });

program
  .command('status')
  .description('what runs and where; exit code 1 when something is dead')
  .option('--json', 'for programs')
  .action(async ({ json }: { json?: true }) => {
    const { labStatus, renderStatus } = await import('./status.ts');
    const status = await labStatus();
    console.log(json === true ? JSON.stringify(status, undefined, 2) : renderStatus(status));
    if (!status.healthy) process.exitCode = 1;
  });

program
  .command('down')
  .description('remove every process, mount, interface and namespace of the lab, and its files but for logs')
  .option('--keep-data', 'keep the files: the next "up" goes on from them')
  .action(async ({ keepData }: { keepData?: true }) => {
    requireRoot();
    const { lowerLab } = await import('./index.ts');
    await lowerLab({ keepData: keepData === true });
    console.log('The lab is down.');
  });

/** Commands that take one name and do one thing of the library. */
const named = [
  ['save', 'save the state of clusters and Git under a name', 'saveCheckpoint'],
  ['restore', 'put a saved state back', 'restoreCheckpoint'],
  ['start', 'start a stopped cluster', 'startCluster'],
  ['stop', 'stop a cluster: its address answers no more', 'stopCluster'],
  ['spare', 'raise one more cluster, empty', 'raiseEmptyCluster'],
  ['remove-spare', 'remove a cluster that "spare" made', 'lowerEmptyCluster'],
] as const;

for (const [command, description, action] of named) {
  program
    .command(`${command} <name>`)
    .description(description)
    .action(async (name: string) => {
      requireRoot();
      const started = Date.now();
      const lab = await import('./index.ts');
      await lab[action](name);
      console.log(`${command} ${name}: done after ${((Date.now() - started) / 1000).toFixed(1)} s`);
    });
}

program
  .command('build')
  .description('build and fetch all that the lab needs into the cache, raise nothing')
  .action(async () => {
    const { ensureToolchain } = await import('./toolchain/index.ts');
    const toolchain = await ensureToolchain((message) => console.log(message));
    console.log(JSON.stringify(toolchain, undefined, 2));
  });

/** @throws Error when the person may make no namespaces. */
function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new Error(
    'The lab makes network namespaces, cgroups and mounts, which needs root: run it with sudo.',
  );
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(process.exitCode === undefined || process.exitCode === 0 ? 2 : Number(process.exitCode));
}
process.exit();
