/**
 * The guided page as a state: what was found, what is proven, which cure, what came of it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { Client, Diagnosis, Fix, Job, Plan, Problem } from '../api';
import type { JobsModel } from '../jobs/model';
import { Carrying } from './carrying';
import { Choosing } from './choosing';
import { Course, type Step } from './course';
import { cureAfter, cureOf } from './cures';
import { Installing } from './installing';
import { Planning } from './planning';
import type { ProofRun } from './proof';
import { givenBy, type IProven, probeOf, Proving } from './proving';
import { Sight } from './sight';
import { BEGINNING, type IGuideState } from './state';

/** Milliseconds after a change before the plan is asked for. */
const PAUSE = 300;

/**
 * The options of a `GuideModel`.
 */
export interface IGuideOptions {
  client: Client;
  jobs: JobsModel;
  trans: TranslationBundle;
  state?: IGuideState;
  /** Waits; tests give one that does not. */
  sleep?: (milliseconds: number) => Promise<void>;
}

/**
 * The state of one page.
 */
export class GuideModel implements IDisposable {
  constructor(options: IGuideOptions) {
    const { client, jobs, trans, sleep = wait } = options;
    this._client = client;
    this._course = new Course(options.state ?? BEGINNING, trans);
    this.sight = new Sight(client, trans);
    this.planning = new Planning(sleep, trans);
    this.proving = new Proving(this._course, client, jobs);
    this.choosing = new Choosing(
      this._course,
      this.sight,
      this.proving,
      client,
      this.planning
    );
    this.carrying = new Carrying(this._course, client, jobs);
    this.installing = new Installing(this._course, client, jobs, sleep);
    this._course.changed.connect(this._emit, this);
    this.sight.changed.connect(this._emit, this);
    this.planning.changed.connect(this._emit, this);
    this.proving.proven.connect((_, proven) => this._onProven(proven));
    this.carrying.done.connect(() => void this._verify());
    this.carrying.failed.connect(() => {
      this.choosing.thaw();
      void this.choosing.plan();
    });
    this.installing.installed.connect(() => void this._seeAgain());
  }

  /** What was seen of the user site. */
  readonly sight: Sight;

  /** The plan of the cure that is chosen. */
  readonly planning: Planning;

  /** The proofs, before the cure and after it. */
  readonly proving: Proving;

  /** What is chosen, and what can be. */
  readonly choosing: Choosing;

  /** The cure as it is carried out. */
  readonly carrying: Carrying;

  /** What is installed again after it. */
  readonly installing: Installing;

