/**
 * The guided page as a state: what was found, what is proven, which cure, what came of it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  type Diagnosis,
  type Fix,
  type Job,
  type Plan,
  type Problem,
  ProblemError,
  problemOf,
  type ProbeRequest,
  type Reinstall
} from '../api';
import type { JobsModel } from '../jobs/model';
import {
  cureAfter,
  cureOf,
  type IChoice,
  type IOffer,
  isMoving,
  labelOf,
  namesIn,
  offers,
  resetOf
} from './cures';
import { Planning } from './planning';
import { ProofRun } from './proof';
import { Sight } from './sight';
import { BEGINNING, type IGuideState } from './state';

/** The steps of the page; each unfolds when the one before is done. */
export const STEPS = ['found', 'prove', 'cure', 'carry-out', 'after'] as const;
export type Step = (typeof STEPS)[number];

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
    this._client = options.client;
    this._jobs = options.jobs;
    this._trans = options.trans;
    this._state = options.state ?? BEGINNING;
    this.sight = new Sight(this._client, this._trans);
    this.planning = new Planning(options.sleep ?? wait, this._trans);
    this.sight.changed.connect(this._emit, this);
    this.planning.changed.connect(this._emit, this);
    this._jobs.changed.connect(this._onJobs, this);
    if (this._state.proof) {
      this._proof = this._followed(this._state.proof, this._onProven);
    }
    if (this._state.again) {
      this._again = this._followed(this._state.again);
    }
  }

  /** What was seen of the user site. */
  readonly sight: Sight;

  /** The plan of the cure that is chosen. */
  readonly planning: Planning;

  get state(): IGuideState {
    return this._state;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What was wrong before the cure, to compare. */
  get before(): Diagnosis | null {
    return this._before;
  }

  /** Why something could not be done, by the step where it was tried. */
  problemOf(step: Step): Problem | null {
    const own = this._problems.get(step) ?? null;
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
    this._problems.delete(step);
    this.sight.dismiss();
    this.planning.dismiss();
  }

  /** What a person calls the kernel that is chosen. */
  get kernelName(): string {
    const { kernel } = this._state;
    const found = this.sight.kernels.find(one => one.name === kernel);
    return (
      found?.display_name ?? (kernel || this._trans.__('the image’s Python'))
    );
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
            (this._state.isUnproven || this._proof?.isComplete === true))
        );
      case 'carry-out':
        return (
          this.isDone || (this.isOpen('cure') && this.planning.plan !== null)
        );
      default:
        return this.isDone;
    }
  }

  /** Whether a cure was carried out. */
  get isDone(): boolean {
    return this._state.snapshot !== '' || this._state.changed !== '';
  }

  /** Whether packages are being moved at this moment. */
  get isWorking(): boolean {
    return this._isWorking || this._state.job !== '';
  }

  /** The job that moves packages. */
  get job(): Job | null {
    return this._jobs.find(this._state.job) ?? null;
  }

  get proof(): ProofRun | null {
    return this._proof;
  }

  /** The probe after the cure. */
  get again(): ProofRun | null {
    return this._again;
  }

  get plan(): Plan | null {
    return this.planning.plan;
  }

  get reinstall(): Reinstall | null {
    return this._reinstall;
  }

  get offers(): readonly IOffer[] {
    return offers(this.choice, this.sight.scan, this.kernelName, this._trans);
  }

  get choice(): IChoice {
    return {
      kernel: this._state.kernel,
      packages: namesIn(this._state.packages),
      python: this.python
    };
  }

  /** The minor that is meant: as chosen, as proven, as diagnosed, or the first that there is. */
  get python(): string {
    const labels = this.sight.scan?.sites.map(labelOf) ?? [];
    const wishes = [
      this._state.python,
      this._proof?.proof?.target.python,
      this.sight.diagnosis?.target.python
    ];
    const found = wishes.find(
      wish => wish !== undefined && labels.includes(wish)
    );
    return found ?? labels[0] ?? '';
  }

  /** Why the cure cannot be carried out; empty if it can. */
  get whyNot(): string {
    const { cure } = this._state;
    if (cure === '') {
      return this._trans.__('Choose a cure first.');
    }
    if (cure === 'packages' && this.choice.packages.length === 0) {
      return this._trans.__('Name at least one package.');
    }
    if (this.planning.isMaking || this.planning.plan === null) {
      return this._trans.__('The plan is not made yet.');
    }
    return this.planning.plan.refusal;
  }

  // -- what a person does -------------------------------------------------------------------------

  /** Look at everything that the page needs. */
  async start(): Promise<void> {
    void this.sight.readLists();
    await this.look();
    if (this.isDone) {
      await this._readReinstall();
    }
  }

  /** Change what is chosen; the plan and the diagnosis follow. */
  set(changes: Partial<IGuideState>): void {
    const before = this._state;
    this._state = { ...before, ...changes };
    this._emit();
    const isOther = (...fields: (keyof IGuideState)[]) =>
      fields.some(field => before[field] !== this._state[field]);
    if (isOther('kernel', 'interpreter')) {
      void this.look();
    }
    if (
      !this.isDone &&
      (isOther('cure', 'packages', 'python', 'keepJupyter', 'kernel') ||
        // The name of a snapshot is no part of its plan; that of a profile is.
        (isOther('name') && this._state.cure === 'profile'))
    ) {
      // Who types goes on typing; who has chosen waits for it.
      void this._makePlan(isOther('cure', 'keepJupyter') ? 0 : PAUSE);
    }
  }

  /** Scan and diagnose; `fresh` trusts nothing that is remembered. */
  async look(fresh = false): Promise<void> {
    const { kernel, interpreter } = this._state;
    await this.sight.look({ kernel, interpreter }, fresh);
    if (this._state.cure !== '' && !this.isDone && this.plan === null) {
      await this._makePlan();
    }
  }

  /** Take the fix of a finding: straight to the cure, with what it names. */
  take(fix: Fix): void {
    const cure = cureOf(fix);
    if (cure !== null) {
      this.set({
        cure,
        isUnproven: true,
        packages: fix.packages.join(', ') || this._state.packages,
        python: fix.python || this._state.python,
        kernel: fix.kernel || this._state.kernel
      });
    }
  }

  /** What would be proven; null where nothing is given. */
  get program(): ProbeRequest | null {
    const { kind, code, module, kernel, directory } = this._state;
    if (kind === 'module') {
      return module.trim() === '' ? null : { module: module.trim(), kernel };
    }
    return code.trim() === '' ? null : { code, kernel, directory };
  }

  /** Run the program as it is and without the user site, and look for the culprit. */
  async prove(): Promise<void> {
    const body = this.program;
    if (body !== null) {
      await this._attempt('prove', async () => {
        const job = await this._client.usersite.probe(body);
        this._jobs.accept(job);
        this._proof?.dispose();
        this._proof = this._followed(job.id, this._onProven);
        this.set({ proof: job.id, isUnproven: false });
      });
    }
  }

  /** Run the program once more, after the cure. */
  async proveAgain(): Promise<void> {
    const body = this._proof?.proof?.request ?? this.program;
    if (body === null) {
      return;
    }
    await this._attempt('after', async () => {
      const request = { ...body, find_culprits: false };
      const job = await this._client.usersite.probe(request);
      this._jobs.accept(job);
      this._again?.dispose();
      this._again = this._followed(job.id);
      this.set({ again: job.id });
    });
  }

  async cancel(run: ProofRun): Promise<void> {
    await this._attempt('prove', () => run.cancel());
  }

  /** Carry the plan out as it was shown. What has changed since is shown first. */
  async carryOut(breakLock = false): Promise<void> {
    const { cure, kernel, name } = this._state;
    if (cure === '' || this.whyNot !== '' || this.planning.plan === null) {
      return;
    }
    const options = { digest: this.planning.plan.digest, breakLock };
    const verbs = this._client.usersite;
    this._before = this.sight.diagnosis;
    this._isWorking = true;
    await this._attempt('carry-out', async () => {
      try {
        if (isMoving(cure)) {
          const job = await verbs.reset(this._reset(cure), options);
          this._jobs.accept(job);
          this.set({ job: job.id });
          this._onJobs();
          return;
        }
        await (cure === 'isolate'
          ? verbs.isolate(kernel, { digest: options.digest })
          : verbs.profile({ kernel, name }, { digest: options.digest }));
        this.set({ changed: kernel });
        await this._verify();
      } catch (error) {
        if (isStale(error)) {
          await this._makePlan();
        }
        throw error;
      }
    });
    this._isWorking = false;
    this._emit();
  }

  /** Take back what was done to the kernel. */
  async undo(): Promise<void> {
    await this._attempt('after', async () => {
      await this._client.usersite.undo(this._state.changed);
      this.goBack();
    });
  }

  /** Be before the cure again: after an undo, or when the snapshot was restored. */
  goBack(): void {
    this._again?.dispose();
    this._again = null;
    this._reinstall = null;
    this._before = null;
    this.set({ changed: '', snapshot: '', job: '', again: '' });
    void this.look(true);
    void this._makePlan();
  }

  /** Finish what a crash cut, or take it back. Throws what the server says. */
  async recover(undo: boolean, breakLock = false): Promise<void> {
    await this._client.usersite.recover(undo, breakLock);
    await this.look(true);
    void this._makePlan();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._jobs.changed.disconnect(this._onJobs, this);
      this._proof?.dispose();
      this._again?.dispose();
      Signal.clearData(this);
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  // -- inside -------------------------------------------------------------------------------------

  private _reset(cure: Exclude<IGuideState['cure'], ''>) {
    const { name, keepJupyter } = this._state;
    return resetOf(cure, this.choice, { name, keepJupyter });
  }

  private _makePlan(pause = 0): Promise<void> {
    const { cure, kernel, name } = this._state;
    const isIncomplete =
      cure === '' ||
      this.sight.scan === null ||
      (cure === 'packages' && this.choice.packages.length === 0) ||
      (!isMoving(cure) && kernel === '');
    if (isIncomplete) {
      return this.planning.make(null);
    }
    const verbs = this._client.usersite;
    const ask = {
      isolate: () => verbs.planIsolate(kernel),
      profile: () => verbs.planProfile({ kernel, name }),
      packages: () => verbs.planReset(this._reset(cure)),
      minor: () => verbs.planReset(this._reset(cure)),
      all: () => verbs.planReset(this._reset(cure))
    }[cure];
    return this.planning.make(ask, pause);
  }

  private _followed(id: string, then?: (run: ProofRun) => void): ProofRun {
    const run = new ProofRun(id, this._client, this._jobs);
    run.changed.connect(() => this._emit());
    void run.done.then(() => {
      if (!run.isDisposed) {
        then?.call(this, run);
        this._emit();
      }
    });
    return run;
  }

  /** What is proven is suggested at once, where a person has not chosen already. */
  private _onProven(run: ProofRun): void {
    const { proof } = run;
    if (!proof?.complete || this.isDone || this._state.job !== '') {
      return;
    }
    const cure = cureAfter(proof);
    if (cure !== null && this._state.cure === '') {
      this.set({
        cure,
        packages: proof.culprits.join(', ') || this._state.packages
      });
    } else if (proof.culprits.length > 0 && this._state.packages === '') {
      this.set({ packages: proof.culprits.join(', ') });
    }
  }

  /** See what has become of the job that moves packages. */
  private _onJobs(): void {
    const job = this.job;
    if (job === null && this._state.job !== '' && this._jobs.isReady) {
      // It was cleared from the list while nobody looked here.
      this.set({ job: '' });
    }
    if (job === null || this._settled === job.id) {
      return;
    }
    if (job.state === 'queued' || job.state === 'running') {
      this._emit();
      return;
    }
    this._settled = job.id;
    const snapshot = job.result.snapshot;
    if (job.state === 'succeeded' && snapshot) {
      this.set({ job: '', snapshot });
      void this._verify();
      return;
    }
    this.set({ job: '' });
    if (job.problem) {
      this._problems.set('carry-out', job.problem);
    }
    void this._makePlan();
  }

  /** After the cure: look again, and run the program again. */
  private async _verify(): Promise<void> {
    void this._readReinstall();
    await this.look(true);
    if (this._proof?.isComplete) {
      await this.proveAgain();
    }
  }

  private async _readReinstall(): Promise<void> {
    const { snapshot } = this._state;
    if (snapshot === '') {
      return;
    }
    await this._attempt('after', async () => {
      this._reinstall = await this._client.usersite.reinstall(snapshot);
      this._emit();
    });
  }

  private async _attempt(step: Step, work: () => Promise<void>): Promise<void> {
    this._problems.delete(step);
    this._emit();
    try {
      await work();
    } catch (error) {
      this._problems.set(step, problemOf(error, this._trans));
      this._emit();
    }
  }

  private _emit(): void {
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _client: Client;
  private readonly _jobs: JobsModel;
  private readonly _trans: TranslationBundle;
  private readonly _problems = new Map<Step, Problem>();
  private _state: IGuideState;
  private _before: Diagnosis | null = null;
  private _proof: ProofRun | null = null;
  private _again: ProofRun | null = null;
  private _reinstall: Reinstall | null = null;
  private _settled = '';
  private _isWorking = false;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}

/** Whether a plan is not what it was: a new one has to be looked at. */
function isStale(error: unknown): boolean {
  return (
    error instanceof ProblemError &&
    (error.problem.code === 'plan-changed' ||
      error.problem.kind === 'conflict' ||
      error.problem.kind === 'busy')
  );
}

function wait(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
