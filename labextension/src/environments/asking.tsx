/**
 * A few fields, a plan of what comes of them, and its beginning.
 */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import React, { useId } from 'react';

import { type Job, type Plan, type Problem, ProblemError } from '../api';
import { QuestionDialog } from '../components/dialog';
import { ProblemCard } from '../components/problem';
import type { IVoice } from '../text/words';
import { type IPlanned, planAndBegin } from './planned';

/** One field of a dialog. */
export interface IAskedField {
  readonly key: string;
  readonly label: string;
  readonly value: string;
  readonly help?: string;
  /** What it is chosen from; a text is typed where this is left out. */
  readonly choices?: readonly {
    readonly value: string;
    readonly word: string;
  }[];
}

/** What was filled in, by field. */
export type Values = Readonly<Record<string, string>>;

/** What is asked, planned and begun. */
export interface IAsked extends Omit<IPlanned, 'plan' | 'begin'> {
  /** What the dialog says above its fields. */
  about?: string;
  fields: readonly IAskedField[];
  plan: (values: Values, signal: AbortSignal) => Promise<Plan>;
  begin: (values: Values, plan: Plan, breakLock: boolean) => Promise<Job>;
}

/**
 * Ask for the fields, show what would come of them, and begin it if it is wanted.
 *
 * What the server has against them is shown above the fields, as they were filled in.
 */
export async function fillInAndBegin(asked: IAsked): Promise<Job | null> {
  let values: Values = Object.fromEntries(
    asked.fields.map(field => [field.key, field.value])
  );
  let problem: Problem | null = null;
  for (;;) {
    const filledIn = await askForFields({ ...asked, values, problem });
    if (filledIn === null) {
      return null;
    }
    values = filledIn;
    try {
      return await planAndBegin({
        ...asked,
        plan: signal => asked.plan(filledIn, signal),
        begin: (plan, breakLock) => asked.begin(filledIn, plan, breakLock)
      });
    } catch (error) {
      if (!(error instanceof ProblemError)) {
        throw error;
      }
      problem = error.problem;
    }
  }
}

/**
 * Ask for some fields. Null if it is not wanted.
 */
export async function askForFields(question: {
  title: string;
  about?: string;
  fields: readonly IAskedField[];
  values: Values;
  problem?: Problem | null;
  voice: IVoice;
}): Promise<Values | null> {
  const { title } = question;
  const { trans } = question.voice;
  const dialog = new QuestionDialog<Values>({
    title,
    body: new FieldsBody(question),
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: trans.__('Continue') })
    ],
    focusNodeSelector: 'input, select'
  });
  const result = await dialog.launch();
  return result.button.accept ? result.value : null;
}

class FieldsBody extends ReactWidget {
  constructor(private readonly _question: Parameters<typeof askForFields>[0]) {
    super();
    this._values = { ..._question.values };
    this.addClass('jp-EnvMgr-dialog');
  }

  getValue(): Values {
    return this._values;
  }

  protected render(): React.JSX.Element {
    const { about, fields, problem } = this._question;
    const { trans } = this._question.voice;
    return (
      <div className="jp-EnvMgr-ask">
        {problem && <ProblemCard problem={problem} trans={trans} isNew />}
        {about && <p>{about}</p>}
        {fields.map(field => (
          <AskedField
            key={field.key}
            field={{ ...field, value: this._values[field.key] ?? field.value }}
            onChange={value => {
              this._values[field.key] = value;
            }}
          />
        ))}
      </div>
    );
  }

  private readonly _values: Record<string, string>;
}

function AskedField(props: {
  field: IAskedField;
  onChange: (value: string) => void;
}): React.JSX.Element {
  const { field, onChange } = props;
  const id = useId();
  const attributes = {
    id,
    className: 'jp-mod-styled',
    defaultValue: field.value,
    'aria-describedby': `${id}-help`
  };
  return (
    <>
      <label htmlFor={id}>{field.label}</label>
      {field.choices ? (
        <select
          {...attributes}
          onChange={event => onChange(event.target.value)}
        >
          {field.choices.map(({ value, word }) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...attributes}
          type="text"
          spellCheck={false}
          autoComplete="off"
          onChange={event => onChange(event.target.value)}
        />
      )}
      {field.help && (
        <div id={`${id}-help`} className="jp-EnvMgr-help">
          {field.help}
        </div>
      )}
    </>
  );
}
