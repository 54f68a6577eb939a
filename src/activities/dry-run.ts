/** Shows what enabling the FluxInstance would change: the operator's own build, applied as a dry run, compared field by field. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { parseAllDocuments, stringify } from 'yaml';
import { isClusterError } from '../cluster/errors.ts';
import { type LiveObject, nameOf, referenceOf } from '../cluster/objects.ts';
import { legacyManager, managersOf, operatorManager } from '../cluster/ownership.ts';
import type { EvidenceReference, Finding } from './contract.ts';
import { type Difference, differencesOf, isForeseen } from './differences.ts';
import { failure, refusal, warning } from './failure.ts';
import { parseImage } from './registry.ts';
import type { Session } from './session.ts';

export interface DryRun {
  objects: number;
  changedObjects: number;
  evidence: EvidenceReference[];
  /** One warning per object with differences that are not known to be harmless. */
  findings: Finding[];
}

export async function dryRun(session: Session, instance: LiveObject): Promise<DryRun> {
  const built = await build(session, instance);
  const compared = await Promise.all(built.map((object) => compare(session, object)));
  const changed = compared.filter(({ differences }) => differences.length > 0);
  const diff = changed.map(({ text }) => text).join('\n');
  const summary = changed.map(({ name, differences }) => ({
    object: name,
    foreseen: differences.filter((difference) => isForeseen(difference)).map(({ path: where }) => where),
    unforeseen: differences.filter((difference) => !isForeseen(difference)),
  }));
  const evidence = await Promise.all([
    session.evidence.keep('dry-run.diff', diff || 'no difference\n'),
    session.evidence.keep('dry-run.json', `${JSON.stringify(summary, undefined, 2)}\n`),
    session.evidence.keep('built.yaml', built.map((object) => `---\n${stringify(object)}`).join('')),
  ]);
  const findings = summary
    .filter(({ unforeseen }) => unforeseen.length > 0)
    .map(({ object, unforeseen }) =>
      warning(
        'dry-run',
        `${object} would change in ${unforeseen.map(describe).join('; ')}`,
        'this is not one of the differences that every adoption makes',
        'look at dry-run.diff; if it is not wanted, reject the cutover and carry it over as a patch',
      ),
    );
  return { objects: built.length, changedObjects: changed.length, evidence, findings };
}

/** What Flux Operator would apply, by its own program. The artifact holds the manifests that its image embeds. */
async function build(session: Session, instance: LiveObject): Promise<LiveObject[]> {
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

interface Comparison {
  name: string;
  differences: Difference[];
  text: string;
}

/**
 * The dry run speaks as the manager whose fields the operator takes over (pkg/ssa, ApplyCleanupOptions.FieldManagers): only so
 * does it also show what the takeover would REMOVE. An apply as flux-operator would leave the old manager's fields in place.
 */
async function compare({ cluster }: Session, object: LiveObject): Promise<Comparison> {
  const reference = referenceOf(object);
  const name = nameOf(reference);
  const live = await cluster.find(reference);
  if (!live)
    return {
      name,
      differences: [{ path: '', before: undefined, after: 'a new object' }],
      text: createTwoFilesPatch(name, name, '', stringify(object), 'live', 'adopted'),
    };
  const manager = managersOf(live).includes(`${legacyManager}:Apply`) ? legacyManager : operatorManager;
  try {
    const after = visible(await cluster.dryApply(object, manager));
    const before = visible(live);
    return {
      name,
      differences: differencesOf(before, after),
      text: createTwoFilesPatch(name, name, stringify(before), stringify(after), 'live', 'adopted'),
    };
  } catch (error) {
    if (!isClusterError(error, 'invalid')) throw error;
    return {
      name,
      differences: [{ path: '', before: undefined, after: `rejected: ${error.message}` }],
      text: `${name}: ${error.message}\n`,
    };
  }
}

/** Without what the API server keeps for itself. */
function visible(object: LiveObject): LiveObject {
  const { status: _status, metadata, ...rest } = object;
  const { managedFields: _managed, resourceVersion: _version, generation: _generation, ...kept } = metadata;
  return { ...rest, metadata: kept } as LiveObject;
}

function describe({ path: where, before, after }: Difference): string {
  const short = (value: unknown) => (value === undefined ? 'absent' : JSON.stringify(value).slice(0, 120));
  return `${where || 'the whole object'} (${short(before)} → ${short(after)})`;
}
