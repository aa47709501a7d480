/**
 * What is wrong with the fields of a form, whoever has found it: the form itself, the server that
 * was asked what would happen, or the one that has read the text.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Recognition } from '../api';
import type { Field, IDraft } from './draft';
import type { Opinion } from './opinion';
import { type IAround, whyNot } from './whynot';

/**
 * What is wrong with one field.
 */
export interface IFieldProblem {
  readonly text: string;
  readonly line: number | null;
  readonly column?: number | null;
}

/** What tells of problems. */
export interface IWitnesses {
  readonly draft: IDraft;
  readonly around: IAround;
  readonly opinion: Opinion;
  readonly recognised: Recognition | null;
  readonly trans: TranslationBundle;
}

/**
 * What is wrong with a field.
 */
export function problemsOf(
  field: Field,
  witnesses: IWitnesses
): readonly IFieldProblem[] {
  const { draft, around, opinion, recognised, trans } = witnesses;
  const own = whyNot(field, draft, around, trans);
  if (own !== '') {
    return [{ text: own, line: null }];
  }
  const { manager } = draft;
  const objections = opinion.about(field, manager);
  const isRead = field === 'requirements' && objections.length === 0;
  const found = isRead ? recognised : null;
  const errors = found?.manager === manager ? found.errors : objections;
  return errors.map(error => ({
    text: error.detail,
    line: error.line,
    column: error.column
  }));
}

/**
 * Why nothing can be created now; empty if it can.
 */
export function whyBlocked(witnesses: IWitnesses): string {
  const { draft, trans } = witnesses;
  for (const field of Object.keys(draft) as Field[]) {
    const [first] = problemsOf(field, witnesses);
    if (first) {
      return first.line === null
        ? first.text
        : trans.__('Line %1: %2', first.line, first.text);
    }
  }
  return '';
}
