/**
 * The list of environments as the lines of a tree: filtered, grouped, opened where it is open.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Environment } from '../api';
import { type Group, groupOf, inOrder, matches } from './filter';
import { addInside } from './inside';
import {
  environmentKey,
  groupKey,
  type ISource,
  type IView,
  type Line
} from './line';

/**
 * All lines, from top to bottom.
 */
export function linesOf(
  source: ISource,
  view: IView,
  trans: TranslationBundle
): readonly Line[] {
  const groups: Record<Group, Environment[]> = {
    own: [],
    found: [],
    others: []
  };
  for (const environment of source.environments) {
    const packages = source.packagesOf(environment.id).value;
    if (matches(environment, view.query, trans, packages)) {
      groups[groupOf(environment)].push(environment);
    }
  }
  const folded = (['found', 'others'] as const).filter(
    group => groups[group].length > 0 && (group === 'found' || view.showOthers)
  );
  const own = inOrder(groups.own);
  const lines: Line[] = [];
  const top = own.length + folded.length;
  own.forEach((environment, index) => {
    addEnvironment(lines, source, view, environment, null, 1, index + 1, top);
  });
  folded.forEach((group, index) => {
    const key = groupKey(group);
    // What a search found is shown, wherever it is.
    const expanded = view.query.trim() !== '' || view.expanded.has(key);
    const members = inOrder(groups[group]);
    lines.push({
      kind: 'group',
      key,
      group,
      level: 1,
      parent: null,
      expanded,
      position: own.length + index + 1,
      siblings: top,
      count: members.length
    });
    if (expanded) {
      members.forEach((environment, place) => {
        addEnvironment(
          lines,
          source,
          view,
          environment,
          key,
          2,
          place + 1,
          members.length
        );
      });
    }
  });
  return lines;
}

function addEnvironment(
  lines: Line[],
  source: ISource,
  view: IView,
  environment: Environment,
  parent: string | null,
  level: number,
  position: number,
  siblings: number
): void {
  const key = environmentKey(environment.id);
  const expanded = view.expanded.has(key);
  const job = source.jobOf(environment.id);
  lines.push({
    kind: 'environment',
    key,
    environment,
    job,
    level,
    parent,
    expanded,
    position,
    siblings
  });
  if (expanded) {
    addInside(lines, source, view, environment, level + 1);
  }
}
