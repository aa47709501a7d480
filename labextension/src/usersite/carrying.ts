/**
 * The cure as it is carried out: a kernel is changed at once, packages are moved by a job.
 */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  type IForce,
  type Job,
  type Plan,
  ProblemError
} from '../api';
import type { JobsModel } from '../jobs/model';
import { hasEnded } from '../text/words';
import type { Course } from './course';
import {
  type Cure,
  type IChoice,
  isMoving,
  removeOf,
  resetOf,
  scopeOf
} from './cures';

/**
 * How a cure is planned; null where too little is chosen for a plan.
 */
export function planOf(
  cure: Cure | '',
  choice: IChoice,
  client: Client
): (() => Promise<Plan>) | null {
  const verbs = client.usersite;
  const { kernel, environment, name } = choice;
  const isNameless = choice.packages.length === 0;
  switch (cure) {
    case '':
      return null;
    case 'isolate':
      return kernel === '' ? null : () => verbs.planIsolate({ kernel });
    case 'isolate-environment':
      return (
        environment &&
        (() => verbs.planIsolate({ environment: environment.id }))
      );
    case 'profile':
      return kernel === '' ? null : () => verbs.planProfile({ kernel, name });
    case 'remove':
      return choice.scope === 'packages' && isNameless
        ? null
        : () => verbs.planRemove(removeOf(choice, ''));
    default:
      return cure === 'packages' && isNameless
        ? null
        : () => verbs.planReset(resetOf(scopeOf(cure), choice));
  }
}

/**
 * Carries out a cure once.
 */
export class Carrying implements IDisposable {
  constructor(
    private readonly _course: Course,
    private readonly _client: Client,
    private readonly _jobs: JobsModel
  ) {
    _jobs.changed.connect(this.check, this);
  }

  /** Emitted when it was carried out. */
  get done(): ISignal<this, void> {
    return this._done;
  }

  /** Emitted when it was not: the world may have changed, a new plan has to be looked at. */
  get failed(): ISignal<this, void> {
    return this._failed;
  }

  /** Whether something is being moved or changed at this moment. */
  get isWorking(): boolean {
    return this._isWorking || this._course.state.job !== '';
  }

  /** Whether a cure was carried out, and not taken back. */
  get isDone(): boolean {
    const { snapshot, changed, changedEnvironment, removed } =
      this._course.state;
    return [snapshot, changed, changedEnvironment, removed].some(Boolean);
  }

  /** The job that moves packages. */
  get job(): Job | null {
    return this._jobs.find(this._course.state.job) ?? null;
  }

  /**
   * Carry out what was planned.
   *
   * @param confirm - What the person typed, where that is asked for.
   */
  async carryOut(
    cure: Cure,
    choice: IChoice,
    options: IForce,
    confirm = ''
  ): Promise<void> {
    this._isWorking = true;
    await this._course.attempt('carry-out', async () => {
      try {
        await this._begin(cure, choice, options, confirm);
      } catch (error) {
        if (isStale(error)) {
          this._failed.emit();
        }
        throw error;
      }
    });
    this._isWorking = false;
    this._course.touch();
  }

  /** See what has become of the job. */
  check(): void {
    const { job } = this;
    if (job === null && this._course.state.job !== '' && this._jobs.isReady) {
      // It was cleared from the list while nobody looked here.
      this._course.keep({ job: '' });
    }
    if (job === null || this._settled === job.id) {
      return;
    }
    if (!hasEnded(job)) {
      this._course.touch();
      return;
    }
    this._settled = job.id;
    const { snapshot } = job.result;
    if (job.state === 'succeeded' && snapshot) {
      const isGone = job.operation === 'usersite.remove';
      this._course.keep({
        job: '',
        ...(isGone ? { removed: job.subject } : { snapshot })
      });
      this._done.emit();
      return;
    }
    this._course.keep({ job: '' });
    if (job.problem) {
      this._course.report('carry-out', job.problem);
    }
    this._failed.emit();
  }

  /** Take back what was done to the kernel, or to the environment. */
  async undo(): Promise<void> {
    const { changed: kernel, changedEnvironment: environment } =
      this._course.state;
    await this._client.usersite.undo(
      environment ? { environment } : { kernel }
    );
  }

  /**
   * Bring back what was set aside, to the end.
   *
   * @param begin - Starts it; null where the person does not want it after all.
   * @returns Whether it is back. Throws why it could not be done.
   */
  async restore(begin: () => Promise<Job | null>): Promise<boolean> {
    const job = await begin();
    if (job === null) {
      return false;
    }
    const ended = await this._jobs.untilEnded(job);
    return ended?.state === 'succeeded';
  }

  /** Be before the cure again. */
  forget(): void {
    this._course.keep({
      changed: '',
      changedEnvironment: '',
      removed: '',
      snapshot: '',
      job: ''
    });
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._jobs.changed.disconnect(this.check, this);
    Signal.clearData(this);
  }

  private async _begin(
    cure: Cure,
    choice: IChoice,
    options: IForce,
    confirm: string
  ): Promise<void> {
    const verbs = this._client.usersite;
    const { kernel, environment, name } = choice;
    if (isMoving(cure)) {
      const job = await (cure === 'remove'
        ? verbs.remove(removeOf(choice, confirm), options)
        : verbs.reset(resetOf(scopeOf(cure), choice), options));
      this._jobs.accept(job);
      this._course.keep({ job: job.id });
      this.check();
      return;
    }
    const { digest } = options;
    if (cure === 'isolate-environment' && environment) {
      await verbs.isolate({ environment: environment.id }, { digest });
      this._course.keep({ changedEnvironment: environment.id });
    } else {
      await (cure === 'isolate'
        ? verbs.isolate({ kernel }, { digest })
        : verbs.profile({ kernel, name }, { digest }));
      this._course.keep({ changed: kernel });
    }
    this._done.emit();
  }

  private _settled = '';
  private _isWorking = false;
  private _isDisposed = false;
  private readonly _done = new Signal<this, void>(this);
  private readonly _failed = new Signal<this, void>(this);
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
