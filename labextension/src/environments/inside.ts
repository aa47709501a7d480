/**
 * The lines below an environment that is open: its summary, its packages, its details.
 */
import type { Environment, Package } from '../api';
import { type IReading, searchPackages } from '../packages/model';
import { askedFor } from './asked';
import {
  environmentKey,
  type ISource,
  type IView,
  type Line,
  type Part,
  partKey
} from './line';

/** Lists longer than this have a search of their own. */
const SEARCHED = 12;

/**
 * Add what is shown below an environment.
 */
export function addInside(
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
