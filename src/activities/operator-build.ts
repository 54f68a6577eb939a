/** What Flux Operator would apply for a FluxInstance, built by its own program. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import type { LiveObject } from '../cluster/objects.ts';
import { failure, refusal } from './failure.ts';
import { parseImage } from './registry.ts';
import type { Session } from './session.ts';

/** What Flux Operator would apply, by its own program. The artifact holds the manifests that its image embeds. */
export async function builtObjects(session: Session, instance: LiveObject): Promise<LiveObject[]> {
  const { operatorVersion } = session.input.config.install;
  const folder = await mkdtemp(path.join(tmpdir(), 'flux-handover-'));
  try {
    const file = path.join(folder, 'instance.yaml');
    const { apiVersion, kind, metadata, spec } = instance;
    await writeFile(
      file,
      stringify({ apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace }, spec }),
      { mode: 0o600 },
    );
    const artifact = artifactOf(instance, operatorVersion, session.options.registryMirrors);
    const { exitCode, stdout, stderr } = await session.run('flux-operator', [
      'build',
      'instance',
      '-f',
      file,
      '--distribution-artifact',
      artifact,
    ]);
    if (exitCode !== 0)
      throw failure(
        /connection refused|timeout|no such host|TLS/i.test(stderr) ? 'Unreachable' : 'NotReady',
        [
          refusal(
            'build-failed',
            `flux-operator build instance failed: ${stderr.trim().split('\n').slice(-3).join('; ')}`,
            'then nobody can see what the cutover would do',
            `mend what it says (the artifact is ${artifact}), then retry`,
          ),
        ],
      );
    // The program prints to stderr when its output is not a terminal.
    const text = stdout.trim() ? stdout : stderr;
    const documents = parseAllDocuments(text);
    return (Array.isArray(documents) ? documents : [])
      .map((document) => document.toJS() as LiveObject | null)
      .filter((object) => object?.kind !== undefined) as LiveObject[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function artifactOf(instance: LiveObject, operatorVersion: string, mirrors: Record<string, string>): string {
  const wanted =
    ((instance.spec as { distribution?: { artifact?: string } }).distribution?.artifact ?? '') ||
    `oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:v${operatorVersion}`;
  const { host } = parseImage(wanted);
  return wanted.replace(`oci://${host}/`, `oci://${mirrors[host] ?? host}/`);
}
