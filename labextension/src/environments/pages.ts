/**
 * What the page of one environment shows, read when its parts are opened.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  type Elsewhere,
  type Environment,
  type EnvironmentHistory,
  type Export,
  type Job,
  type Problem,
  problemOf,
  type Verification
} from '../api';
import type { JobsModel } from '../jobs/model';
import type { IReading } from '../packages/model';
import { hasEnded, type IVoice } from '../text/words';

/** The parts of the page. */
export type PagePart = 'verify' | 'history' | 'elsewhere' | 'export';

export const PARTS: readonly PagePart[] = [
  'verify',
  'history',
  'elsewhere',
  'export'
];

const NOTHING: IReading<never> = {
  value: null,
  isLoading: false,
  problem: null
};

/** What each part reads. */
interface IReadings {
  verify: IReading<Verification>;
  history: IReading<EnvironmentHistory>;
  elsewhere: IReading<Elsewhere>;
  export: IReading<Export>;
}

/**
 * The options of a `PageModel`.
 */
export interface IPageOptions {
  client: Client;
  jobs: JobsModel;
  trans: TranslationBundle;
  /** The environment as the list has it. */
  find: (id: string) => Environment | undefined;
  id: string;
}

/**
 * The page of one environment.
 */
export class PageModel implements IDisposable {
  constructor(private readonly _options: IPageOptions) {
    this.id = _options.id;
    _options.jobs.changed.connect(this._onJobs, this);
    _options.jobs.ended.connect(this._onEnded, this);
  }

  readonly id: string;

  get environment(): Environment | undefined {
    return this._options.find(this.id);
  }

  /** The parts that are open. */
  get open(): ReadonlySet<PagePart> {
    return this._open;
  }

  /** The format that is exported; empty for the usual one. */
  get format(): string {
    return this._format;
  }

  get verification(): IReading<Verification> {
    return this._readings.verify;
  }

  get history(): IReading<EnvironmentHistory> {
    return this._readings.history;
  }

  get elsewhere(): IReading<Elsewhere> {
    return this._readings.elsewhere;
  }

  get exported(): IReading<Export> {
    return this._readings.export;
  }

  /** The job that verifies it at this moment. */
  get verifying(): Job | undefined {
    return this._options.jobs.jobs.find(
      job =>
        job.subject === this.id &&
        job.operation === 'environments.verify' &&
        !hasEnded(job)
    );
  }

  /** What the last attempt came to that did not work. */
  get problem(): Problem | null {
    return this._problem;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * Open a part of the page, and read what it shows.
   */
  show(part: PagePart, isOpen = true): void {
    const open = new Set(this._open);
    if (isOpen) {
      open.add(part);
      void this.read(part);
    } else {
      open.delete(part);
    }
    this._open = open;
    this._changed.emit();
  }

  choose(format: string): void {
    if (format !== this._format || this._readings.export.value === null) {
      this._format = format;
      // A lock takes seconds: nobody should save another format's text meanwhile.
      this._readings = { ...this._readings, export: NOTHING };
      void this.read('export');
    }
  }

  /**
   * Read what a part shows; what was read before stays until then.
   */
  async read(part: PagePart): Promise<void> {
    const { content } = this._options.client;
    switch (part) {
      case 'verify':
        return this._read(part, () => content.verification(this.id));
      case 'history':
        return this._read(part, () => content.history(this.id));
      case 'elsewhere':
        return this._read(part, () => content.elsewhere(this.id));
      default:
        return this._read(part, () => content.export(this.id, this._format));
    }
  }

  /**
   * Begin to import what was asked for.
   */
  async verify(): Promise<void> {
    await this.attempt(async () => {
      const job = await this._options.client.content.verify(this.id);
      this._options.jobs.accept(job);
    });
  }

  /**
   * Try something; what goes wrong is kept until it is dismissed.
   */
  async attempt(action: () => Promise<void>): Promise<void> {
    this.dismiss();
    try {
      await action();
    } catch (error) {
      this._problem = problemOf(error, this._options.trans);
      this._changed.emit();
    }
  }

  /** Say that what others know of the environment has changed. */
  touch(): void {
    this._changed.emit();
  }

  dismiss(): void {
    this._problem = null;
    this._changed.emit();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._options.jobs.changed.disconnect(this._onJobs, this);
    this._options.jobs.ended.disconnect(this._onEnded, this);
    Signal.clearData(this);
  }

  private async _read<P extends PagePart>(
    part: P,
    read: () => Promise<unknown>
  ): Promise<void> {
    const turn = (this._turns.get(part) ?? 0) + 1;
    this._turns.set(part, turn);
    const put = (reading: IReading<unknown>) => {
      if (this._turns.get(part) === turn && !this._isDisposed) {
        this._readings = { ...this._readings, [part]: reading };
        this._changed.emit();
      }
    };
    const { value } = this._readings[part];
    put({ value, isLoading: true, problem: null });
    try {
      put({ value: await read(), isLoading: false, problem: null });
    } catch (error) {
      const problem = problemOf(error, this._options.trans);
      put({ value, isLoading: false, problem });
    }
  }

  private _onJobs(): void {
    // While it is verified, each package is shown as soon as it was imported.
    const progress = this.verifying?.progress ?? null;
    if (progress !== this._progress && this._open.has('verify')) {
      this._progress = progress;
      void this.read('verify');
    }
    this._changed.emit();
  }

  private _onEnded(_: JobsModel, job: Job): void {
    if (job.subject === this.id) {
      for (const part of this._open) {
        void this.read(part);
      }
    }
  }

  private _open: ReadonlySet<PagePart> = new Set();
  private _format = '';
  private _progress: number | null = null;
  private _problem: Problem | null = null;
  private _isDisposed = false;
  private readonly _turns = new Map<PagePart, number>();
  private _readings: IReadings = {
    verify: NOTHING,
    history: NOTHING,
    elsewhere: NOTHING,
    export: NOTHING
  };
  private readonly _changed = new Signal<this, void>(this);
}

/** What can be done from the page. */
export interface IPageActions {
  goBack: (number: number) => Promise<void>;
  /** Keep a text as a file on the person's own computer. */
  download: (filename: string, text: string) => void;
  /** Keep a text as a file where the file browser is; its path. Null where there is none. */
  save: ((filename: string, text: string) => Promise<string>) | null;
  pack: () => Promise<void>;
}

/** What the page and its parts are drawn from. */
export interface IPageProps {
  model: PageModel;
  voice: IVoice;
  actions: IPageActions;
}
