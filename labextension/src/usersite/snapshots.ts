/**
 * The snapshots as the server has them, and what was asked about them.
 */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  type Comparison,
  type Job,
  type Problem,
  problemOf,
  SingleFlight,
  type Snapshot,
  type SnapshotList
} from '../api';
import type { JobsModel } from '../jobs/model';
import { hasEnded, type IVoice } from '../text/words';

/** By what snapshots can be sorted; the first that a person wants comes first. */
export type Order = 'newest' | 'name' | 'size';

/**
 * Snapshots in an order of choice.
 */
export function sorted(
  snapshots: readonly Snapshot[],
  order: Order,
  locale: string
): readonly Snapshot[] {
  const collator = new Intl.Collator(locale, { numeric: true });
  const byName = (a: Snapshot, b: Snapshot) => collator.compare(a.name, b.name);
  return [...snapshots].sort((a, b) => {
    switch (order) {
      case 'newest':
        return b.created.localeCompare(a.created) || byName(a, b);
      case 'size':
        return b.bytes - a.bytes || byName(a, b);
      default:
        return byName(a, b);
    }
  });
}

/**
 * The snapshots.
 */
export class SnapshotsModel implements IDisposable {
  constructor(
    private readonly _client: Client,
    private readonly _jobs: JobsModel
  ) {
    _jobs.changed.connect(this._changedJobs, this);
    _jobs.ended.connect(this._onEnded, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get list(): SnapshotList | null {
    return this._list;
  }

  get problem(): Problem | null {
    return this._problem;
  }

  /** The job that works on a snapshot at this moment. */
  jobOf(name: string): Job | null {
    return (
      this._jobs.jobs.find(
        job =>
          job.operation.startsWith('usersite.') &&
          job.subject === name &&
          !hasEnded(job)
      ) ?? null
    );
  }

  refresh(): Promise<void> {
    return this._flight.run();
  }

  /** Take a job that was begun with a snapshot. */
  accept(job: Job | null): void {
    if (job) {
      this._jobs.accept(job);
    }
  }

  /** Show what came of a job. */
  show(job: Job): void {
    this._problem = job.problem;
    this._changed.emit();
  }

  /** Do something with the snapshots, and see what came of it. */
  async attempt(work: () => Promise<unknown>): Promise<void> {
    this._problem = null;
    this._changed.emit();
    try {
      await work();
      await this.refresh();
    } catch (error) {
      this._problem = problemOf(error);
      this._changed.emit();
    }
  }

  dismiss(): void {
    this._problem = null;
    this._changed.emit();
  }

  async rename(name: string, to: string): Promise<void> {
    await this._client.usersite.renameSnapshot(name, {
      name: to,
      remarks: null
    });
  }

  async remark(name: string, remarks: string): Promise<void> {
    await this._client.usersite.renameSnapshot(name, { name: null, remarks });
  }

  compare(name: string, other: string): Promise<Comparison> {
    return this._client.usersite.compare(name, other);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._jobs.changed.disconnect(this._changedJobs, this);
      this._jobs.ended.disconnect(this._onEnded, this);
      Signal.clearData(this);
    }
  }

  private _changedJobs(): void {
    this._changed.emit();
  }

  private _onEnded(_: JobsModel, job: Job): void {
    if (job.operation.startsWith('usersite.')) {
      if (job.problem && job.operation !== 'usersite.probe') {
        this._problem = job.problem;
      }
      void this.refresh();
    }
  }

  private async _read(): Promise<void> {
    try {
      this._list = await this._client.usersite.snapshots();
    } catch (error) {
      this._problem = problemOf(error);
    }
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _flight = new SingleFlight(() => this._read());
  private readonly _changed = new Signal<this, void>(this);
  private _list: SnapshotList | null = null;
  private _problem: Problem | null = null;
  private _isDisposed = false;
}

/**
 * What is done with snapshots through dialogs and files.
 */
export interface IShelfActions {
  restore: (name: string, packages: readonly string[]) => Promise<void>;
  remove: (name: string) => Promise<void>;
  rename: (snapshot: Snapshot) => Promise<void>;
  exportRequirements: (name: string) => Promise<void>;
  adopt: (path: string) => Promise<void>;
}

/**
 * What the page and its items are drawn from.
 */
export interface IShelfProps {
  model: SnapshotsModel;
  voice: IVoice;
  actions: IShelfActions;
}
