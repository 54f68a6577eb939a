/** What the controllers' objects were before the adoption, kept in Git under the run's ref and on the cluster: the way back where no file holds it. */
import { keyOf, type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { isAppliedBy, operatorManager } from '../../cluster/ownership.ts';
import { readRef, writeRef } from '../../repo/run-ref.ts';
import type { ObjectReference } from '../../plan/types.ts';
import { WaitEnded } from '../../cluster/wait.ts';
import { putBack } from '../back/put-back.ts';
import { type Arrival, arrived, type Carrying } from '../carry.ts';
import { builtObjects } from '../operator-build.ts';
import { failure, refusal } from '../failure.ts';
import { keepOnCluster, readFromCluster } from '../kept-on-cluster.ts';
import { instanceOf } from '../planned.ts';
import type { Session } from '../session.ts';
import { controllersMissing, ownershipOf } from './controllers.ts';

/** By key; null for an object that only the adoption made. */
export type KeptObjects = Record<string, LiveObject | null>;

/** File of the run's ref for what the FluxInstance takes over. */
const adoptedFile = 'legacy-objects.json';

/** Writes down every object that the FluxInstance would take over. Once: a later attempt of the same step finds it done. */
export function keepObjects({ session, plan }: Carrying): Promise<void> {
  return keepOnce(session, adoptedFile, async () => {
    session.progress('keeping what the controllers are now');
    const instance = await session.cluster.read(instanceOf(plan));
    return (await builtObjects(session, instance)).map(referenceOf);
  });
}

/** Writes other objects down in a file of their own. Once. */
export function keepReferences(session: Session, file: string, references: ObjectReference[]): Promise<void> {
  return keepOnce(session, file, async () => references);
}

async function keepOnce(
  session: Session,
  file: string,
  list: () => Promise<ObjectReference[]>,
): Promise<void> {
  const repository = await session.repository();
  await repository.fetch();
  const files = (await readRef(repository, refOf(session))) ?? {};
  const path = pathOf(session, file);
  const before = files[path];
  if (before !== undefined) return void (await keepOnCluster(session, file, before));
  const kept: KeptObjects = {};
  for (const reference of await list()) {
    const live = await session.cluster.find(reference);
    if (live && isAppliedBy(live, operatorManager)) throw tooLate(nameOf(reference));
    kept[keyOf(reference)] = live && withoutStatus(live);
  }
  const text = `${JSON.stringify(kept)}\n`;
  await writeRef({
    repository,
    ref: refOf(session),
    files: { ...files, [path]: text },
    author: session.input.config.repository.author,
  });
  await keepOnCluster(session, file, text);
}

/** From the cluster, else from Git, as far as possible without asking the remote. @throws NotReady when nothing was kept */
export async function keptObjects(session: Session, file = adoptedFile): Promise<KeptObjects> {
  const text = (await readFromCluster(session, file)) ?? (await readFromGit(session, file));
  if (text !== undefined) return JSON.parse(text) as KeptObjects;
  throw failure('NotReady', [
    refusal(
      'kept-missing',
      `${refOf(session)} does not hold ${pathOf(session, file)}`,
      'nothing else says what the controllers were before the adoption',
      'was the ref deleted? push it again from another clone, or apply the bootstrap folder by hand (kubectl apply --server-side --force-conflicts -k), then retry',
    ),
  ]);
}

async function readFromGit(session: Session, file: string): Promise<string | undefined> {
  const repository = await session.repository();
  const read = async () => (await readRef(repository, refOf(session)))?.[pathOf(session, file)];
  // Once written it never changes.
  const known = await read();
  if (known !== undefined) return known;
  await repository.fetch();
  return read();
}

/** Makes each object what was kept of it. @returns why some could not be, one line each; safe to repeat */
export async function handOverAsKept(
  { session }: Pick<Carrying, 'session'>,
  objects: ObjectReference[],
): Promise<string[]> {
  if (objects.length === 0) return [];
  const kept = await keptObjects(session);
  const results = await Promise.all(objects.map((reference) => putBack(session, reference, kept)));
  return results.filter((result) => result !== null);
}

/**
 * Waits until the controllers run, and looks whether every object that was kept has its owner again.
 * @param owner who that is, for a person
 * @throws WaitEnded
 */
export async function ownedAsKept(
  undo: Arrival,
  objects: ObjectReference[],
  owner: string,
  missingFor: (object: LiveObject) => string[],
): Promise<void> {
  await arrived(undo, () => controllersMissing(undo) ?? { value: true });
  const kept = await keptObjects(undo.session);
  const before = objects.filter((reference) => kept[keyOf(reference)]);
  const { ownership } = await ownershipOf(undo.session, before, missingFor);
  if (ownership.length === 0) return;
  const wrong = ownership.map(({ object, missing }) => `${object}: ${missing.join(', ')}`);
  throw new WaitEnded(`${owner} to own ${wrong.slice(0, 5).join('; ')}`, false);
}

function withoutStatus({ status: _status, ...object }: LiveObject): LiveObject {
  return object;
}

function tooLate(name: string): Error {
  return failure('Refused', [
    refusal(
      'kept-too-late',
      `${name} is owned by Flux Operator already`,
      'what it was before can not be written down any more, so there would be no way back',
      'abandon the run; the cluster stays as it is',
    ),
  ]);
}

function refOf({ input }: Session): string {
  return `refs/handover/${input.run}`;
}

function pathOf({ input }: Session, file: string): string {
  return `${input.cluster}/${file}`;
}
