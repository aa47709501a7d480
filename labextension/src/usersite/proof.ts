/**
 * One proof as it is found out: the job that runs the probes, and what they have shown so far.
 */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  type Job,
  type Problem,
  problemOf,
  type Proof,
  SingleFlight
} from '../api';
import type { JobFeed } from '../jobs/feed';
import type { JobsModel } from '../jobs/model';
import { hasEnded } from '../text/words';

/**
 * Follows a proof until it is complete, was given up, or nobody looks any more.
 */
export class ProofRun implements IDisposable {
  constructor(
    readonly id: string,
    private readonly _client: Client,
    private readonly _jobs: JobsModel
  ) {
    this._feed = _jobs.follow(id);
    this._feed.changed.connect(() => void this._flight.run());
    this.done = this._feed.done.then(() => this._flight.run());
  }

  /** Settles when nothing more will be seen. */
  readonly done: Promise<void>;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What the probes have shown; null until the first has ended. */
  get proof(): Proof | null {
    return this._proof;
  }

  get job(): Job | null {
    return this._feed.job;
  }

  get steps(): JobFeed['steps'] {
    return this._feed.steps;
  }

  /** Why it came to nothing, or cannot be seen at this moment. */
  get problem(): Problem | null {
    return this._proof ? null : (this._problem ?? this._feed.problem);
  }

  get isComplete(): boolean {
    return this._proof?.complete === true;
  }

  /** Whether more probes will come. */
  get isRunning(): boolean {
    const { job, problem } = this._feed;
    if (this.isComplete || problem?.kind === 'not-found') {
      return false;
    }
    return job === null || !hasEnded(job);
  }

  async cancel(): Promise<void> {
    await this._jobs.cancel(this.id);
  }

  get isDisposed(): boolean {
    return this._feed.isDisposed;
  }

  dispose(): void {
    this._feed.dispose();
    Signal.clearData(this);
  }

  private async _read(): Promise<void> {
    if (this.isComplete) {
      return;
    }
    try {
      this._proof = await this._client.usersite.proof(this.id);
      this._problem = null;
    } catch (error) {
      const problem = problemOf(error);
      // The first probe has not ended yet, or the job did not come to it.
      this._problem = problem.code === 'no-such-proof' ? null : problem;
    }
    if (!this.isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _feed: JobFeed;
  private readonly _flight = new SingleFlight(() => this._read());
  private _proof: Proof | null = null;
  private _problem: Problem | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
