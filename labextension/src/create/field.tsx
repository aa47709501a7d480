/**
 * A field with its label, and beside it what is wrong with it.
 */
import React, { useId } from 'react';

import type { IDraft } from './draft';
import type { FormModel } from './model';
import type { IFieldProblem } from './problems';

/** The fields that are one line or more of text. */
type TextFieldName = Exclude<keyof IDraft, 'manager' | 'userSite' | 'kernel'>;

/**
 * A label with whatever it is the label of.
 */
export function Labelled(props: {
  label: string;
  htmlFor?: string;
  id?: string;
  isRequired?: boolean;
  children: React.ReactNode;
}): React.JSX.Element {
  const { label, htmlFor, id, children } = props;
  return (
    <div className="jp-EnvMgr-field">
      {htmlFor ? (
        <label htmlFor={htmlFor}>{label}</label>
      ) : (
        <span className="jp-EnvMgr-fieldLabel" id={id}>
          {label}
        </span>
      )}
      <div className="jp-EnvMgr-control">{children}</div>
    </div>
  );
}

/**
 * What is wrong with a field, in words.
 */
export function FieldProblems(props: {
  id: string;
  problems: readonly IFieldProblem[];
  lineWord?: (problem: IFieldProblem) => string;
}): React.JSX.Element {
  return (
    <div id={props.id} className="jp-EnvMgr-fieldProblem" aria-live="polite">
      {props.problems.map((problem, index) => (
        <div key={index}>
          {problem.line !== null && props.lineWord && (
            <strong>{props.lineWord(problem)} </strong>
          )}
          {problem.text}
        </div>
      ))}
    </div>
  );
}

/**
 * A field of text.
 */
export function TextField(props: {
  model: FormModel;
  field: TextFieldName;
  label: string;
  placeholder?: string;
  help?: string;
  /** What to say beside the field where nothing is wrong. */
  good?: string;
  isRequired?: boolean;
  rows?: number;
  /** What can be chosen instead of typing. */
  offers?: readonly string[];
  /** What stands between the field and its help. */
  children?: React.ReactNode;
}): React.JSX.Element {
  const { model, field, label, rows } = props;
  const id = useId();
  const problems = model.isTouched(field) ? model.problemsOf(field) : [];
  const attributes = {
    id,
    value: model.draft[field],
    placeholder: props.placeholder,
    required: props.isRequired,
    spellCheck: field === 'remarks',
    autoComplete: 'off',
    'aria-invalid': problems.length > 0 || undefined,
    'aria-describedby': `${id}-help ${id}-problem`,
    onChange: (
      event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>
    ) => model.set({ [field]: event.target.value })
  };
  return (
    <Labelled label={label} htmlFor={id}>
      <div className="jp-EnvMgr-inputRow">
        {rows ? (
          <textarea className="jp-mod-styled" rows={rows} {...attributes} />
        ) : (
          <input
            className="jp-mod-styled"
            type="text"
            list={props.offers && `${id}-offers`}
            {...attributes}
          />
        )}
        {props.offers && (
          <datalist id={`${id}-offers`}>
            {props.offers.map(offer => (
              <option key={offer} value={offer} />
            ))}
          </datalist>
        )}
        {props.good && <span className="jp-EnvMgr-good">{props.good}</span>}
      </div>
      {props.children}
      {props.help && (
        <div id={`${id}-help`} className="jp-EnvMgr-help">
          {props.help}
        </div>
      )}
      <FieldProblems id={`${id}-problem`} problems={problems} />
    </Labelled>
  );
}
