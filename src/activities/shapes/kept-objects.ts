/** What the controllers' objects were before the adoption, kept in Git under the run's ref: the way back where no file holds it. */
import { keyOf, type LiveObject, nameOf, referenceOf } from '../../cluster/objects.ts';
import { isAppliedBy, operatorManager } from '../../cluster/ownership.ts';
import { readRef, writeRef } from '../../repo/run-ref.ts';
import type { Carrying } from '../carry.ts';
import { builtObjects } from '../operator-build.ts';
import { failure, refusal } from '../failure.ts';
import { flux, type Session } from '../session.ts';

/** By key; null for an object that only the adoption made. */
export type KeptObjects = Record<string, LiveObject | null>;

/** Writes down every object that the FluxInstance would take over. Once: a later attempt of the same step finds it done. */
export async function keepObjects({ session, plan }: Carrying): Promise<void> {
  const repository = await session.repository();
  await repository.fetch();
  const files = (await readRef(repository, refOf(session))) ?? {};
  if (files[fileOf(session)] !== undefined) return;
  session.progress('keeping what the controllers are now');
  const { cluster } = session;
  const instance = await cluster.read(flux.instance(plan.target.namespace, plan.target.instanceName));
  const built = (await builtObjects(session, instance)).map(referenceOf);
  const kept: KeptObjects = {};
  for (const reference of built) {
    const live = await cluster.find(reference);
    if (live && isAppliedBy(live, operatorManager)) throw tooLate(nameOf(reference));
    kept[keyOf(reference)] = live && withoutStatus(live);
  }
  await writeRef({
    repository,
    ref: refOf(session),
    files: { ...files, [fileOf(session)]: `${JSON.stringify(kept)}\n` },
    author: session.input.config.repository.author,
  });
}

/** @throws NotReady when nothing was kept */
export async function keptObjects(session: Session): Promise<KeptObjects> {
  const repository = await session.repository();
  await repository.fetch();
  const text = (await readRef(repository, refOf(session)))?.[fileOf(session)];
  if (text !== undefined) return JSON.parse(text) as KeptObjects;
  throw failure('NotReady', [
    refusal(
      'kept-missing',
      `${refOf(session)} does not hold ${fileOf(session)}`,
      'nothing else says what the controllers were before the adoption',
      'was the ref deleted? push it again from another clone, or apply the bootstrap folder by hand (kubectl apply --server-side --force-conflicts -k), then retry',
    ),
  ]);
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

function fileOf({ input }: Session): string {
  return `${input.cluster}/legacy-objects.json`;
}
