/**
 * The list of environments as the lines of a tree: filtered, grouped, opened where it is open.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Environment, Job, Package } from '../api';
import { searchPackages, type IReading } from '../packages/model';
import { type Group, groupOf, inOrder, matches } from './filter';
import { askedFor } from './asked';

/** The parts of an environment that can be opened. */
export type Part = 'details' | 'asked' | 'all';

interface ILine {
  /** Names the line as long as it exists. */
  readonly key: string;
  /** The depth in the tree, from 1. */
  readonly level: number;
  /** Whether it is open; null where there is nothing to open. */
  readonly expanded: boolean | null;
  /** The line that this one is below. */
  readonly parent: string | null;
  /** The place among its siblings, from 1, and how many they are. */
  readonly position: number;
  readonly siblings: number;
}

interface IGroupLine extends ILine {
  readonly kind: 'group';
  readonly group: Group;
  readonly count: number;
}

interface IEnvironmentLine extends ILine {
  readonly kind: 'environment';
  readonly environment: Environment;
  readonly job: Job | undefined;
}

interface ISummaryLine extends ILine {
  readonly kind: 'summary' | 'facts';
  readonly environment: Environment;
}

interface IPartLine extends ILine {
  readonly kind: 'part';
  readonly part: Part;
  readonly environment: Environment;
  readonly count: number | null;
}

interface ISearchLine extends ILine {
  readonly kind: 'search';
  readonly environment: Environment;
  readonly found: number;
}

interface IPackageLine extends ILine {
  readonly kind: 'package';
  readonly environment: Environment;
  readonly package: Package;
}

interface INoteLine extends ILine {
  readonly kind: 'note';
  readonly environment: Environment;
  readonly reading: IReading<readonly Package[]>;
  /** What was searched for in vain. */
  readonly query: string;
}

/** One line of the tree. */
export type Line =
  | IGroupLine
  | IEnvironmentLine
  | ISummaryLine
  | IPartLine
  | ISearchLine
  | IPackageLine
  | INoteLine;

/** What decides which lines there are. */
export interface IView {
  readonly query: string;
  readonly expanded: ReadonlySet<string>;
  /** Searches within the packages, by environment. */
  readonly searches: ReadonlyMap<string, string>;
  readonly showOthers: boolean;
}

/** What the lines are made from. */
export interface ISource {
  readonly environments: readonly Environment[];
  jobOf(id: string): Job | undefined;
  packagesOf(id: string): IReading<readonly Package[]>;
}

/** Lists longer than this have a search of their own. */
const SEARCHED = 12;

export function environmentKey(id: string): string {
  return `env:${id}`;
}

export function partKey(id: string, part: Part): string {
  return `part:${part}:${id}`;
}

export function groupKey(group: Group): string {
  return `group:${group}`;
}

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

function addInside(
  lines: Line[],
  source: ISource,
  view: IView,
  environment: Environment,
  level: number
): void {
  const { id } = environment;
  const parent = environmentKey(id);
  const hasPackages = canHavePackages(environment);
  const hasAsked = environment.asked_for.length > 0;
  const siblings = 2 + (hasPackages ? 1 : 0) + (hasAsked ? 1 : 0);
  let position = 1;
  lines.push({
    kind: 'summary',
    key: `summary:${id}`,
    environment,
    level,
    parent,
    expanded: null,
    position,
    siblings
  });
  const parts: Part[] = [];
  if (hasAsked) {
    parts.push('asked');
  }
  if (hasPackages) {
    parts.push('all');
  }
  parts.push('details');
  for (const part of parts) {
    position += 1;
    const key = partKey(id, part);
    const expanded = view.expanded.has(key);
    lines.push({
      kind: 'part',
      part,
      key,
      environment,
      level,
      parent,
      expanded,
      position,
      siblings,
      count: countOf(part, environment, source.packagesOf(id))
    });
    if (expanded) {
      addPart(lines, source, view, environment, part, level + 1);
    }
  }
}

function canHavePackages(environment: Environment): boolean {
  return environment.status !== 'creating' && environment.status !== 'failed';
}

function countOf(
  part: Part,
  environment: Environment,
  reading: IReading<readonly Package[]>
): number | null {
  switch (part) {
    case 'asked':
      return environment.asked_for.length;
    case 'all':
      return reading.value?.length ?? environment.package_count;
    default:
      return null;
  }
}

function addPart(
  lines: Line[],
  source: ISource,
  view: IView,
  environment: Environment,
  part: Part,
  level: number
): void {
  const { id } = environment;
  const parent = partKey(id, part);
  const below = { environment, level, parent, expanded: null };
  if (part === 'details') {
    lines.push({
      ...below,
      kind: 'facts',
      key: `facts:${id}`,
      position: 1,
      siblings: 1
    });
    return;
  }
  if (part === 'asked') {
    const items = askedFor(environment, source.packagesOf(id).value);
    items.forEach((item, index) => {
      lines.push({
        ...below,
        kind: 'package',
        key: `asked:${index}:${id}`,
        package: item,
        position: index + 1,
        siblings: items.length
      });
    });
    return;
  }
  const reading = source.packagesOf(id);
  const all = reading.value ?? [];
  const query = view.searches.get(id) ?? '';
  const found = searchPackages(all, query);
  const hasSearch = all.length > SEARCHED;
  const hasNote = found.length === 0;
  const siblings = found.length + (hasSearch ? 1 : 0) + (hasNote ? 1 : 0);
  let position = 0;
  if (hasSearch) {
    position += 1;
    lines.push({
      ...below,
      kind: 'search',
      key: `search:${id}`,
      found: found.length,
      position,
      siblings
    });
  }
  if (hasNote) {
    lines.push({
      ...below,
      kind: 'note',
      key: `note:${id}`,
      reading,
      query,
      position: position + 1,
      siblings
    });
  }
  for (const item of found) {
    position += 1;
    lines.push({
      ...below,
      kind: 'package',
      key: `package:${item.name}:${item.path}:${id}`,
      package: item,
      position,
      siblings
    });
  }
}
