/**
 * The form: what the environment is called, what it is based on, what goes into it.
 */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { UseSignal } from '@jupyterlab/ui-components';
import React, { useEffect, useId, useRef, useState } from 'react';

import { Button } from '../components/parts';
import { Caution, PlanFacts, PlanRemarks, PlanSteps } from '../components/plan';
import { ProblemCard } from '../components/problem';
import { Caret } from '../environments/row';
import type { IVoice } from '../text/words';
import { Choices } from './choices';
import { EMPTY, type Field } from './draft';
import { TextField } from './field';
import type { FormModel } from './model';
import { More } from './more';
import { Requirements } from './requirements';

export interface IFormProps {
  model: FormModel;
  voice: IVoice;
  editorFactory: CodeEditor.Factory;
  onCreate: () => void;
  onCancel: () => void;
}

/**
 * The form.
 */
export function Form(props: IFormProps): React.JSX.Element {
  return (
    <UseSignal signal={props.model.changed}>
      {() => <Fields {...props} />}
    </UseSignal>
  );
}

function Fields(props: IFormProps): React.JSX.Element {
  const { model, voice, onCreate, onCancel } = props;
  const { trans } = voice;
  const id = useId();
  const hasMore = hasUsedMore(model);
  const [isMoreOpen, setMoreOpen] = useState(hasMore);
  const { blocked } = model;
  const isNamed =
    model.available.status !== null &&
    model.draft.name !== '' &&
    model.problemsOf('name').length === 0;
  return (
    // The keys of the form; its fields are controls of their own.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      className="jp-EnvMgr-page jp-EnvMgr-form"
      aria-labelledby={`${id}-title`}
      noValidate
      onSubmit={event => {
        event.preventDefault();
        onCreate();
      }}
      onKeyDown={event => {
        const isEnter = event.key === 'Enter';
        if (isEnter && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          onCreate();
        } else if (isEnter && event.target instanceof HTMLInputElement) {
          // A plain Enter in a field does not send a form that is half filled in.
          event.preventDefault();
        } else if (event.key === 'Escape' && !model.draft.name) {
          onCancel();
        }
      }}
    >
      <h2 id={`${id}-title`}>{trans.__('New environment')}</h2>
      <TextField
        model={model}
        field="name"
        label={trans.__('Name')}
        placeholder={trans.__('my-training')}
        good={isNamed ? `✓ ${trans.__('free')}` : ''}
        isRequired
      />
      <Choices model={model} voice={voice} />
      <Requirements
        model={model}
        voice={voice}
        editorFactory={props.editorFactory}
        onSubmit={onCreate}
      />
      <button
        type="button"
        className="jp-EnvMgr-fold"
        aria-expanded={isMoreOpen}
        onClick={() => setMoreOpen(!isMoreOpen)}
      >
        <Caret expanded={isMoreOpen} />
        {trans.__('More')}
        {!isMoreOpen && (
          <span className="jp-EnvMgr-quiet">
            {model.draft.manager === 'conda'
              ? trans.__(
                  'display name · remarks · labels · indexes · variables · location · ~/.local · kernel'
                )
              : trans.__(
                  'display name · remarks · labels · indexes · location · kernel'
                )}
          </span>
        )}
      </button>
      {isMoreOpen && <More model={model} voice={voice} />}
      <Forecast model={model} voice={voice} />
      <div className="jp-EnvMgr-buttons">
        <Button onClick={onCancel}>{trans.__('Cancel')}</Button>
        <Button
          kind="accept"
          disabled={blocked !== '' || model.isSubmitting}
          title={blocked || trans.__('Create the environment (Ctrl+Enter)')}
          onClick={onCreate}
        >
          {model.isSubmitting ? trans.__('Creating…') : trans.__('Create')}
        </Button>
      </div>
    </form>
  );
}

/** Whether somebody has filled in what is folded away. */
function hasUsedMore({ draft }: FormModel): boolean {
  const folded: readonly Field[] = [
    'displayName',
    'remarks',
    'labels',
    'indexUrl',
    'extraIndexUrls',
    'variables',
    'location',
    'userSite',
    'kernel'
  ];
  return folded.some(field => draft[field] !== EMPTY[field]);
}

/** What will happen, as the server's plan has it. */
function Forecast(props: {
  model: FormModel;
  voice: IVoice;
}): React.JSX.Element {
  const { model, voice } = props;
  const { trans, format } = voice;
  const { plan, problem } = model;
  return (
    <section
      className="jp-EnvMgr-forecast"
      aria-live="polite"
      aria-label={trans.__('What will happen')}
    >
      {problem && <ProblemCard problem={problem} trans={trans} />}
      {!problem && plan && (
        <div className={model.isChecked ? undefined : 'jp-mod-stale'}>
          <p>{plan.summary}</p>
          <dl className="jp-EnvMgr-factTable">
            {plan.facts.map(([label, text]) => (
              <React.Fragment key={label}>
                <dt>{label}</dt>
                <dd>{text}</dd>
              </React.Fragment>
            ))}
            {plan.bytes !== null && (
              <>
                <dt>{trans.__('To download')}</dt>
                <dd>{format.bytes(plan.bytes)}</dd>
              </>
            )}
          </dl>
          <PlanRemarks plan={plan} trans={trans} />
          {plan.refusal && <Caution text={plan.refusal} trans={trans} />}
        </div>
      )}
      {!problem && plan && model.draft.manager === 'conda' && (
        <Solution model={model} voice={voice} />
      )}
      {!problem && !plan && (
        <p className="jp-EnvMgr-quiet">
          {model.blocked === '' || model.draft.name === ''
            ? trans.__(
                'What will happen is shown here as soon as there is a name.'
              )
            : model.blocked}
        </p>
      )}
    </section>
  );
}

/** All that would be installed, for who wants to see it first. */
function Solution(props: {
  model: FormModel;
  voice: IVoice;
}): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { plan } = model;
  const { solved, isBusy } = model.solving;
  const known = new Set(plan?.facts.map(([label]) => label));
  const section = useRef<HTMLElement>(null);
  const isThere = solved !== null;
  // It has taken seconds, and begins below what could be seen.
  useEffect(() => {
    if (isThere) {
      section.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [isThere]);
  return (
    <>
      <div className="jp-EnvMgr-actions">
        {/* One button for all states: the focus stays where it is. */}
        <Button
          disabled={!model.isChecked}
          onClick={() => {
            if (isBusy || solved) {
              model.stopSolving();
            } else {
              void model.solve();
            }
          }}
        >
          {isBusy
            ? trans.__('Stop')
            : solved
              ? trans.__('Hide what will be installed')
              : trans.__('Show what will be installed')}
        </Button>
        <span role="status">
          {isBusy && trans.__('Asking the channels what fits together…')}
        </span>
      </div>
      {solved && (
        <section
          ref={section}
          className="jp-EnvMgr-solution"
          aria-label={trans.__('What will be installed')}
        >
          <PlanFacts
            plan={{
              ...solved,
              facts: solved.facts.filter(([label]) => !known.has(label))
            }}
          />
          <PlanSteps steps={solved.steps} voice={voice} />
        </section>
      )}
    </>
  );
}
