/** Old API versions in which objects are still stored: the CRDs of a later Flux can not be applied over them. Pure. */
import { field, listField, type LiveObject, textField } from '../../cluster/objects.ts';
import { goneAt } from '../../plan/surroundings/served-apis.ts';
import type { Finding } from '../contract.ts';
import { note, refusal } from '../failure.ts';

/**
 * @param definitions Flux's CRDs; @param version the Flux version that is adopted
 * @see https://github.com/fluxcd/flux2/issues/5598
 */
export function judgeStoredVersions(definitions: LiveObject[], version: string): Finding[] {
  return definitions.flatMap((definition): Finding[] => {
    const group = textField(definition, 'spec', 'group') ?? '';
    const stored = listField(definition, 'status', 'storedVersions').map(String);
    const defined = listField(definition, 'spec', 'versions').map((each) => textField(each, 'name') ?? '');
    const storage = listField(definition, 'spec', 'versions').find((each) => field(each, 'storage') === true);
    const current = textField(storage, 'name') ?? '';
    const blocking = stored.filter((each) => !defined.includes(each) || goneAt(`${group}/${each}`, version));
    const migrate = 'flux migrate writes every object anew in the current version and clears the list';
    if (blocking.length > 0)
      return [
        refusal(
          'stored-versions',
          `CRD ${definition.metadata.name} still lists ${blocking.join(', ')} among its stored versions`,
          `Flux ${version} does not define it any more, so the API server refuses the CRD and adoption stops half-way`,
          migrate,
        ),
      ];
    const old = stored.filter((each) => each !== current);
    return old.length === 0
      ? []
      : [
          note(
            'stored-versions',
            `CRD ${definition.metadata.name} still lists ${old.join(', ')} among its stored versions`,
            'adoption at the same version does not mind; a later upgrade may',
            migrate,
          ),
        ];
  });
}
