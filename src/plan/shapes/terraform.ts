/** Terraform that bootstraps Flux: while it is in the state, a destroy or a changed plan takes the CRDs with it. */
import { refuse } from '../hazard.ts';
import type { Scene } from '../scene.ts';
import type { Hazard } from '../types.ts';
import type { DetectedShape } from './detect.ts';

/** For every shape: what Terraform wrote looks like flux bootstrap, and is left behind by a finished move, too. */
export function terraformHazards({ folder, kustomizations }: Scene, { found }: DetectedShape): Hazard[] {
  const roots = kustomizations.map((one) => one.folder);
  return found.terraform
    .filter(({ path }) => path === null || path === folder || roots.includes(path))
    .map(({ where, resource, path }) =>
      refuse('terraform-owns-flux', where, {
        what: `Terraform has ${resource}${path === null ? ', for a path that is not written out' : ` for ${path}`}`,
        why: 'It goes on owning Flux: its next apply writes gotk-components.yaml again, and a destroy deletes the controllers and the CRDs with every Flux object',
        mend: mend(resource),
      }),
    );
}

function mend(resource: string): string {
  if (resource.startsWith('flux_bootstrap_git.'))
    return `Where the state is kept: terraform state list | grep ${resource.split('.')[0]}, then terraform state rm '${resource}' (with its module in front, as listed), then delete the block (or write removed { from = ${resource} lifecycle { destroy = false } }), see that terraform plan shows no change for it, commit, and plan again`;
  return `Where the state is kept: terraform state list | grep -E 'kubectl_manifest|kubernetes_manifest|github_repository_file', then terraform state rm for each one that comes from ${resource}, then delete these blocks, see that terraform plan destroys nothing, commit, and plan again`;
}
