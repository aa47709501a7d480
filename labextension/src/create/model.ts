/**
 * The state of one form: what is typed, what is wrong with it, and what would happen.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type {
  Client,
  Environment,
  Job,
  Plan,
  Problem,
  TextChoice
} from '../api';
import { Available } from './available';
import { withChoice } from './builds';
import { Checking } from './checking';
import { type Field, type IDraft, isWorthKeeping, requestOf } from './draft';
import type { Fields } from './filling';
import { Offered } from './offered';
import { Opinion } from './opinion';
import {
  type IFieldProblem,
  type IWitnesses,
  problemsOf,
  whyBlocked
} from './problems';
import { offeredPython } from './python';
import { Reading } from './reading';
import { Solving } from './solving';

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
    const { client, trans, draft, pause } = options;
    this._client = client;
    this._trans = trans;
    this._environments = options.environments;
    this._draft = draft;
    const onChange = () => this._changed.emit();
    this.available = new Available(client);
    this.text = new Reading(client, options.filename ?? '');
    this.solving = new Solving(client, onChange);
    this.offered = new Offered(client, trans, onChange, pause);
    this._opinion = new Opinion(trans);
    this._checking = new Checking({
      client,
      text: this.text,
      opinion: this._opinion,
      around: () => ({
        draft: this._draft,
        interpreters: this.available.interpreters,
        touched: this._touched
      }),
      put: fields => this._put(fields),
      onChange,
      pause
    });
    this.ready = this._prepare();
  }

  /** Settles when the choices of the form are known, or cannot be. */
  readonly ready: Promise<void>;

  /** What there is to choose from. */
  readonly available: Available;

  /** The Pythons that a conda environment may have. */
  readonly offered: Offered;

  /** What the text of the packages is, and what it has filled in. */
  readonly text: Reading;

  /** All that would be installed, once somebody has asked for it. */
  readonly solving: Solving;

  get draft(): IDraft {
    return this._draft;
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
        await this._checking.recognise();
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
    this._checking.soon();
  }

  /**
   * What is wrong with a field.
   */
  problemsOf(field: Field): readonly IFieldProblem[] {
    return problemsOf(field, this._witnesses);
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
    return whyBlocked(this._witnesses);
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
    this._checking.stop();
    this._changed.emit();
    try {
      return await this._client.create(requestOf(this._draft));
    } catch (error) {
      this._opinion.object(error, this._draft.manager);
      return null;
    } finally {
      this._isSubmitting = false;
      this._checking.resume();
      this._changed.emit();
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._checking.dispose();
    this.solving.stop();
    this.offered.dispose();
    Signal.clearData(this);
  }

  private async _prepare(): Promise<void> {
    let problem: unknown = null;
    try {
      await this.available.read();
    } catch (error) {
      problem = error;
    }
    if (this._isDisposed) {
      return;
    }
    this.offered.follow(this._draft);
    if (problem !== null) {
      this._opinion.object(problem, this._draft.manager);
    }
    const { interpreters } = this.available;
    if (interpreters.length > 0) {
      const python = offeredPython(interpreters, this._draft.python);
      this._draft = { ...this._draft, python };
    }
    this._changed.emit();
    if (isWorthKeeping(this._draft)) {
      this.check();
    }
  }

  private get _witnesses(): IWitnesses {
    return {
      draft: this._draft,
      around: {
        environments: this._environments(),
        locations: this.available.status?.locations ?? []
      },
      opinion: this._opinion,
      recognised: this.text.recognised,
      trans: this._trans
    };
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
  private readonly _opinion: Opinion;
  private readonly _checking: Checking;
  private readonly _touched = new Set<Field>();
  private readonly _changed = new Signal<this, void>(this);
  private _draft: IDraft;
  private _isSubmitting = false;
  private _isDisposed = false;
}
