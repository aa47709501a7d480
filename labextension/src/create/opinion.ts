/**
 * What the server thinks of a form: what would happen, or what it objects to.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { type FieldError, type Plan, type Problem, problemOf } from '../api';
import { type Field, fieldOf, type IDraft } from './draft';
import type { Fields } from './filling';

type Manager = IDraft['manager'];

/**
 * The last answer about a form.
 */
export class Opinion {
  constructor(private readonly _trans: TranslationBundle) {}

  /** What would happen, by the last answer that had nothing to object. */
  get plan(): Plan | null {
    return this._plan;
  }

  /** Whether the answer is about what is typed now. */
  get isCurrent(): boolean {
    return this._isCurrent;
  }

  /** What went wrong that no field is to blame for. */
  get problem(): Problem | null {
    return this._problem;
  }

  /** What is objected to in a field. */
  about(field: Field, manager: Manager): readonly FieldError[] {
    return this._errors.filter(
      error => fieldOf(error.field, manager) === field
    );
  }

  /** Nothing is objected to. */
  approve(plan: Plan): void {
    this._plan = plan;
    this._errors = [];
    this._problem = null;
    this._isCurrent = true;
  }

  /** Put an objection where it belongs: at the fields that it names, else below the form. */
  object(error: unknown, manager: Manager): Problem {
    const problem = problemOf(error, this._trans);
    this._errors = problem.errors.filter(
      row => fieldOf(row.field, manager) !== null
    );
    this._problem = this._errors.length > 0 ? null : problem;
    this._plan = null;
    this._isCurrent = true;
    return problem;
  }

  /** What is below the form is over, though nothing that is typed has changed. */
  forgive(): void {
    this._problem = null;
  }

  /**
   * Fields are being changed: what was objected to in them goes until it is objected to again.
   */
  doubt(fields: Fields, manager: Manager): void {
    this._errors =
      'manager' in fields
        ? []
        : this._errors.filter(row => !(fieldOf(row.field, manager)! in fields));
    this._problem = null;
    this._isCurrent = false;
  }

  private _plan: Plan | null = null;
  private _errors: readonly FieldError[] = [];
  private _problem: Problem | null = null;
  private _isCurrent = false;
}
