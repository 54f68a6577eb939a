/** First aid that is asked for twice, undone, or in force already. */
import { describe, expect, test } from 'vitest';
import { keyOf, type LiveObject, referenceOf } from '../../cluster/objects.ts';
import { aidMark, beforeOf, scalingOf, shieldMark, suspensionOf } from './aid-mark.ts';
import { isOutstanding, mergedAids } from './aids.ts';
import type { Aid, Suspension } from './fault.ts';

const owner = (spec: object, annotations: Record<string, string> = {}): LiveObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { namespace: 'flux-system', name: 'flux', uid: 'u', resourceVersion: '1', annotations },
  spec,
});
const suspend = (wish: Pick<Suspension, 'keep' | 'shield'>) =>
  ({ do: 'suspend', object: referenceOf(owner({})), ...wish }) as const;
const strict = suspend({ keep: true, shield: true });
const mild = suspend({});
const orphaned = { suspend: true, prune: false, deletionPolicy: 'Orphan' };
const patched = (live: LiveObject, patch: ReturnType<typeof suspensionOf>): LiveObject => {
  const { metadata, spec } = patch as { metadata: Pick<LiveObject['metadata'], 'annotations'>; spec: object };
  return {
    ...live,
    metadata: { ...live.metadata, annotations: { ...live.metadata.annotations, ...metadata.annotations } },
    spec: { ...(live.spec as object), ...spec },
  };
};

describe('a suspension', () => {
  test('is in force once it was given, and is given again whatever of it was undone', () => {
    const given = patched(owner({ suspend: false, prune: true }), suspensionOf(owner({}), strict));
    expect(given.spec).toEqual(orphaned);
    expect(suspensionOf(given, strict)).toBeNull();
    for (const undone of [{ suspend: false }, { prune: true }, { deletionPolicy: 'Delete' }]) {
      const again = suspensionOf(owner({ ...orphaned, ...undone }, given.metadata.annotations), strict);
      expect(again).toMatchObject({ spec: orphaned });
    }
    const bare = owner(orphaned, { [aidMark]: given.metadata.annotations?.[aidMark] ?? '' });
    expect(suspensionOf(bare, strict)).toMatchObject({
      metadata: { annotations: { [shieldMark]: 'disabled' } },
    });
  });

  test('that is undone still knows what was there before the first one', () => {
    const given = patched(owner({ suspend: false }), suspensionOf(owner({ suspend: false }), mild));
    const resumed = owner({ suspend: false }, given.metadata.annotations);
    const again = patched(resumed, suspensionOf(resumed, mild));
    expect(beforeOf(again)).toEqual({ suspend: false });
    const stricter = patched(again, suspensionOf(again, strict));
    expect(beforeOf(stricter)).toEqual({ suspend: 'keep', shield: true });
    expect(stricter.spec).toEqual(orphaned);
    expect(suspensionOf(stricter, mild)).toBeNull();
  });

  test('by somebody else is left as it is', () => {
    expect(suspensionOf(owner({ suspend: true }), mild)).toBeNull();
    expect(suspensionOf(owner({ suspend: true }), strict)).not.toBeNull();
  });
});

test('a Deployment is scaled down again, and shielded then where a Kustomization applies it', () => {
  const labels = { 'kustomize.toolkit.fluxcd.io/name': 'apps' };
  const running = (annotations = {}, at = labels): LiveObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      namespace: 'other',
      name: 'source-controller',
      uid: 'u',
      resourceVersion: '1',
      labels: at,
      annotations,
    },
    spec: { replicas: 2 },
  });
  const given = patched(running(), scalingOf(running()));
  expect(given.spec).toEqual({ replicas: 0 });
  expect(given.metadata.annotations).not.toHaveProperty([shieldMark]);
  expect(scalingOf(given)).toBeNull();
  const undone = running(given.metadata.annotations);
  const again = patched(undone, scalingOf(undone));
  expect(again.metadata.annotations).toHaveProperty([shieldMark], 'disabled');
  expect(beforeOf(again)).toEqual({ replicas: 2, shield: true });
  const byHand = running(given.metadata.annotations, {} as typeof labels);
  expect(patched(byHand, scalingOf(byHand)).metadata.annotations).not.toHaveProperty([shieldMark]);
});

test('what many faults ask for is done once, as strictly as any of them asks', () => {
  const merged = [...mergedAids([mild, strict, mild, suspend({ shield: true })]).values()];
  expect(merged).toEqual([strict]);
  const stop: Aid = { do: 'scale-down', object: strict.object };
  expect(mergedAids([mild, stop]).size).toBe(2);
});

test('aid is outstanding only while the object lacks it', () => {
  const seen = (...objects: LiveObject[]) => new Map(objects.map((each) => [keyOf(referenceOf(each)), each]));
  expect(isOutstanding(mild, seen(owner({})))).toBe(true);
  expect(isOutstanding(mild, seen(owner({ suspend: true })))).toBe(false);
  expect(isOutstanding(mild, seen())).toBe(false);
  const disable: Aid = { do: 'disable-instance', object: strict.object };
  expect(isOutstanding(disable, seen(owner({})))).toBe(true);
  expect(isOutstanding(disable, seen())).toBe(false);
});
