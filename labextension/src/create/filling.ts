/**
 * What a recognised text fills into a form, and what stood there before.
 */
import type { Interpreter, Recognition } from '../api';
import type { Field, IDraft } from './draft';
import { pythonOf } from './python';

/** Some fields of a form. */
export type Fields = Partial<IDraft>;

/**
 * The fields that a text decides: the manager, and those that nobody has filled in.
 *
 * @param filled - What earlier texts have filled in, which nobody has changed since.
 * @param kept - The kind of text for which somebody took the manager's change back.
 * @param touched - What somebody has changed by hand.
 */
export function fillingOf(
  found: Recognition,
  draft: IDraft,
  interpreters: readonly Interpreter[],
  filled: Fields,
  kept: string,
  touched: ReadonlySet<Field>
): Fields {
  const fields: { -readonly [F in Field]?: IDraft[F] } = {};
  const isFree = (field: Field) =>
    draft[field] === '' || draft[field] === filled[field];
  if (found.kind === kept && found.manager !== draft.manager) {
    return fields;
  }
  const isPlain = found.kind === 'requirements' || found.kind === 'conda-specs';
  if (
    found.manager !== null &&
    found.manager !== draft.manager &&
    // A list of plain names is as good for conda as for pip, unless another text chose conda.
    (found.kind !== 'requirements' || filled.manager === draft.manager)
  ) {
    fields.manager = found.manager;
  }
  if (isPlain && found.channels.length === 0) {
    return fields;
  }
  const isConda = (fields.manager ?? draft.manager) === 'conda';
  if (isConda && found.channels.length > 0 && isFree('channels')) {
    fields.channels = found.channels.join('\n');
  }
  if (/^\d+\.\d+$/.test(found.python)) {
    const here = interpreters.find(item =>
      item.version.startsWith(`${found.python}.`)
    );
    if (isConda && isFree('condaPython')) {
      fields.condaPython = found.python;
    } else if (!isConda && here && !touched.has('python')) {
      fields.python = pythonOf(here);
    }
  }
  if (found.name !== '' && isFree('name')) {
    fields.name = found.name;
  }
  return fields;
}

/**
 * Those of some fields that would change a form.
 */
export function changesOf(fields: Fields, draft: IDraft): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([field, value]) => draft[field as Field] !== value
    )
  );
}

/**
 * What stands in a form in the place of some fields.
 */
export function before(fields: Fields, draft: IDraft): Fields {
  return Object.fromEntries(
    Object.keys(fields).map(field => [field, draft[field as Field]])
  );
}
