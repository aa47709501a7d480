/**
 * The fourth step of the page: the name and the button, then the job, then what came of it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import { Button, ProgressBar } from '../components/parts';
import { ProblemCard } from '../components/problem';
import { hasEnded, type IVoice } from '../text/words';
import { isMoving } from './cures';
import type { GuideModel } from './guide';

interface ICarryProps {
  model: GuideModel;
  voice: IVoice;
}

/**
 * The step.
 */
export function CarryOut(props: ICarryProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const problem = model.problemOf('carry-out');
  const [mayBreak, setMayBreak] = useState(false);
  const isLocked = problem?.code === 'locked';
  if (model.isDone) {
    return <p className="jp-EnvMgr-selectable">{doneWords(model, trans)}</p>;
  }
  return (
    <>
      {problem && (
        <ProblemCard
          problem={problem}
          trans={trans}
          isNew
          onDismiss={() => model.dismiss('carry-out')}
        />
      )}
      {problem?.code === 'plan-changed' && (
        <p>{trans.__('The plan above is the new one: look at it again.')}</p>
      )}
      {isLocked && (
        <label className="jp-EnvMgr-check">
          <input
            type="checkbox"
            checked={mayBreak}
            onChange={event => setMayBreak(event.target.checked)}
          />
          {trans.__('Take the lock: its holder is gone for good')}
        </label>
      )}
      {model.isWorking ? (
        <Working {...props} />
      ) : (
        <Go
          // Whoever has typed it for one plan has not typed it for another.
          key={model.state.cure === 'remove' ? model.plan?.digest : ''}
          {...props}
          mayBreak={mayBreak}
          isHeld={isLocked && !mayBreak}
        />
      )}
    </>
  );
}

/** What was done, in a sentence. */
function doneWords(model: GuideModel, trans: TranslationBundle): string {
  const { snapshot, removed, changed, changedEnvironment } = model.state;
  if (snapshot) {
    return trans.__('Set aside as %1.', snapshot);
  }
  return removed
    ? trans.__('Deleted for good: %1.', removed)
    : trans.__(
        '%1 was changed; it counts from its next start on.',
        changed || changedEnvironment
      );
}

function Working(props: ICarryProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { job } = model.carrying;
  const isUncertain = !job || job.state === 'queued' || hasEnded(job);
  return (
    <div className="jp-EnvMgr-working">
      <ProgressBar
        fraction={job?.progress ?? 0}
        label={trans.__('Carrying it out')}
        text={job?.label}
        isUncertain={isUncertain}
      />
      <span role="status">{job?.label || trans.__('Working…')}</span>
    </div>
  );
}

/** The name of what is made, or the words that confirm, and the button. */
function Go(
  props: ICarryProps & { mayBreak: boolean; isHeld: boolean }
): React.JSX.Element {
  const { model, voice, mayBreak, isHeld } = props;
  const { trans } = voice;
  const { plan, state } = model;
  const [typed, setTyped] = useState('');
  const id = useId();
  const cure = state.cure || 'all';
  const isRemoval = cure === 'remove';
  const subject = plan?.subject ?? '';
  const whyNot =
    model.choosing.whyNot ||
    (isHeld
      ? trans.__('Somebody else is working on the user packages.')
      : '') ||
    (isRemoval && typed.trim() !== subject
      ? trans.__('Type %1 first.', subject)
      : '');
  const go = () => {
    if (whyNot === '') {
      void model.carryOut(mayBreak, isRemoval ? typed.trim() : '');
    }
  };
  const isNamed = ['profile', 'packages', 'minor', 'all'].includes(cure);
  return (
    <>
      <div className="jp-EnvMgr-guideRow jp-EnvMgr-control">
        {isRemoval && (
          <Field
            id={id}
            label={trans.__('It cannot come back. Type %1:', subject)}
            value={typed}
            onChange={setTyped}
            onEnter={go}
          />
        )}
        {isNamed && (
          <Field
            id={id}
            label={
              cure === 'profile'
                ? trans.__('Name of the profile')
                : trans.__('Name of the snapshot')
            }
            placeholder={trans.__('by image and date')}
            value={state.name}
            onChange={name => model.set({ name })}
            onEnter={go}
          />
        )}
        <Button
          kind={isRemoval ? 'warn' : 'accept'}
          disabled={whyNot !== ''}
          title={whyNot}
          onClick={go}
        >
          {goWord(model, trans)}
        </Button>
      </div>
      {plan?.refusal && <p className="jp-EnvMgr-quiet">{whyNot}</p>}
    </>
  );
}

function Field(props: {
  id: string;
  label: string;
  placeholder?: string;
  value: string;
  onChange: (text: string) => void;
  onEnter: () => void;
}): React.JSX.Element {
  return (
    <>
      <label htmlFor={props.id}>{props.label}</label>
      <input
        id={props.id}
        className="jp-mod-styled"
        type="text"
        spellCheck={false}
        autoComplete="off"
        placeholder={props.placeholder}
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            props.onEnter();
          }
        }}
      />
    </>
  );
}

function goWord(model: GuideModel, trans: TranslationBundle): string {
  const cure = model.state.cure || 'all';
  if (cure === 'remove') {
    return trans.__('Delete for good');
  }
  if (isMoving(cure)) {
    return trans.__('Set aside');
  }
  const { environment } = model.choosing.choice;
  return trans.__(
    'Change %1',
    cure === 'isolate-environment' && environment
      ? environment.name
      : model.choosing.kernelName
  );
}
