/**
 * The plan of the cure that is chosen: made anew with every change, the newest counts.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';

import { type Plan, type Problem, problemOf } from '../api';

/**
 * The plan as it is being made.
 */
export class Planning {
  constructor(
    private readonly _sleep: (milliseconds: number) => Promise<void>,
    private readonly _trans: TranslationBundle
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get plan(): Plan | null {
    return this._plan;
  }

  get problem(): Problem | null {
    return this._problem;
  }

  /** Whether what is shown is not the plan of what is chosen. */
  get isMaking(): boolean {
    return this._isMaking;
  }

  /**
   * Make the plan.
   *
   * @param ask - Asks the server; null where too little is chosen for a plan.
   * @param pause - Milliseconds in which another change may come.
   */
  async make(ask: (() => Promise<Plan>) | null, pause = 0): Promise<void> {
    const turn = ++this._turn;
    this._isMaking = ask !== null;
    this._problem = null;
    if (ask === null) {
      this._plan = null;
    }
    this._changed.emit();
    if (ask === null) {
      return;
    }
    if (pause > 0) {
      await this._sleep(pause);
    }
    if (turn !== this._turn) {
      return;
    }
    let plan: Plan | null = null;
    let problem: Problem | null = null;
    try {
      plan = await ask();
    } catch (error) {
      problem = problemOf(error, this._trans);
    }
    if (turn === this._turn) {
      this._plan = plan;
      this._problem = problem;
      this._isMaking = false;
      this._changed.emit();
    }
  }

  dismiss(): void {
    this._problem = null;
    this._changed.emit();
  }

  private _plan: Plan | null = null;
  private _problem: Problem | null = null;
  private _isMaking = false;
  private _turn = 0;
  private readonly _changed = new Signal<this, void>(this);
}