  get state(): IGuideState {
    return this._course.state;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  // -- the steps ----------------------------------------------------------------------------------

  isOpen(step: Step): boolean {
    switch (step) {
      case 'found':
        return true;
      case 'prove':
        return this.sight.hasLooked;
      case 'cure':
        return (
          this.isDone ||
          (this.sight.hasLooked &&
            (this.state.isUnproven || this.proof?.isComplete === true))
        );
      case 'carry-out':
        return this.isDone || (this.isOpen('cure') && this.plan !== null);
      default:
        return this.isDone;
    }
  }

  /** Why something could not be done, by the step where it was tried. */
  problemOf(step: Step): Problem | null {
    const own = this._course.problemAt(step);
    switch (step) {
      case 'found':
        return own ?? this.sight.problem;
      case 'cure':
        return own ?? this.planning.problem;
      default:
        return own;
    }
  }

  dismiss(step: Step): void {
    this._course.dismiss(step);
    this.sight.dismiss();
    this.planning.dismiss();
  }

  /** Whether a cure was carried out. */
  get isDone(): boolean {
    return this.carrying.isDone;
  }

  /** Whether packages are being moved at this moment. */
  get isWorking(): boolean {
    return this.carrying.isWorking;
  }

  get proof(): ProofRun | null {
    return this.proving.first;
  }

  get plan(): Plan | null {
    return this.planning.plan;
  }

  /** What was wrong before the cure, to compare. */
  get before(): Diagnosis | null {
    return this._before;
  }

  // -- what a person does -------------------------------------------------------------------------

  /** Look at everything that the page needs. */
  async start(): Promise<void> {
    void this.sight.readLists();
    this.carrying.check();
    await this.look();
    if (this.isDone) {
      await this._readAgain();
    }
  }

  /** Change what is chosen; the plan and the diagnosis follow. */
  set(changes: Partial<IGuideState>): void {
    const before = this._course.keep(changes);
    const { state } = this;
    const isOther = (...fields: (keyof IGuideState)[]) =>
      fields.some(field => before[field] !== state[field]);
    if (isOther('kernel', 'interpreter')) {
      void this.look();
    }
    if (
      !this.isDone &&
      (isOther(
        'cure',
        'packages',
        'python',
        'keepJupyter',
        'scope',
        'kernel'
      ) ||
        // The name of a snapshot is no part of its plan; that of a profile is.
        (isOther('name') && state.cure === 'profile'))
    ) {
      // Who types goes on typing; who has chosen waits for it.
      void this.choosing.plan(
        isOther('cure', 'keepJupyter', 'scope') ? 0 : PAUSE
      );
    }
  }

  /** Scan and diagnose; `fresh` trusts nothing that is remembered. */
  async look(fresh = false): Promise<void> {
    const { kernel, interpreter, cure } = this.state;
    await this.sight.look({ kernel, interpreter }, fresh);
    if (cure !== '' && !this.isDone && this.plan === null) {
      await this.choosing.plan();
    }
  }

  /** Take the fix of a finding: straight to the cure, with what it names. */
  take(fix: Fix): void {
    const cure = cureOf(fix);
    if (cure !== null) {
      this.set({
        cure,
        isUnproven: true,
        packages: fix.packages.join(', ') || this.state.packages,
        python: fix.python || this.state.python,
        kernel: fix.kernel || this.state.kernel
      });
    }
  }

  async cancel(run: ProofRun): Promise<void> {
    await this._course.attempt('prove', () => run.cancel());
  }

  /** Do something about a finding, and look again. */
  async act(work: () => Promise<void>): Promise<void> {
    await this._course.attempt('found', async () => {
      await work();
      await this.look(true);
    });
  }

  /** Carry the plan out as it was shown. What has changed since is shown first. */
  async carryOut(breakLock = false, confirm = ''): Promise<void> {
    const { cure } = this.state;
    if (cure !== '' && this.choosing.whyNot === '' && this.plan !== null) {
      this._before = this.sight.diagnosis;
      this.choosing.freeze();
      const { digest } = this.plan;
      const options = { digest, breakLock };
      await this.carrying.carryOut(
        cure,
        this.choosing.choice,
        options,
        confirm
      );
    }
  }

  /** Take back what was done to the kernel. */
  async undo(): Promise<void> {
    await this._course.attempt('after', async () => {
      await this.carrying.undo();
      this.goBack();
    });
  }

  /** Bring back what was set aside; see `Carrying.restore`. */
  async restore(begin: () => Promise<Job | null>): Promise<void> {
    await this._course.attempt('after', async () => {
      if (await this.carrying.restore(begin)) {
        this.goBack();
      }
    });
  }

  /** Be before the cure again: after an undo, or when the snapshot was restored. */
  goBack(): void {
    this.proving.forgetAgain();
    this.carrying.forget();
    this.installing.forget();
    this._before = null;
    this.choosing.thaw();
    void this.look(true);
    void this.choosing.plan();
  }

  /** Finish what a crash cut, or take it back. Throws what the server says. */
  async recover(undo: boolean, breakLock = false): Promise<void> {
    await this._client.usersite.recover(undo, breakLock);
    await this.look(true);
    void this.choosing.plan();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.proving.dispose();
      this.carrying.dispose();
      this.installing.dispose();
      Signal.clearData(this);
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  // -- inside -------------------------------------------------------------------------------------

  /** What is proven is suggested at once, where a person has not chosen already. */
  private _onProven({ proof, isNew }: IProven): void {
    if (probeOf(this.state) === null) {
      this.set(givenBy(proof.request));
    }
    if (this.isDone || this.state.job !== '') {
      return;
    }
    if (isNew) {
      // What the proof has confirmed is found as proven from now on.
      void this.look(true);
    }
    const cure = cureAfter(proof);
    const packages = proof.culprits.join(', ') || this.state.packages;
    if (cure !== null && this.state.cure === '') {
      this.set({ cure, packages });
    } else if (this.state.packages === '') {
      this.set({ packages });
    }
  }

  /** After the cure: look again, and run the program again. */
  private async _verify(): Promise<void> {
    void this._readAgain();
    await this._seeAgain();
  }

  /** Look again, and run the program again where one was run before. */
  private async _seeAgain(): Promise<void> {
    await this.look(true);
    if (this.proof?.isComplete) {
      await this.proving.proveAgain();
    }
  }

  private async _readAgain(): Promise<void> {
    const { snapshot } = this.state;
    this.installing.culprits = this.proof?.proof?.culprits ?? [];
    if (snapshot !== '') {
      await this.installing.read(snapshot);
    }
  }

  private _emit(): void {
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _client: Client;
  private readonly _course: Course;
  private _before: Diagnosis | null = null;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}

function wait(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
