/**
 * The state of one form: what is typed, what is wrong with it, and what would happen.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import {
  type Client,
  type Environment,
  type FieldError,
  type Interpreter,
  isAbort,
  type Job,
  type Plan,
  type Problem,
  problemOf,
  type StatusReport
} from '../api';
import {
  type Field,
  fieldOf,
  type IDraft,
  isWorthKeeping,
  requestOf
} from './draft';
import { offeredPython } from './python';
import { whyNot } from './whynot';

/** Milliseconds without a key before the server is asked what it thinks. */
const PAUSE = 300;

/**
 * What is wrong with one field.
 */
export interface IFieldProblem {
  readonly text: string;
  readonly line: number | null;
}

/**
 * The options of a `FormModel`.
 */
export interface IFormOptions {
  client: Client;
  trans: TranslationBundle;
  /** The environments that are known at this moment. */
  environments: () => readonly Environment[];
  draft: IDraft;
  /** Milliseconds to wait for the next key; tests wait less. */
  pause?: number;
}

/**
 * A form that is being filled in.
 */
export class FormModel implements IDisposable {
  constructor(options: IFormOptions) {
    this._client = options.client;
    this._trans = options.trans;
    this._environments = options.environments;
    this._draft = options.draft;
    this._debouncer = new Debouncer(
      () => this._check(),
      options.pause ?? PAUSE
    );
    this.ready = this._prepare();
  }

  /** Settles when the choices of the form are known, or cannot be. */
  readonly ready: Promise<void>;

  get draft(): IDraft {
    return this._draft;
  }

  get interpreters(): readonly Interpreter[] {
    return this._interpreters;
  }

  /** Whether the choices are still being read. */
  get isPreparing(): boolean {
    return this._isPreparing;
  }

  get status(): StatusReport | null {
    return this._status;
  }

  /** What would happen, by the last answer that had nothing to object. */
  get plan(): Plan | null {
    return this._plan;
  }

  /** Whether the plan is that of what is typed now. */
  get isChecked(): boolean {
    return this._isChecked;
  }

  /** What went wrong that no field is to blame for. */
  get problem(): Problem | null {
    return this._problem;
  }

  get isSubmitting(): boolean {
    return this._isSubmitting;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * Change fields, as somebody types.
   */
  set(fields: Partial<IDraft>): void {
    const isSame = (Object.keys(fields) as Field[]).every(
      field => fields[field] === this._draft[field]
    );
    if (isSame) {
      return;
    }
    for (const field of Object.keys(fields) as Field[]) {
      this._touched.add(field);
    }
    this._draft = { ...this._draft, ...fields };
    // What was objected to is being changed: the objection goes until it is made again.
    this._errors = this._errors.filter(
      error => !(fieldOf(error.field)! in fields)
    );
    this._problem = null;
    this._isChecked = false;
    this._changed.emit();
    this.check();
  }

  /**
   * Ask the server soon what it thinks of the form.
   */
  check(): void {
    this._debouncer.invoke().catch(() => undefined);
  }

  /**
   * What is wrong with a field.
   */
  problemsOf(field: Field): readonly IFieldProblem[] {
    const own = this._own(field);
    if (own !== '') {
      return [{ text: own, line: null }];
    }
    return this._errors
      .filter(error => fieldOf(error.field) === field)
      .map(error => ({ text: error.detail, line: error.line }));
  }

  /**
   * Whether a field may show what is wrong with it: nobody is blamed for what they did not touch.
   */
  isTouched(field: Field): boolean {
    return this._touched.has(field) || this._draft[field] !== '';
  }

  /**
   * Why nothing can be created now; empty if it can.
   */
  get blocked(): string {
    const own = this._own('name');
    if (own !== '') {
      return own;
    }
    for (const field of Object.keys(this._draft) as Field[]) {
      const [first] = this.problemsOf(field);
      if (first) {
        return first.line === null
          ? first.text
          : this._trans.__('Line %1: %2', first.line, first.text);
      }
    }
    return '';
  }

  /**
   * Create the environment. Null if the server objected; then the fields say to what.
   */
  async submit(): Promise<Job | null> {
    for (const field of Object.keys(this._draft) as Field[]) {
      this._touched.add(field);
    }
    if (this.blocked !== '' || this._isSubmitting) {
      this._changed.emit();
      return null;
    }
    this._isSubmitting = true;
    this._abort?.abort();
    this._changed.emit();
    try {
      return await this._client.create(requestOf(this._draft));
    } catch (error) {
      this._object(problemOf(error, this._trans));
      return null;
    } finally {
      this._isSubmitting = false;
      this._changed.emit();
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._abort?.abort();
    this._debouncer.dispose();
    Signal.clearData(this);
  }

  private async _prepare(): Promise<void> {
    const [status, list] = await Promise.allSettled([
      this._client.status(),
      this._client.interpreters()
    ]);
    if (this._isDisposed) {
      return;
    }
    this._isPreparing = false;
    if (status.status === 'fulfilled') {
      this._status = status.value;
    } else {
      this._problem = problemOf(status.reason, this._trans);
    }
    if (list.status === 'fulfilled') {
      this._interpreters = list.value.interpreters;
      const python = offeredPython(this._interpreters, this._draft.python);
      this._draft = { ...this._draft, python };
    }
    this._changed.emit();
    if (isWorthKeeping(this._draft)) {
      this.check();
    }
  }

  private _own(field: Field): string {
    const around = {
      environments: this._environments(),
      locations: this._status?.locations ?? []
    };
    return whyNot(field, this._draft, around, this._trans);
  }

  private async _check(): Promise<void> {
    if (this._isDisposed || this._isSubmitting) {
      return;
    }
    // Without a good name, too: the server names everything that is wrong, field by field.
    this._abort?.abort();
    const abort = new AbortController();
    this._abort = abort;
    try {
      const plan = await this._client.planCreate(
        requestOf(this._draft),
        abort.signal
      );
      if (abort.signal.aborted) {
        return;
      }
      this._plan = plan;
      this._errors = [];
      this._problem = null;
      this._isChecked = true;
    } catch (error) {
      if (abort.signal.aborted || isAbort(error)) {
        return;
      }
      this._object(problemOf(error, this._trans));
    }
    this._changed.emit();
  }

  /** Put an objection where it belongs: at the fields that it names, else below the form. */
  private _object(problem: Problem): void {
    const about = problem.errors.filter(error => fieldOf(error.field) !== null);
    this._errors = about;
    this._problem = about.length > 0 ? null : problem;
    this._plan = null;
    this._isChecked = true;
  }

  private readonly _client: Client;
  private readonly _trans: TranslationBundle;
  private readonly _environments: () => readonly Environment[];
  private readonly _debouncer: Debouncer<void>;
  private readonly _touched = new Set<Field>();
  private readonly _changed = new Signal<this, void>(this);
  private _draft: IDraft;
  private _interpreters: readonly Interpreter[] = [];
  private _status: StatusReport | null = null;
  private _plan: Plan | null = null;
  private _errors: readonly FieldError[] = [];
  private _problem: Problem | null = null;
  private _abort: AbortController | null = null;
  private _isPreparing = true;
  private _isChecked = false;
  private _isSubmitting = false;
  private _isDisposed = false;
}
