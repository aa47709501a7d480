/**
 * One job as it is followed: its steps, its log and its progress, event by event.
 */
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  isAbort,
  type Job,
  type LoggedEvent,
  type Problem,
  problemOf
} from '../api';
import { hasEnded } from '../text/words';

/** Seconds that one request waits for something new. */
const WAIT = 20;

/** Milliseconds before a request that failed is sent again; the last one repeats. */
const PAUSES = [500, 1000, 2000, 5000, 10000];

/** Milliseconds between two requests, in which a talkative tool's lines come together. */
const GATHER = 150;

/** Lines of the log that are kept; the whole log stays on the server. */
export const LOG_LINES = 5000;

/**
 * One step of a job.
 */
export interface IStep {
  readonly step: string;
  readonly title: string;
  readonly number: number;
  readonly total: number;
  readonly started: string;
}

/**
 * One line of a job's log.
 */
export interface ILogLine {
  readonly seq: number;
  readonly time: string;
  readonly text: string;
  readonly kind: 'output' | 'error' | 'info' | 'warning' | 'step';
}

/**
 * The options of a `JobFeed`.
 */
export interface IFeedOptions {
  id: string;
  client: Client;
  /** Told of the job as each answer has it. */
  accept: (job: Job) => void;
  /** Waits; tests give one that does not. */
  sleep?: (milliseconds: number) => Promise<void>;
}

/**
 * Follows a job until it has ended or nobody looks any more.
 */
export class JobFeed implements IDisposable {
  constructor(options: IFeedOptions) {
    this.id = options.id;
    this._client = options.client;
    this._accept = options.accept;
    this._sleep = options.sleep ?? defaultSleep;
    this.done = this._follow();
  }

  readonly id: string;

  /** Settles when nothing more is followed. */
  readonly done: Promise<void>;

  /** The job as it was with the newest event; null until the first answer. */
  get job(): Job | null {
    return this._job;
  }

  get steps(): readonly IStep[] {
    return this._steps;
  }

  get log(): readonly ILogLine[] {
    return this._log;
  }

  /** How many lines at the beginning of the log are not kept here. */
  get dropped(): number {
    return this._dropped;
  }

  /** Why the job cannot be followed at this moment. */
  get problem(): Problem | null {
    return this._problem;
  }

  get isDisposed(): boolean {
    return this._abort.signal.aborted;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  dispose(): void {
    this._abort.abort();
    Signal.clearData(this);
  }

  private async _follow(): Promise<void> {
    let failures = 0;
    while (!this.isDisposed) {
      try {
        // The first look does not wait: there may be nothing new for long.
        const wait = this._job === null ? 0 : WAIT;
        const answer = await this._client.events(
          this.id,
          this._seq,
          wait,
          this._abort.signal
        );
        failures = 0;
        this._take(answer.events, answer.job);
        // Where the last events were lost with the server, none will ever come.
        const isAll = this._seq >= answer.job.seq || answer.events.length === 0;
        if (hasEnded(answer.job) && isAll) {
          return;
        }
        await this._sleep(GATHER);
      } catch (error) {
        if (this.isDisposed || isAbort(error)) {
          return;
        }
        this._problem = problemOf(error);
        this._changed.emit();
        if (this._problem.kind === 'not-found') {
          return;
        }
        await this._sleep(PAUSES[Math.min(failures, PAUSES.length - 1)]);
        failures += 1;
      }
    }
  }

  private _take(events: readonly LoggedEvent[], job: Job): void {
    if (this.isDisposed) {
      return;
    }
    const lines: ILogLine[] = [];
    for (const event of events) {
      if (event.seq <= this._seq) {
        continue;
      }
      this._seq = event.seq;
      if (event.type === 'step-started') {
        this._begin(event);
      }
      const line = lineOf(event);
      if (line !== null) {
        lines.push(line);
      }
    }
    if (lines.length > 0) {
      const log = this._log.concat(lines);
      const excess = Math.max(0, log.length - LOG_LINES);
      this._dropped += excess;
      this._log = excess > 0 ? log.slice(excess) : log;
    }
    this._job = job;
    this._problem = null;
    this._changed.emit();
    this._accept(job);
  }

  private _begin(event: LoggedEvent): void {
    const step: IStep = {
      step: event.step ?? '',
      title: event.title ?? event.step ?? '',
      number: event.number ?? this._steps.length + 1,
      total: event.total ?? 0,
      started: event.time
    };
    this._steps = [...this._steps.filter(s => s.step !== step.step), step];
  }

  private readonly _client: Client;
  private readonly _accept: (job: Job) => void;
  private readonly _sleep: (milliseconds: number) => Promise<void>;
  private readonly _abort = new AbortController();
  private readonly _changed = new Signal<this, void>(this);
  private _job: Job | null = null;
  private _seq = 0;
  private _steps: readonly IStep[] = [];
  private _log: readonly ILogLine[] = [];
  private _dropped = 0;
  private _problem: Problem | null = null;
}

function lineOf(event: LoggedEvent): ILogLine | null {
  const { seq, time } = event;
  switch (event.type) {
    case 'step-started':
      return { seq, time, text: event.title ?? event.step ?? '', kind: 'step' };
    case 'output':
      return {
        seq,
        time,
        text: event.text ?? '',
        kind: event.stream === 'stdout' ? 'output' : 'error'
      };
    case 'notice':
      return {
        seq,
        time,
        text: event.text ?? '',
        kind: event.level === 'warning' ? 'warning' : 'info'
      };
    default:
      return null;
  }
}

function defaultSleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
