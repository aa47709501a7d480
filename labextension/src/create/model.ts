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
  type TextChoice,
  type EngineOffer,
  type Interpreter,
  type Recognition,
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
import { withChoice } from './builds';
import { before, changesOf, type Fields, fillingOf } from './filling';
import { offeredPython } from './python';
import { whyNot } from './whynot';

/** Milliseconds without a key before the server is asked what it thinks. */
const PAUSE = 300;

/** What is offered for conda; any other version can be typed. */
const CONDA_PYTHONS = ['3.14', '3.13', '3.12', '3.11', '3.10', '3.9', '3.8'];

/**
 * What is wrong with one field.
 */
export interface IFieldProblem {
  readonly text: string;
  readonly line: number | null;
  readonly column?: number | null;
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
  /** The name of the file that the text of the draft came from. */
  filename?: string;
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
    this._filename = options.filename ?? '';
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

  /** What can do the work of a manager. */
  get engines(): readonly EngineOffer[] {
    return this._engines;
  }

  /** The minor versions of Python that a conda environment may have. */
  get condaPythons(): readonly string[] {
    return CONDA_PYTHONS;
  }

  /** What the text of the packages is; null while that is not known. */
  get recognised(): Recognition | null {
    return this._recognised;
  }

  /** The name of the file that the text came from; empty if somebody typed it. */
  get filename(): string {
    return this._filename;
  }

  /** What the text has filled in, by field, so that it can be taken back. */
  get filled(): Fields {
    return this._filled;
  }

  /** All that would be installed, once somebody has asked for it. */
  get solved(): Plan | null {
    return this._solved;
  }

  /** Whether it is being found out what would be installed. */
  get isSolving(): boolean {
    return this._solving !== null;
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
    const isMine = (entry: [string, unknown]) => !(entry[0] in fields);
    for (const field of Object.keys(fields) as Field[]) {
      this._touched.add(field);
    }
    // What somebody has changed themselves is not taken back with the rest.
    this._filled = Object.fromEntries(
      Object.entries(this._filled).filter(isMine)
    );
    this._before = Object.fromEntries(
      Object.entries(this._before).filter(isMine)
    );
    if ('manager' in fields) {
      this._kept = this._recognised?.kind ?? '';
      // Who chooses the manager that the text is for gets the rest of it too.
      this._read = null;
    }
    this._put(fields);
    this.check();
  }

  /**
   * Take the text of a file, in the place of what was there.
   */
  read(text: string, filename: string): void {
    this._filename = filename;
    this._read = null;
    this._kept = '';
    this._touched.add('requirements');
    this._put({ requirements: text });
    this.check();
  }

  /**
   * Take back what the text has filled in, and leave it so for a text of its kind.
   */
  undo(): void {
    this._kept = this._recognised?.kind ?? '';
    const { _before } = this;
    this._filled = {};
    this._before = {};
    for (const field of Object.keys(_before) as Field[]) {
      this._touched.add(field);
    }
    this._put(_before);
    this.check();
  }

  /**
   * Take the text that a choice about builds comes to.
   */
  choose(choice: TextChoice): void {
    if (this._recognised) {
      const { requirements } = this._draft;
      this.set({
        requirements: withChoice(requirements, this._recognised, choice)
      });
    }
  }

  /**
   * Find out all that would be installed. It takes seconds, and is given up with any change.
   */
  async solve(): Promise<void> {
    this.stopSolving();
    const abort = new AbortController();
    this._solving = abort;
    this._changed.emit();
    try {
      const request = requestOf(this._draft);
      const plan = await this._client.content.solveCreate(
        request,
        abort.signal
      );
      if (!abort.signal.aborted) {
        this._solved = plan;
        this._problem = null;
      }
    } catch (error) {
      if (!abort.signal.aborted && !isAbort(error)) {
        this._object(problemOf(error, this._trans));
      }
    }
    if (this._solving === abort) {
      this._solving = null;
      this._changed.emit();
    }
  }

  /** Give up finding it out, or put away what was found. */
  stopSolving(): void {
    this._solved = null;
    this._solving?.abort();
    this._solving = null;
    this._changed.emit();
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
    const { manager } = this._draft;
    const objections = this._errors.filter(
      error => fieldOf(error.field, manager) === field
    );
    const isRead = field === 'requirements' && objections.length === 0;
    const found = isRead ? this._recognised : null;
    const errors = found?.manager === manager ? found.errors : objections;
    return errors.map(error => ({
      text: error.detail,
      line: error.line,
      column: error.column
    }));
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
    this._solving?.abort();
    this._debouncer.dispose();
    Signal.clearData(this);
  }

  private async _prepare(): Promise<void> {
    const [status, list, engines] = await Promise.allSettled([
      this._client.status(),
      this._client.interpreters(),
      this._client.content.engines()
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
    if (engines.status === 'fulfilled') {
      this._engines = engines.value.engines;
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
    await this._recognise(abort.signal);
    if (abort.signal.aborted) {
      return;
    }
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

  /** Change fields, whoever wants it. */
  private _put(fields: Fields): void {
    this._draft = { ...this._draft, ...fields };
    const { manager } = this._draft;
    // What was objected to is being changed: the objection goes until it is made again.
    this._errors =
      'manager' in fields
        ? []
        : this._errors.filter(
            error => !(fieldOf(error.field, manager)! in fields)
          );
    if ('requirements' in fields) {
      this._recognised = null;
    }
    this._problem = null;
    this._isChecked = false;
    this._solved = null;
    this._solving?.abort();
    this._solving = null;
    this._changed.emit();
  }

  /** Ask the server what the text is, and take from it what nobody has filled in. */
  private async _recognise(signal: AbortSignal): Promise<void> {
    const text = this._draft.requirements;
    if (text === this._read) {
      return;
    }
    if (text.trim() === '') {
      this._filename = '';
      this._read = text;
      this._put(this._before);
      this._filled = {};
      this._before = {};
      return;
    }
    let found: Recognition;
    try {
      const { content } = this._client;
      found = await content.recognise(text, this._filename, signal);
    } catch {
      // The plan of the whole form says what is wrong.
      return;
    }
    if (signal.aborted) {
      return;
    }
    this._read = text;
    if (found.kind !== this._kept) {
      this._kept = '';
    }
    const fields = changesOf(
      fillingOf(
        found,
        this._draft,
        this._interpreters,
        this._filled,
        this._kept,
        this._touched
      ),
      this._draft
    );
    this._before = { ...before(fields, this._draft), ...this._before };
    this._filled = { ...this._filled, ...fields };
    if (Object.keys(fields).length > 0) {
      this._put(fields);
    }
    this._recognised = found;
    this._changed.emit();
  }

  /** Put an objection where it belongs: at the fields that it names, else below the form. */
  private _object(problem: Problem): void {
    const { manager } = this._draft;
    const about = problem.errors.filter(
      error => fieldOf(error.field, manager) !== null
    );
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
  private _engines: readonly EngineOffer[] = [];
  private _recognised: Recognition | null = null;
  private _solved: Plan | null = null;
  private _solving: AbortController | null = null;
  private _filename = '';
  private _filled: Fields = {};
  private _before: Fields = {};
  /** The text that was recognised last. */
  private _read: string | null = null;
  /** The kind of text for which somebody took back what it had filled in. */
  private _kept = '';
  private _isPreparing = true;
  private _isChecked = false;
  private _isSubmitting = false;
  private _isDisposed = false;
}
