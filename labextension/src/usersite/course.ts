/**
 * The course of the guided page: what is chosen and kept, and what went wrong at which step.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';

import { type Problem, problemOf } from '../api';
import type { IGuideState } from './state';

/** The steps of the page; each unfolds when the one before is done. */
export const STEPS = ['found', 'prove', 'cure', 'carry-out', 'after'] as const;
export type Step = (typeof STEPS)[number];

/**
 * What all parts of the page share.
 */
export class Course {
  constructor(
    private _state: IGuideState,
    readonly trans: TranslationBundle
  ) {}

  get state(): IGuideState {
    return this._state;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Keep changes; returns what was kept before. */
  keep(changes: Partial<IGuideState>): IGuideState {
    const before = this._state;
    this._state = { ...before, ...changes };
    this.touch();
    return before;
  }

  /** Why something could not be done, at the step where it was tried. */
  problemAt(step: Step): Problem | null {
    return this._problems.get(step) ?? null;
  }

  report(step: Step, problem: Problem): void {
    this._problems.set(step, problem);
    this.touch();
  }

  dismiss(step: Step): void {
    this._problems.delete(step);
    this.touch();
  }

  /** Try something; what goes wrong is reported at its step. */
  async attempt(step: Step, work: () => Promise<void>): Promise<void> {
    this.dismiss(step);
    try {
      await work();
    } catch (error) {
      this.report(step, problemOf(error, this.trans));
    }
  }

  /** Tell that there is something else to show. */
  touch(): void {
    this._changed.emit();
  }

  private readonly _problems = new Map<Step, Problem>();
  private readonly _changed = new Signal<this, void>(this);
}
