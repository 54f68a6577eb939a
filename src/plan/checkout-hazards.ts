/** Says where a working copy that was planned from differs from what the clusters see. Notes: they move no digest. */
import type { ClusterConfig } from '../config/schema.ts';
import { localFolder, type Checkout } from '../repo/checkout.ts';
import { folderPath } from '../repo/kustomize-build.ts';
import { isBelow } from '../repo/snapshot.ts';
import { note, refuse } from './hazard.ts';
import { sameRepository } from './source.ts';
import type { ClusterPlan, Hazard } from './types.ts';

/** @param url `repository.url` as configured */
export async function checkoutHazards(
  checkout: Checkout,
  { name, branch }: ClusterPlan,
  clusters: ClusterConfig[],
  url: string,
): Promise<Hazard[]> {
  const hazards: Hazard[] = [];
  const folder = folderPath(clusters.find((each) => each.name === name)?.path ?? '');
  const uncommitted = checkout.uncommitted.filter(
    (path) => (isBelow(path, folder) || isBelow(folder, path.replace(/\/$/, ''))) && !isOurs(path),
  );
  if (checkout.current === branch && uncommitted[0])
    hazards.push(
      note(
        'checkout-uncommitted',
        { file: uncommitted[0], line: 1 },
        {
          what: `${checkout.directory} has changes that are not committed: ${named(uncommitted)}`,
          why: `They are not part of this plan, and the cluster does not see them`,
          mend: 'Commit and push them, or take them back, before you start',
        },
      ),
    );
  const comparison = await checkout.comparison(branch);
  if (comparison)
    hazards.push(
      note('checkout-differs', null, {
        what: `In ${checkout.directory} the branch ${branch} is ${comparison.ahead} commits ahead of its remote and ${comparison.behind} behind`,
        why:
          comparison.ahead === 0
            ? 'The plan was made from what was last fetched, not from the local branch'
            : 'The plan was made from the local branch, which the cluster does not follow',
        mend: 'git pull and git push, then plan again; start plans from the remote in any case',
      }),
    );
  const isFolder = localFolder(url) !== null;
  if (!isFolder && checkout.origin !== null && !sameRepository(checkout.origin, url))
    hazards.push(
      refuse('checkout-elsewhere', null, {
        what: `${checkout.directory} is a clone of ${checkout.origin}, but repository.url is ${url}`,
        why: 'The plan shows one repository, and the commits would go to another one',
        mend: 'Remove repository.checkout, or name a clone of repository.url',
      }),
    );
  if (isFolder)
    hazards.push(
      note('repository-local', null, {
        what: `repository.url is the folder ${url}`,
        why: 'A plan can be made from it, but no cluster follows a folder: start refuses it',
        mend: `Set repository.url to ${checkout.origin ?? 'the URL that the clusters read'}, and repository.checkout to the folder`,
      }),
    );
  return hazards;
}

/** What this tool itself leaves in the working copy. */
function isOurs(path: string): boolean {
  return /(^|\/)(handover\.yaml|\.handover\/.*)$/.test(path);
}

function named(paths: string[]): string {
  const shown = paths.slice(0, 3).join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}
