/**
 * What the guided page looks at: the scan, the diagnosis, and the kernels to choose from.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  type Diagnosis,
  type Environment,
  type Interpreter,
  type ISubject,
  type Kernel,
  type Problem,
  problemOf,
  type Scan
} from '../api';

/**
 * All of it as it was seen last.
 */
export class Sight {
  constructor(
    private readonly _client: Client,
    private readonly _trans: TranslationBundle
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What is wrong; null if that is not known, or the server cannot say it. */
  get diagnosis(): Diagnosis | null {
    return this._diagnosis;
  }

  get scan(): Scan | null {
    return this._scan;
  }

  get kernels(): readonly Kernel[] {
    return this._kernels;
  }

  /** The environment of its own that a kernel starts, if it starts one. */
  environmentOf(kernel: string): Environment | null {
    const id = this._kernels.find(one => one.name === kernel)?.environment;
    const found = this._environments.find(one => one.id === id);
    return found?.kind === 'conda' ? found : null;
  }

  get interpreters(): readonly Interpreter[] {
    return this._interpreters;
  }

  get problem(): Problem | null {
    return this._problem;
  }

  get isLooking(): boolean {
    return this._isLooking;
  }

  /** Whether it was looked at least once, whatever came of it. */
  get hasLooked(): boolean {
    return this._hasLooked;
  }

  /** Why a kernel does not load the user site at all; empty if it does. */
  whyHidden(kernel: string): string {
    const row = this._scan?.visibility.find(
      one => one.kind === 'kernel' && one.id === kernel
    );
    return row && !row.visible ? row.why : '';
  }

  /** Scan and diagnose; `fresh` trusts nothing that is remembered. The newest question counts. */
  async look(subject: ISubject, fresh: boolean): Promise<void> {
    const turn = ++this._turn;
    this._isLooking = true;
    this._problem = null;
    this._changed.emit();
    let problem: Problem | null = null;
    let scan = this._scan;
    let diagnosis: Diagnosis | null = null;
    try {
      const verbs = this._client.usersite;
      [scan, diagnosis] = await Promise.all([
        verbs.scan(),
        verbs.diagnosis(subject, fresh)
      ]);
    } catch (error) {
      problem = problemOf(error, this._trans);
    }
    if (turn === this._turn) {
      this._scan = scan;
      this._diagnosis = diagnosis;
      this._problem = problem;
      this._isLooking = false;
      this._hasLooked = true;
      this._changed.emit();
    }
  }

  /** Read which kernels and interpreters there are. */
  async readLists(): Promise<void> {
    try {
      const [{ kernels }, { interpreters }, { environments }] =
        await Promise.all([
          this._client.kernels(),
          this._client.interpreters(),
          this._client.environments()
        ]);
      this._environments = environments;
      this._kernels = kernels.filter(
        kernel => kernel.language.toLowerCase() === 'python'
      );
      this._interpreters = interpreters;
    } catch (error) {
      this._problem = problemOf(error, this._trans);
    }
    this._changed.emit();
  }

  dismiss(): void {
    this._problem = null;
    this._changed.emit();
  }

  private _scan: Scan | null = null;
  private _diagnosis: Diagnosis | null = null;
  private _kernels: readonly Kernel[] = [];
  private _environments: readonly Environment[] = [];
  private _interpreters: readonly Interpreter[] = [];
  private _problem: Problem | null = null;
  private _isLooking = false;
  private _hasLooked = false;
  private _turn = 0;
  private readonly _changed = new Signal<this, void>(this);
}
