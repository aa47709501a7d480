/**
 * What is wrong with a field as far as that can be told without asking the server.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Environment, LocationStatus } from '../api';
import { type Field, type IDraft, parseLabels, parseVariables } from './draft';
import { whyNotName } from './name';

/** What is there already. */
export interface IAround {
  readonly environments: readonly Environment[];
  readonly locations: readonly LocationStatus[];
}

/**
 * What is wrong with a field; empty if nothing is, or if only the server can tell.
 */
export function whyNot(
  field: Field,
  draft: IDraft,
  around: IAround,
  trans: TranslationBundle
): string {
  if (field === 'name') {
    const why = whyNotName(draft.name.trim(), trans);
    return why === '' && isTaken(draft, around)
      ? trans.__('The name is taken.')
      : why;
  }
  if (field === 'labels') {
    const { wrong } = parseLabels(draft.labels);
    return wrong.length > 0
      ? trans.__('Write key=value; not: %1', wrong.join(' '))
      : '';
  }
  if (field === 'variables' && draft.manager === 'conda') {
    const { wrong } = parseVariables(draft.variables);
    return wrong.length > 0
      ? trans.__('Write NAME=value; not: %1', wrong.join(' '))
      : '';
  }
  return '';
}

function isTaken(draft: IDraft, around: IAround): boolean {
  const standard = around.locations.find(location => location.default)?.name;
  const location = draft.location || standard;
  return around.environments.some(
    environment =>
      environment.managed &&
      environment.name === draft.name.trim() &&
      // A dead attempt gives its name to the next one.
      environment.status !== 'failed' &&
      (location === undefined || environment.location === location)
  );
}
