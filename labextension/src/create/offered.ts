/**
 * Which Pythons there are for a conda environment: what its channels offer, asked as they change.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';

import {
  type Client,
  isAbort,
  type OfferedPython,
  type OfferedPythons,
  type OfferRequest,
  problemOf
} from '../api';
import { requestOf, type IDraft } from './draft';

/** What is offered where the channels do not answer; any other version can be typed. */
const USUAL: readonly OfferedPython[] = [
  '3.14',
  '3.13',
  '3.12',
  '3.11',
  '3.10',
  '3.9',
  '3.8'
].map(minor => ({
  minor,
  version: minor,
  channel: '',
  releases: [],
  kernel: null,
  why_not: ''
}));

/** Milliseconds without a key before the channels are asked: an address takes a while to type. */
const PAUSE = 600;

/**
 * The Pythons of the channels that a form names.
 */
export class Offered implements IDisposable {
  /**
   * @param onChange - Called whenever there is something new to show.
   * @param pause - Milliseconds to wait for the next key; tests wait less.
   */
  constructor(
    private readonly _client: Client,
    private readonly _trans: TranslationBundle,
    private readonly _onChange: () => void,
    pause: number = PAUSE
  ) {
    this._debouncer = new Debouncer(() => this._ask(), pause);
  }

  /** What can be chosen; nothing until somebody has answered for the first time. */
  get pythons(): readonly OfferedPython[] {
    return this._answer?.pythons ?? (this._why === null ? [] : USUAL);
  }

  /** What the channels answered; null while nobody knows, or if they did not. */
  get answer(): OfferedPythons | null {
    return this._answer;
  }

  /** Whether the channels are being asked; what is shown may be that of others meanwhile. */
  get isAsking(): boolean {
    return this._isAsking;
  }

  /** Why nobody knows what the channels offer; null if that is not so, empty if a field says it. */
  get why(): string | null {
    return this._why;
  }

  /** Every version that can be typed, as far as it is known. */
  get versions(): readonly string[] {
    const known = this.pythons.length > 0 ? this.pythons : USUAL;
    const minors = known.map(python => python.minor);
    const releases = known.flatMap(python => python.releases);
    return [...new Set([...minors, ...releases])];
  }

  /**
   * Ask the channels of a form if they are other ones than those that were asked.
   */
  follow(draft: IDraft): void {
    if (draft.manager !== 'conda') {
      return;
    }
    const { channels, engine } = requestOf(draft);
    const question = { channels, engine };
    if (JSON.stringify(question) === JSON.stringify(this._question)) {
      return;
    }
    const isFirst = this._question === null;
    this._question = question;
    // What is under way is the answer to something that nobody asks any more.
    this._abort?.abort();
    this._isAsking = true;
    if (isFirst) {
      void this._ask();
    } else {
      this._debouncer.invoke().catch(() => undefined);
    }
    this._onChange();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._abort?.abort();
    this._debouncer.dispose();
  }

  private async _ask(): Promise<void> {
    if (this._isDisposed || this._question === null) {
      return;
    }
    this._abort?.abort();
    const abort = new AbortController();
    this._abort = abort;
    let answer: OfferedPythons | null = null;
    let why: string | null = null;
    try {
      const { content } = this._client;
      answer = await content.offered(this._question, abort.signal);
    } catch (error) {
      if (isAbort(error)) {
        return;
      }
      const problem = problemOf(error, this._trans);
      // A field that is wrong says so itself.
      why = problem.errors.length > 0 ? '' : problem.detail || problem.title;
    }
    if (abort.signal.aborted) {
      return;
    }
    this._answer = answer;
    this._why = why;
    this._isAsking = false;
    this._onChange();
  }

  private readonly _debouncer: Debouncer<void>;
  private _question: OfferRequest | null = null;
  private _answer: OfferedPythons | null = null;
  private _why: string | null = null;
  private _isAsking = false;
  private _isDisposed = false;
  private _abort: AbortController | null = null;
}
