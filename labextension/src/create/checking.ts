/**
 * Asks the server about a form, a moment after the last key: what its text is, what would happen.
 */
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';

import { type Client, isAbort } from '../api';
import { requestOf } from './draft';
import type { Fields } from './filling';
import type { Opinion } from './opinion';
import type { IAroundText, Reading } from './reading';

/** Milliseconds without a key before the server is asked what it thinks. */
const PAUSE = 300;

/** The form that is asked about, and what becomes of the answers. */
export interface IChecked {
  readonly client: Client;
  readonly text: Reading;
  readonly opinion: Opinion;
  /** The form as it is at this moment. */
  around: () => IAroundText;
  /** Take what the text has filled in. */
  put: (fields: Fields) => void;
  /** Called whenever there is something new to show. */
  onChange: () => void;
  /** Milliseconds to wait for the next key; tests wait less. */
  pause?: number;
}

/**
 * The questions. Of those under way only the last one counts.
 */
export class Checking implements IDisposable {
  constructor(private readonly _form: IChecked) {
    this._debouncer = new Debouncer(() => this._check(), _form.pause ?? PAUSE);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Ask as soon as nobody types.
   */
  soon(): void {
    this._debouncer.invoke().catch(() => undefined);
  }

  /**
   * Ask at once what the text is.
   */
  async recognise(): Promise<void> {
    await this._recognise(this._begin());
  }

  /**
   * Ask nothing any more, and care for no answer, until something changes.
   */
  stop(): void {
    this._abort?.abort();
    this._isStopped = true;
  }

  /** There may be something to ask again. */
  resume(): void {
    this._isStopped = false;
  }

  dispose(): void {
    this._isDisposed = true;
    this._abort?.abort();
    this._debouncer.dispose();
  }

  private async _check(): Promise<void> {
    if (this._isDisposed || this._isStopped) {
      return;
    }
    const { client, opinion, around, onChange } = this._form;
    // Without a good name, too: the server names everything that is wrong, field by field.
    const signal = this._begin();
    await this._recognise(signal);
    if (signal.aborted) {
      return;
    }
    try {
      const request = requestOf(around().draft);
      const plan = await client.planCreate(request, signal);
      if (signal.aborted) {
        return;
      }
      opinion.approve(plan);
    } catch (error) {
      if (signal.aborted || isAbort(error)) {
        return;
      }
      opinion.object(error, around().draft.manager);
    }
    onChange();
  }

  private async _recognise(signal: AbortSignal): Promise<void> {
    const { text, around, put, onChange } = this._form;
    if (await text.recognise(around, put, signal)) {
      onChange();
    }
  }

  /** Begin to ask something; what was asked before is given up. */
  private _begin(): AbortSignal {
    this._abort?.abort();
    this._abort = new AbortController();
    return this._abort.signal;
  }

  private readonly _debouncer: Debouncer<void>;
  private _abort: AbortController | null = null;
  private _isStopped = false;
  private _isDisposed = false;
}
