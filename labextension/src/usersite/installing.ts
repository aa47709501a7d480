/**
 * What is installed again after a reset: the checked list, the place, the plan and its job.
 */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type {
  Client,
  Environment,
  InstallRequest,
  Reinstall,
  SnapshotPackage
} from '../api';
import type { JobFeed } from '../jobs/feed';
import type { JobsModel } from '../jobs/model';
import { hasEnded } from '../text/words';
import type { Course } from './course';
import { Planning } from './planning';

/** Where packages are installed. */
export type Place = InstallRequest['place'];

/** Milliseconds after a click in the list before the plan is asked for. */
const PAUSE = 300;

/**
 * The step of the page after a reset.
 */
export class Installing implements IDisposable {
  constructor(
    private readonly _course: Course,
    private readonly _client: Client,
    private readonly _jobs: JobsModel,
    sleep: (milliseconds: number) => Promise<void>
  ) {
    this.planning = new Planning(sleep, _course.trans);
    this.planning.changed.connect(() => _course.touch());
    if (_course.state.installs) {
      this._follow(_course.state.installs);
    }
  }

  /** The plan of what is checked. */
  readonly planning: Planning;

  /** Emitted when packages were installed. */
  get installed(): ISignal<this, void> {
    return this._installed;
  }

  /** What of the snapshot can be installed again; null while that is not known. */
  get lists(): Reinstall | null {
    return this._lists;
  }

  /** The Pythons that it was for: each has a list of its own. */
  get pythons(): readonly string[] {
    const lists = this._lists;
    const all = lists
      ? [...lists.asked_for, ...lists.in_image, ...lists.dependencies]
      : [];
    return [...new Set(all.map(item => item.python))];
  }

  /** The Python whose list is shown. */
  get python(): string {
    const { pythons } = this;
    const wish = this._python || this._course.state.python;
    return pythons.includes(wish) ? wish : (pythons[0] ?? '');
  }

  /** One part of the list. */
  part(name: keyof Reinstall): readonly SnapshotPackage[] {
    const items = this._lists?.[name] ?? [];
    return items.filter(item => item.python === this.python);
  }

  isChosen(item: SnapshotPackage): boolean {
    return this._chosen.has(keyOf(item));
  }

  /** What is checked, as requirements. */
  get requirements(): readonly string[] {
    const parts = ['asked_for', 'in_image', 'dependencies'] as const;
    return parts
      .flatMap(name => this.part(name))
      .filter(item => this.isChosen(item))
      .map(item => item.requirement);
  }

  /** The environments to choose from: those made here. */
  get environments(): readonly Environment[] {
    return this._environments;
  }

  /** The id of the environment that is chosen. */
  get environment(): string {
    const { into } = this._course.state;
    return into || (this._environments[0]?.id ?? '');
  }

  get place(): Place {
    return this._course.state.place;
  }

  /** The newest job that installs; null if nothing was installed. */
  get feed(): JobFeed | null {
    return this._feed;
  }

  get isRunning(): boolean {
    const job = this._feed?.job;
    return this._feed !== null && (!job || !hasEnded(job));
  }

  /** Why nothing can be installed; empty if it can. */
  get whyNot(): string {
    const { trans } = this._course;
    if (this.requirements.length === 0) {
      return trans.__('Check at least one package.');
    }
    if (this.place === 'environment' && this.environment === '') {
      return trans.__('There is no environment yet.');
    }
    if (this.planning.isMaking || this.planning.plan === null) {
      return trans.__('The plan is not made yet.');
    }
    return this.planning.plan.refusal;
  }

  /** Read what of a snapshot can be installed again, and where it can go. */
  async read(snapshot: string): Promise<void> {
    await this._course.attempt('after', async () => {
      const [lists, { environments }] = await Promise.all([
        this._client.usersite.reinstall(snapshot),
        this._client.environments()
      ]);
      this._lists = lists;
      this._environments = environments.filter(one => one.managed);
      this._chosen = new Set(
        lists.asked_for.filter(item => !this.isCulprit(item)).map(keyOf)
      );
      void this._makePlan();
    });
  }

  /** Whether a package was found to be the one to blame. */
  isCulprit(item: SnapshotPackage): boolean {
    return this.culprits.includes(item.name);
  }

  /** The packages that are to blame: they are not checked at first. */
  culprits: readonly string[] = [];

  toggle(item: SnapshotPackage): void {
    if (!this._chosen.delete(keyOf(item))) {
      this._chosen.add(keyOf(item));
    }
    void this._makePlan(PAUSE);
  }

  choosePython(python: string): void {
    this._python = python;
    void this._makePlan();
  }

  choosePlace(place: Place, into = this._course.state.into): void {
    this._course.keep({ place, into });
    void this._makePlan();
  }

  /** Install what is checked, as the plan shows it. */
  async install(): Promise<void> {
    const { plan } = this.planning;
    if (this.whyNot !== '' || plan === null) {
      return;
    }
    await this._course.attempt('after', async () => {
      try {
        const job = await this._client.usersite.install(this._request(), {
          digest: plan.digest
        });
        this._jobs.accept(job);
        this._follow(job.id);
        this._course.keep({ installs: job.id });
      } catch (error) {
        void this._makePlan();
        throw error;
      }
    });
  }

  async cancel(): Promise<void> {
    const { feed } = this;
    if (feed) {
      await this._course.attempt('after', () => this._jobs.cancel(feed.id));
    }
  }

  /** Be as before the reset. */
  forget(): void {
    this._feed?.dispose();
    this._feed = null;
    this._lists = null;
    this._course.keep({ installs: '' });
    void this.planning.make(null);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._feed?.dispose();
    Signal.clearData(this);
  }

  private _request(): InstallRequest {
    const { place, requirements } = this;
    return {
      place,
      requirements,
      environment: place === 'environment' ? this.environment : '',
      python: place === 'user' ? this.python : ''
    };
  }

  private _makePlan(pause = 0): Promise<void> {
    const isIncomplete =
      this.requirements.length === 0 ||
      (this.place === 'environment' && this.environment === '');
    const request = this._request();
    return this.planning.make(
      isIncomplete ? null : () => this._client.usersite.planInstall(request),
      pause
    );
  }

  private _follow(id: string): void {
    this._feed?.dispose();
    const feed = this._jobs.follow(id);
    this._feed = feed;
    let wasRunning = false;
    feed.changed.connect(() => {
      wasRunning ||= feed.job !== null && !hasEnded(feed.job);
      this._course.touch();
    });
    void feed.done.then(() => {
      if (feed.isDisposed) {
        return;
      }
      if (wasRunning && feed.job?.state === 'succeeded') {
        this._installed.emit();
      }
      this._course.touch();
    });
  }

  private _lists: Reinstall | null = null;
  private _environments: readonly Environment[] = [];
  private _chosen = new Set<string>();
  private _python = '';
  private _feed: JobFeed | null = null;
  private _isDisposed = false;
  private readonly _installed = new Signal<this, void>(this);
}

/** What tells one package of the lists from another. */
export function keyOf(item: SnapshotPackage): string {
  return `${item.python} ${item.requirement}`;
}

/**
 * The command that installs requirements, with those quoted that a shell would read otherwise.
 */
export function installCommand(requirements: readonly string[]): string {
  const words = requirements.map(word =>
    /^[\w.=+~/:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
  );
  return `python -m pip install ${words.join(' ')}`;
}
