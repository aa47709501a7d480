/**
 * All environments as the server sees them.
 */
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  type Environment,
  type Job,
  type Problem,
  problemOf,
  SingleFlight
} from '../api';
import type { JobsModel } from '../jobs/model';
import type { PackagesModel } from '../packages/model';

/**
 * The options of a `EnvironmentsModel`.
 */
export interface IEnvironmentsOptions {
  client: Client;
  jobs: JobsModel;
  packages: PackagesModel;
  standby?: Poll.Standby | (() => boolean | Poll.Standby);
}

/**
 * The environments of this machine and home, and what was tried with them.
 */
export class EnvironmentsModel implements IDisposable {
  constructor(options: IEnvironmentsOptions) {
    this.jobs = options.jobs;
    this.packages = options.packages;
    this._client = options.client;
    this._poll = new Poll<void, unknown>({
      name: 'jupyter_envmgr:environments',
      auto: false,
      factory: () => this._flight.run(),
      frequency: { interval: 30000, backoff: true, max: 300000 },
      standby: options.standby ?? 'when-hidden'
    });
    this.jobs.started.connect(this._onJobStarted, this);
    this.jobs.ended.connect(this._onJobEnded, this);
  }

  readonly jobs: JobsModel;
  readonly packages: PackagesModel;

  get environments(): readonly Environment[] {
    return this._environments;
  }

  /** What kept the server from seeing more. */
  get warnings(): readonly string[] {
    return this._warnings;
  }

  /** Why the list could not be read, if it could not. */
  get problem(): Problem | null {
    return this._problem;
  }

  /** Whether the list was read at least once. */
  get isReady(): boolean {
    return this._isReady;
  }

  /** Whether the list is being read because somebody asked for it. */
  get isRefreshing(): boolean {
    return this._isRefreshing;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Seconds between two looks while the panel can be seen. */
  set interval(seconds: number) {
    const interval = Math.max(5, seconds) * 1000;
    this._poll.frequency = { interval, backoff: true, max: 10 * interval };
  }

  /**
   * Begin to look regularly.
   */
  async start(): Promise<void> {
    await this._poll.start();
  }

  /**
   * Look now; with `fresh`, the server looks at the disk again, too.
   */
  async refresh(fresh = false): Promise<void> {
    if (fresh) {
      this._fresh = true;
      this._isRefreshing = true;
      this.packages.forget();
    }
    await this._flight.run().catch(() => undefined);
  }

  /**
   * One environment: as it is known, else as the server knows it.
   */
  async get(id: string): Promise<Environment> {
    return this.find(id) ?? (await this._client.environment(id));
  }

  find(id: string): Environment | undefined {
    return this._environments.find(environment => environment.id === id);
  }

  /**
   * Why the last thing that was tried with an environment did not work.
   */
  problemWith(id: string): Problem | null {
    return this._problems.get(id) ?? null;
  }

  /**
   * Keep a problem where it happened until somebody dismisses it.
   */
  report(id: string, problem: Problem): void {
    this._problems.set(id, problem);
    this._changed.emit();
  }

  dismiss(id: string): void {
    if (this._problems.delete(id)) {
      this._changed.emit();
    }
  }

  /**
   * Change the display name; an empty one goes back to the plain name.
   */
  async rename(id: string, displayName: string): Promise<void> {
    this._put(await this._client.update(id, { display_name: displayName }));
  }

  /**
   * Create a failed environment again, as it was asked for.
   */
  async retry(id: string, breakLock = false): Promise<Job> {
    this.dismiss(id);
    const job = await this._client.retry(id, breakLock);
    this.jobs.accept(job);
    return job;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._poll.dispose();
    Signal.clearData(this);
  }

  private async _read(): Promise<void> {
    const fresh = this._fresh;
    this._fresh = false;
    try {
      const answer = await this._client.environments(fresh);
      this._take(answer.environments, answer.warnings);
    } catch (error) {
      this._problem = problemOf(error);
      this._isReady = true;
      throw error;
    } finally {
      this._isRefreshing = this._fresh;
      if (!this._isDisposed) {
        this._changed.emit();
      }
    }
  }

  private _take(
    environments: readonly Environment[],
    warnings: readonly string[]
  ): void {
    const old = new Map(this._environments.map(e => [e.id, e]));
    // The same value stays the same object, so that only rows that changed are drawn again.
    this._environments = environments.map(environment => {
      const known = old.get(environment.id);
      return known && JSON.stringify(known) === JSON.stringify(environment)
        ? known
        : environment;
    });
    this._warnings = warnings;
    this._problem = null;
    this._isReady = true;
    for (const id of this._problems.keys()) {
      if (!environments.some(environment => environment.id === id)) {
        this._problems.delete(id);
      }
    }
  }

  private _put(environment: Environment): void {
    this._environments = this._environments.map(old =>
      old.id === environment.id ? environment : old
    );
    this._changed.emit();
  }

  private _onJobStarted(_: JobsModel, job: Job): void {
    this.dismiss(job.subject);
    void this.refresh();
  }

  private _onJobEnded(_: JobsModel, job: Job): void {
    this.packages.forget(job.subject);
    void this.refresh();
  }

  private readonly _client: Client;
  private readonly _poll: Poll<void, unknown>;
  private readonly _flight = new SingleFlight(() => this._read());
  private readonly _problems = new Map<string, Problem>();
  private readonly _changed = new Signal<this, void>(this);
  private _environments: readonly Environment[] = [];
  private _warnings: readonly string[] = [];
  private _problem: Problem | null = null;
  private _isReady = false;
  private _isRefreshing = false;
  private _isDisposed = false;
  private _fresh = false;
}
