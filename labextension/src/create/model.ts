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
  type TextChoice,
  type EngineOffer,
  type Interpreter,
  isAbort,
  type Job,
  type Plan,
  type Problem,
  type StatusReport
} from '../api';
import { withChoice } from './builds';
import { type Field, type IDraft, isWorthKeeping, requestOf } from './draft';
import type { Fields } from './filling';
import { Offered } from './offered';
import { Opinion } from './opinion';
import { offeredPython } from './python';
import { Reading } from './reading';
import { Solving } from './solving';
import { whyNot } from './whynot';

/** Milliseconds without a key before the server is asked what it thinks. */
const PAUSE = 300;

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
    this.text = new Reading(options.client, options.filename ?? '');
    const changed = () => this._changed.emit();
    this.solving = new Solving(options.client, changed);
    this._opinion = new Opinion(options.trans);
    this.offered = new Offered(
      options.client,
      options.trans,
      changed,
      options.pause
    );
    this._debouncer = new Debouncer(
      () => this._check(),
      options.pause ?? PAUSE
    );
    this.ready = this._prepare();
  }

  /** Settles when the choices of the form are known, or cannot be. */
  readonly ready: Promise<void>;

  /** The Pythons that a conda environment may have. */
  readonly offered: Offered;

  /** What the text of the packages is, and what it has filled in. */
  readonly text: Reading;

  /** All that would be installed, once somebody has asked for it. */
  readonly solving: Solving;

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

  get status(): StatusReport | null {
    return this._status;
  }

  /** What would happen, by the last answer that had nothing to object. */
  get plan(): Plan | null {
    return this._opinion.plan;
  }

  /** Whether the plan is that of what is typed now. */
  get isChecked(): boolean {
    return this._opinion.isCurrent;
  }

  /** What went wrong that no field is to blame for. */
  get problem(): Problem | null {
    return this._opinion.problem;
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
    this.text.leave(fields);
    this._put(fields);
    this.check();
  }

  /**
   * Take the text of a file, in the place of what was there.
   */
  read(text: string, filename: string): void {
    this.text.open(filename);
    this._touched.add('requirements');
    this._put({ requirements: text });
    this.check();
  }

  /**
   * Take back what the text has filled in, and leave it so for a text of its kind.
   */
  undo(): void {
    const fields = this.text.undo();
    for (const field of Object.keys(fields) as Field[]) {
      this._touched.add(field);
    }
    this._put(fields);
    this.check();
  }

  /**
   * Take the text that a choice about builds comes to.
   */
  choose(choice: TextChoice): void {
    if (this.text.recognised) {
      const { requirements } = this._draft;
      this.set({
        requirements: withChoice(requirements, this.text.recognised, choice)
      });
    }
  }

  /**
   * Find out all that would be installed. It takes seconds, and is given up with any change.
   */
  async solve(): Promise<void> {
    try {
      if (await this.solving.solve(requestOf(this._draft))) {
        this._opinion.forgive();
      }
    } catch (error) {
      const { context } = this._opinion.object(error, this._draft.manager);
      if (context?.builds_gone) {
        this.text.lack(context.builds_gone.split('\n'));
        await this._recognise(this._begin());
      }
    }
    this._changed.emit();
  }

  /** Give up finding it out, or put away what was found. */
  stopSolving(): void {
    this.solving.stop();
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
    const objections = this._opinion.about(field, manager);
    const isRead = field === 'requirements' && objections.length === 0;
    const found = isRead ? this.text.recognised : null;
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
      this._opinion.object(error, this._draft.manager);
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
    this.solving.stop();
    this.offered.dispose();
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
    this.offered.follow(this._draft);
    if (status.status === 'fulfilled') {
      this._status = status.value;
    } else {
      this._opinion.object(status.reason, this._draft.manager);
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
    const signal = this._begin();
    await this._recognise(signal);
    if (signal.aborted) {
      return;
    }
    try {
      const plan = await this._client.planCreate(
        requestOf(this._draft),
        signal
      );
      if (signal.aborted) {
        return;
      }
      this._opinion.approve(plan);
    } catch (error) {
      if (signal.aborted || isAbort(error)) {
        return;
      }
      this._opinion.object(error, this._draft.manager);
    }
    this._changed.emit();
  }

  /** Begin to ask something; what was asked before is given up. */
  private _begin(): AbortSignal {
    this._abort?.abort();
    this._abort = new AbortController();
    return this._abort.signal;
  }

  private async _recognise(signal: AbortSignal): Promise<void> {
    const isNews = await this.text.recognise(
      () => ({
        draft: this._draft,
        interpreters: this._interpreters,
        touched: this._touched
      }),
      fields => this._put(fields),
      signal
    );
    if (isNews) {
      this._changed.emit();
    }
  }

  /** Change fields, whoever wants it. */
  private _put(fields: Fields): void {
    this._draft = { ...this._draft, ...fields };
    this._opinion.doubt(fields, this._draft.manager);
    if ('requirements' in fields) {
      this.text.forget();
    }
    this.solving.stop();
    this.offered.follow(this._draft);
    this._changed.emit();
  }

  private readonly _client: Client;
  private readonly _trans: TranslationBundle;
  private readonly _environments: () => readonly Environment[];
  private readonly _debouncer: Debouncer<void>;
  private readonly _opinion: Opinion;
  private readonly _touched = new Set<Field>();
  private readonly _changed = new Signal<this, void>(this);
  private _draft: IDraft;
  private _interpreters: readonly Interpreter[] = [];
  private _status: StatusReport | null = null;
  private _abort: AbortController | null = null;
  private _engines: readonly EngineOffer[] = [];
  private _isPreparing = true;
  private _isSubmitting = false;
  private _isDisposed = false;
}
