/** Repositories that are rendered from templates, and placeholders that nobody filled in. */
import { isBelow } from '../../repo/snapshot.ts';
import { refuse, warn } from '../hazard.ts';
import type { Scene } from '../scene.ts';
import type { PlannedParts } from '../shapes/planner.ts';
import type { Hazard, Place } from '../types.ts';

/** Jinja, ERB and Go templates, and the usual words for "write yours here". `${…}` is Flux's own substitution. */
const placeholder =
  /\{\{.*\}\}|<%.*%>|\{%.*%\}|\bCHANGE_?ME\b|<(your|my)[-_ ]|\bYOUR[-_]|example\.(com|org)\/(your|my)/i;

export function templateHazards(scene: Scene, parts: PlannedParts): Hazard[] {
  return [...placeholders(parts), ...renderedFrom(scene)];
}

function placeholders({ source, roots, legacy }: PlannedParts): Hazard[] {
  const fields: [name: string, value: string, where: Place][] = [
    ...(source
      ? ([
          ['the URL of the Git source', source.url, source.where],
          ['the branch of the Git source', source.ref, source.where],
        ] as [string, string, Place][])
      : []),
    ...roots.map(({ name, path, file, line }): [string, string, Place] => [
      `the path of ${name}`,
      path,
      { file, line },
    ]),
    ...(legacy.ownerSource
      ? [
          ['the URL of the source of Flux', legacy.ownerSource.url, legacy.ownerSource.where] as [
            string,
            string,
            Place,
          ],
        ]
      : []),
  ];
  return fields
    .filter(([, value]) => placeholder.test(value))
    .map(([name, value, where]) =>
      refuse('placeholder-left', where, {
        what: `${name} is a placeholder: ${value}`,
        why: 'This is a template, not what a cluster follows; a plan made from it is nobody’s plan',
        mend: 'Plan the repository that was rendered from it',
      }),
    );
}

/** Where a template renders a file of the cluster, the next rendering would undo the handover. */
function renderedFrom({ tree, folder }: Scene): Hazard[] {
  const paths = tree.paths();
  const known = new Set(paths);
  const template = paths.find((path) => {
    const match = /(?:^|.*\/)templates?\/(?:config\/)?(.+)\.(?:j2|jinja2?|tmpl|erb)$/.exec(path);
    const rendered = match?.[1];
    return rendered !== undefined && known.has(rendered) && isBelow(rendered, folder);
  });
  const settings = paths.find((path) =>
    /^(makejinja\.toml|\.copier-answers\.ya?ml|cookiecutter\.json)$/.test(path),
  );
  const found =
    template ?? (settings && paths.some((path) => /^templates?\//.test(path)) ? settings : undefined);
  if (found === undefined) return [];
  return [
    warn(
      'rendered-from-template',
      { file: found, line: 1 },
      {
        what: `Files of ${folder} are rendered from templates: ${found}`,
        why: 'The next rendering would write the old files back and undo the handover on the cluster',
        mend: 'Make the same changes in the templates (or retire them) before they are rendered again',
      },
    ),
  ];
}
