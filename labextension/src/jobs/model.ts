/**
 * All jobs as the server has them, kept up to date while any of them runs.
 */
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  type Job,
  type Problem,
  ProblemError,
  problemOf,
  SingleFlight
} from '../api';
import { hasEnded } from '../text/words';
import { JobFeed } from './feed';
import { PackedArchives } from './packed';

/**
 * How often jobs are asked for, in milliseconds.
 */
export interface IPace {
  /** While a job runs. */
  readonly active: number;
  /** While none runs: one may be started elsewhere. */
  readonly idle: number;
}

const PACE: IPace = { active: 1000, idle: 30000 };

/**
 * The options of a `JobsModel`.
 */
export interface IJobsOptions {
  client: Client;
  pace?: IPace;
  standby?: Poll.Standby | (() => boolean | Poll.Standby);
}

/**
 * The jobs of this person, on whatever door they were started.
 */
export class JobsModel implements IDisposable {
  constructor(options: IJobsOptions) {
    this._client = options.client;
    this._pace = options.pace ?? PACE;
    this.packed = new PackedArchives(options.client, () => {
      if (!this._isDisposed) {
        this._changed.emit();
      }
    });
    this._poll = new Poll<void, unknown>({
      name: 'jupyter_envmgr:jobs',
      auto: false,
      factory: () => this._flight.run(),
      frequency: {
        interval: this._pace.idle,
        backoff: true,
        max: 10 * this._pace.idle
      },
      standby: options.standby ?? 'when-hidden'
    });
  }

  /** The archives that jobs have packed. */
  readonly packed: PackedArchives;

  /** All jobs, the newest first. */
  get jobs(): readonly Job[] {
    return this._jobs;
  }

  /** Why the jobs could not be read, if they could not. */
  get problem(): Problem | null {
    return this._problem;
  }

  /** Whether the jobs were read at least once. */
  get isReady(): boolean {
    return this._isReady;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Emitted when any job, or what is known of them, changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted once for each job that was seen to end. */
  get ended(): ISignal<this, Job> {
    return this._ended;
  }

  /** Emitted for each job that was not known before. */
  get started(): ISignal<this, Job> {
    return this._started;
  }

  /**
   * Begin to look at jobs regularly.
   */
  async start(): Promise<void> {
    this._isStarted = true;
    await this._poll.start();
  }

  /**
   * Look now.
   */
  async refresh(): Promise<void> {
    await this._flight.run().catch(() => undefined);
  }

  find(id: string): Job | undefined {
    return this._jobs.find(job => job.id === id);
  }

  /**
   * The job that works on an environment at this moment.
   */
  activeOf(environment: string): Job | undefined {
    return this._jobs.find(
      job => job.subject === environment && !hasEnded(job)
    );
  }

  /**
   * The newest job of an environment.
   */
  latestOf(environment: string): Job | undefined {
    return this._jobs.find(job => job.subject === environment);
  }

  /**
   * Take a job that a verb answered with, or that was read elsewhere.
   */
  accept(job: Job): void {
    const known = this.find(job.id);
    if (known && known.seq > job.seq) {
      return;
    }
    const others = this._jobs.filter(other => other.id !== job.id);
    const jobs = [...others, job].sort((a, b) =>
      b.created.localeCompare(a.created)
    );
    this._replace(jobs);
  }

  /**
   * Take a job that was begun, and wait for its end.
   *
   * @throws ProblemError - If it came to nothing.
   */
  async untilEnded(begun: Job): Promise<Job | null> {
    this.accept(begun);
    const feed = this.follow(begun.id);
    await feed.done;
    const { job } = feed;
    feed.dispose();
    if (job?.problem) {
      throw new ProblemError(job.problem);
    }
    return job;
  }

  /**
   * The events of a job, for somebody who looks at it. Dispose it when they stop.
   */
  follow(id: string): JobFeed {
    return new JobFeed({
      id,
      client: this._client,
      accept: job => this.accept(job)
    });
  }

  /**
   * Ask for a job to be cancelled; it goes on until it says that it has ended.
   */
  async cancel(id: string): Promise<void> {
    this.accept(await this._client.cancelJob(id));
  }

  /**
   * Forget a job that has ended.
   */
  async remove(id: string): Promise<void> {
    await this._client.removeJob(id);
    this._replace(this._jobs.filter(job => job.id !== id));
  }

  /**
   * Forget all jobs that have ended.
   */
  async clear(): Promise<void> {
    for (const job of this._jobs.filter(hasEnded)) {
      await this.remove(job.id);
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._poll.dispose();
    Signal.clearData(this);
  }

  private async _load(): Promise<void> {
    this._isLoading = true;
    try {
      const { jobs } = await this._client.jobs();
      const known = new Map(this._jobs.map(job => [job.id, job]));
      // An answer that was on its way while a feed read on must not turn time back.
      const merged = jobs.map(job => {
        const old = known.get(job.id);
        return old && old.seq > job.seq ? old : job;
      });
      this._problem = null;
      this._replace(merged);
    } catch (error) {
      this._problem = problemOf(error);
      this._isReady = true;
      this._changed.emit();
      throw error;
    } finally {
      this._isLoading = false;
    }
  }

  private _replace(jobs: readonly Job[]): void {
    if (this._isDisposed) {
      return;
    }
    const before = new Map(this._jobs.map(job => [job.id, job]));
    const isFirst = !this._isReady;
    this._jobs = jobs;
    this._isReady = true;
    this._keepPace();
    this._changed.emit();
    for (const job of jobs) {
      const old = before.get(job.id);
      if (old === undefined && !isFirst) {
        this._started.emit(job);
      }
      if (hasEnded(job) && (old ? !hasEnded(old) : !isFirst)) {
        this._ended.emit(job);
      }
    }
  }

  private _keepPace(): void {
    const isActive = this._jobs.some(job => !hasEnded(job));
    const interval = isActive ? this._pace.active : this._pace.idle;
    if (this._poll.frequency.interval !== interval) {
      this._poll.frequency = { ...this._poll.frequency, interval };
      if (isActive && !this._isLoading && this._isStarted) {
        void this._poll.refresh();
      }
    }
  }

  private readonly _client: Client;
  private readonly _pace: IPace;
  private readonly _poll: Poll<void, unknown>;
  private readonly _flight = new SingleFlight(() => this._load());
  private _jobs: readonly Job[] = [];
  private _problem: Problem | null = null;
  private _isReady = false;
  private _isStarted = false;
  private _isLoading = false;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _ended = new Signal<this, Job>(this);
  private readonly _started = new Signal<this, Job>(this);
}

/**
 * The jobs, for extensions that want to follow them.
 */
export const IJobs = new Token<JobsModel>(
  'jupyter_envmgr:IJobs',
  'The long operations on environments, and how far they are.'
);
