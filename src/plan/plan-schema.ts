/** The plan document as a schema: what `plan --json` prints, strict, and the same as the types in both directions. */
import { z } from 'zod';
import type { PhaseName } from './phases.ts';
import type { DecisionId, HazardId } from './rules/index.ts';
import type { WayBackId } from './rules/way-back.ts';
import type { Plan } from './types.ts';

const line = z.int().min(0).describe('From 1');
const place = z.strictObject({ file: z.string(), line }).describe('A place in the repository');
const reference = z
  .strictObject({ apiVersion: z.string(), kind: z.string(), namespace: z.string(), name: z.string() })
  .describe('An object; namespace is empty for cluster-scoped ones');

/** Ids are many and more come with each version, so programs should not list them: docs/rules.md does. */
const id = z.string().regex(/^[a-z]+(-[a-z]+)*$/);

const patchTarget = z.strictObject({
  group: z.string().exactOptional(),
  version: z.string().exactOptional(),
  kind: z.string().exactOptional(),
  name: z.string().exactOptional(),
  namespace: z.string().exactOptional(),
  labelSelector: z.string().exactOptional(),
  annotationSelector: z.string().exactOptional(),
});

const legacy = z.strictObject({
  shape: z.enum(['self-managed', 'bootstrap-only', 'flux-bootstrap', 'helm', 'operator', 'none', 'unknown']),
  version: z.string().describe('Flux version without a leading v; empty where Git does not tell'),
  namespace: z.string(),
  components: z.array(z.string()),
  owner: z
    .strictObject({
      kind: z.enum(['Kustomization', 'HelmRelease', 'Terraform']),
      name: z.string(),
      namespace: z.string(),
      file: z.string(),
      line,
      prune: z.boolean(),
    })
    .nullable()
    .describe("What applies Flux's own manifests, and would collect them"),
  ownerSource: z
    .strictObject({
      kind: z.enum(['OCIRepository', 'GitRepository', 'HelmRepository']),
      name: z.string(),
      namespace: z.string(),
      url: z.string(),
      ref: z.string(),
      where: place,
    })
    .nullable(),
  bootstrapPath: z.string().nullable(),
  patches: z.array(z.strictObject({ patch: z.string(), target: patchTarget.exactOptional(), where: place })),
  networkPolicies: z.boolean(),
});

const source = z.strictObject({
  kind: z.enum(['GitRepository', 'OCIRepository', 'Bucket']),
  name: z.string(),
  namespace: z.string(),
  url: z.string(),
  ref: z.string(),
  secretRef: z.string().nullable(),
  verify: z.boolean(),
  where: place,
});

const root = z.strictObject({
  name: z.string(),
  namespace: z.string(),
  path: z.string(),
  file: z.string(),
  line,
  prune: z.boolean(),
  suspend: z.boolean(),
  decryption: z.strictObject({ provider: z.string(), secretRef: z.string().nullable() }).nullable(),
  postBuild: z.boolean(),
  substituteFrom: z.array(z.strictObject({ kind: z.string(), name: z.string(), optional: z.boolean() })),
});

const target = z.strictObject({
  namespace: z.string(),
  operatorKustomization: z.string(),
  instanceKustomization: z.string(),
  operatorHelmRelease: z.string(),
  instanceHelmRelease: z.string().nullable(),
  instanceName: z.literal('flux'),
  sync: z
    .strictObject({
      source: reference,
      root: reference,
      url: z.string(),
      ref: z.string(),
      path: z.string(),
      pullSecret: z.string().nullable(),
      interval: z.string(),
    })
    .nullable()
    .describe('What spec.sync of the instance generates, and so adopts'),
  components: z.array(z.string()),
  distributionVersion: z.string(),
  parentKustomization: z.string(),
  charts: z.array(z.string()),
  images: z.array(z.string()),
});

const decision = z.strictObject({
  id: id as unknown as z.ZodType<DecisionId>,
  question: z.string(),
  answer: z.string(),
  reason: z.string(),
  alternatives: z.array(z.string()),
  where: z.array(place),
});

const phase = z.enum([
  'preflight',
  'secrets',
  'orphan',
  'operator',
  'stage',
  'adopt',
  'soak',
  'retire',
  'settle',
]) satisfies z.ZodType<PhaseName>;

const change = z
  .strictObject({
    phase,
    message: z.string(),
    files: z.array(
      z.strictObject({
        path: z.string(),
        action: z.enum(['add', 'modify', 'delete']),
        before: z.string().nullable(),
        after: z.string().nullable(),
        diff: z.string(),
      }),
    ),
    collects: z.array(reference).describe('Objects that disappear from the cluster because of this commit'),
    effects: z
      .array(
        z.strictObject({
          kustomization: reference,
          gains: z.array(reference),
          changes: z.array(reference),
          collects: z.array(reference).describe('With what is deleted because its owner is'),
          unknown: z.array(z.string()).describe('What can not be told from the repository'),
        }),
      )
      .exactOptional()
      .describe('By simulation, one entry for each Kustomization whose build the commit moves'),
  })
  .describe('One commit');

const hazard = z.strictObject({
  id: id as unknown as z.ZodType<HazardId>,
  severity: z.enum(['refuse', 'warn', 'note']),
  where: place.nullable(),
  what: z.string().min(1),
  why: z.string().min(1),
  mend: z.string().min(1),
});

const limit = z
  .strictObject({
    id: id as unknown as z.ZodType<WayBackId>,
    outcome: z
      .enum(['asks', 'lost', 'kept', 'left'])
      .describe(
        'asks: the way back stops until a person has decided; lost: it does not come back; kept: it is not taken back; left: it stays behind',
      ),
    since: phase.describe('The phase from which on it is so'),
    what: z.string().min(1),
    why: z.string().min(1),
    mend: z.string().min(1),
  })
  .describe('Something that a rollback asks about, or does not bring back by itself');

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const cluster = z.strictObject({
  name: z.string(),
  branch: z.string(),
  commit: z.string(),
  legacy,
  source: source.nullable(),
  roots: z.array(root),
  target,
  decisions: z.array(decision),
  changes: z.array(change),
  hazards: z.array(hazard),
  wayBack: z.array(limit).describe('What may not be undone automatically; not part of the digest'),
  digest: digest.describe(
    'Over content and configuration; the same on any machine, unmoved by commits elsewhere',
  ),
});

export const clusterPlanSchema = cluster;

export const planSchema = z.strictObject({
  apiVersion: z
    .literal('flux-handover/plan-v1')
    .describe('A field that is removed or changes its meaning makes a v2'),
  digest: digest.describe('Over the digests of all clusters, in order'),
  repo: z.strictObject({ url: z.string(), commit: z.string() }),
  clusters: z.array(cluster),
});

/** Identical, so that an optional field which only one of the two has is found as well. */
/* oxlint-disable typescript/no-unnecessary-type-parameters -- the parameter is what makes the compiler compare for identity */
type Same<Left, Right> =
  (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;
/* oxlint-enable typescript/no-unnecessary-type-parameters */
/** Does not compile while the schema and the type differ in a field: bring them together. */
true satisfies Same<z.output<typeof planSchema>, Plan>;
