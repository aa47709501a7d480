/**
 * Which environments a query fits, and where and in which order they are shown.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Environment, Package } from '../api';
import { kindWord, nameOf, statusWord } from '../text/words';

/** The groups that environments come in. */
export type Group = 'own' | 'found' | 'others';

/**
 * The group that an environment is shown in.
 */
export function groupOf(environment: Environment): Group {
  if (environment.kind === 'interpreter') {
    return 'others';
  }
  return environment.managed || environment.kind === 'image' ? 'own' : 'found';
}

/**
 * Whether every word of a query is found in what is known of an environment.
 */
export function matches(
  environment: Environment,
  query: string,
  trans: TranslationBundle,
  packages: readonly Package[] | null = null
): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return true;
  }
  const labels = Object.entries(environment.labels);
  const text = [
    environment.name,
    environment.display_name,
    `python ${environment.python}`,
    environment.manager ?? '',
    environment.kind,
    environment.engine,
    environment.status,
    statusWord(environment, trans),
    kindWord(environment, trans),
    environment.remarks,
    environment.location ?? '',
    ...environment.asked_for,
    ...labels.map(([key, value]) => `${key}=${value} ${key}:${value}`),
    ...environment.kernels.map(kernel => kernel.display_name),
    ...(packages ?? []).map(item => item.name)
  ]
    .join('\n')
    .toLowerCase();
  return words.every(word => text.includes(word));
}

/**
 * The order of a group: own ones by name with the image last, the rest by name.
 */
export function inOrder(environments: readonly Environment[]): Environment[] {
  const rank = (e: Environment) => (e.kind === 'image' ? 1 : 0);
  return [...environments].sort(
    (a, b) => rank(a) - rank(b) || COLLATOR.compare(nameOf(a), nameOf(b))
  );
}

const COLLATOR = new Intl.Collator(undefined, { numeric: true });
