/**
 * What a line of the tree of environments is, and what decides which lines there are.
 */
import type { Environment, Job, Package } from '../api';
import type { IReading } from '../packages/model';
import type { Group } from './filter';

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

export function environmentKey(id: string): string {
  return `env:${id}`;
}

export function partKey(id: string, part: Part): string {
  return `part:${part}:${id}`;
}

export function groupKey(group: Group): string {
  return `group:${group}`;
}
