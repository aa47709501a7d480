/**
 * What a person has opened, filtered and chosen in the list of environments.
 */
import { type ISignal, Signal } from '@lumino/signaling';

import { environmentKey, groupKey, type IView, partKey } from './line';

/**
 * The state of the list that belongs to this window only.
 */
export class EnvironmentsView implements IView {
  get query(): string {
    return this._query;
  }

  get expanded(): ReadonlySet<string> {
    return this._expanded;
  }

  get searches(): ReadonlyMap<string, string> {
    return this._searches;
  }

  get showOthers(): boolean {
    return this._showOthers;
  }
  set showOthers(show: boolean) {
    if (show !== this._showOthers) {
      this._showOthers = show;
      this._changed.emit();
    }
  }

  /** The key of the line that has, or would get, the focus. */
  get current(): string | null {
    return this._current;
  }

  /** The id of the environment that the current line belongs to. */
  get environment(): string | null {
    return this._environment;
  }

  /** The name of the package that the current line is about, if it is about one. */
  get package(): string | null {
    return this._package;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when the keyboard's focus should go to the filter or to the current line. */
  get focusRequested(): ISignal<this, 'filter' | 'line'> {
    return this._focusRequested;
  }

  /**
   * Show only what fits a query.
   */
  filter(query: string): void {
    if (query !== this._query) {
      this._query = query;
      this._changed.emit();
    }
  }

  search(environment: string, query: string): void {
    this._searches = new Map(this._searches).set(environment, query);
    this._changed.emit();
  }

  select(
    line: string | null,
    environment: string | null,
    name: string | null = null
  ): void {
    if (line !== this._current || environment !== this._environment) {
      this._current = line;
      this._environment = environment;
      this._package = name;
      this._changed.emit();
    }
  }

  toggle(key: string, open = !this._expanded.has(key)): void {
    if (open === this._expanded.has(key)) {
      return;
    }
    const expanded = new Set(this._expanded);
    if (open) {
      expanded.add(key);
    } else {
      expanded.delete(key);
    }
    this._expanded = expanded;
    this._changed.emit();
  }

  collapseAll(): void {
    this._expanded = new Set();
    this._changed.emit();
  }

  /**
   * Open an environment with its details and go there.
   */
  reveal(id: string, details = false): void {
    const expanded = new Set(this._expanded).add(environmentKey(id));
    if (details) {
      expanded.add(partKey(id, 'details'));
    }
    this._expanded = expanded;
    this._query = '';
    this._current = environmentKey(id);
    this._environment = id;
    this._package = null;
    this._changed.emit();
    this._focusRequested.emit('line');
  }

  focus(what: 'filter' | 'line'): void {
    this._focusRequested.emit(what);
  }

  private _query = '';
  private _expanded: ReadonlySet<string> = new Set([groupKey('found')]);
  private _searches: ReadonlyMap<string, string> = new Map();
  private _showOthers = true;
  private _current: string | null = null;
  private _environment: string | null = null;
  private _package: string | null = null;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _focusRequested = new Signal<this, 'filter' | 'line'>(this);
}
