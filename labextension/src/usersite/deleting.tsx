/**
 * The dialog in which a snapshot is deleted for good: its name has to be typed first.
 */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import { type ISignal, Signal } from '@lumino/signaling';
import React, { useId, useState } from 'react';

import type { Client, Job, Plan, Problem } from '../api';
import { QuestionDialog } from '../components/dialog';
import { PlanView } from '../components/plan';
import type { IVoice } from '../text/words';
import { problemToShow } from './dialogs';

/**
 * Show the plan of deleting a snapshot; start it once its name was typed. Null if it was not.
 */
export async function askToDelete(
  name: string,
  client: Client,
  voice: IVoice
): Promise<Job | null> {
  let problem: Problem | null = null;
  for (;;) {
    const plan = await client.usersite.planDelete(name);
    const breakLock: boolean = problem?.code === 'locked';
    if (!(await isNameTyped({ name, plan, problem, voice }))) {
      return null;
    }
    try {
      return await client.usersite.delete(name, {
        digest: plan.digest,
        breakLock
      });
    } catch (error) {
      problem = problemToShow(error);
    }
  }
}

interface IDeletion {
  name: string;
  plan: Plan;
  /** Why the attempt before did not work. */
  problem: Problem | null;
  voice: IVoice;
}

/** Ask for the name. Until it is typed, neither button nor key deletes anything. */
async function isNameTyped(deletion: IDeletion): Promise<boolean> {
  const { name, plan, problem, voice } = deletion;
  const { trans } = voice;
  const body = new TypedBody(deletion);
  const isImpossible = plan.refusal !== '';
  const accept = Dialog.warnButton({
    label:
      problem?.code === 'locked'
        ? trans.__('Take the lock and delete')
        : trans.__('Delete for good')
  });
  const dialog = new QuestionDialog<string>({
    title: trans.__('Delete “%1” for good?', name),
    body,
    buttons: isImpossible
      ? [Dialog.cancelButton({ label: trans.__('Close') })]
      : [Dialog.cancelButton(), accept],
    defaultButton: 0,
    focusNodeSelector: 'input'
  });
  const look = () => {
    dialog.reason =
      isImpossible || body.getValue() === name
        ? ''
        : trans.__('Type %1 first.', name);
  };
  look();
  body.changed.connect(look);
  const result = await dialog.launch();
  return result.button.accept;
}

class TypedBody extends ReactWidget {
  constructor(private readonly _deletion: IDeletion) {
    super();
    this.addClass('jp-EnvMgr-dialog');
  }

  /** Emitted when something else was typed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  getValue(): string {
    return this._typed.trim();
  }

  protected render(): React.JSX.Element {
    const { name, plan, problem, voice } = this._deletion;
    return (
      <>
        <PlanView plan={plan} problem={problem} voice={voice} />
        {!plan.refusal && (
          <Typed
            name={name}
            voice={voice}
            onChange={text => {
              this._typed = text;
              this._changed.emit();
            }}
          />
        )}
      </>
    );
  }

  private _typed = '';
  private readonly _changed = new Signal<this, void>(this);
}

function Typed(props: {
  name: string;
  voice: IVoice;
  onChange: (text: string) => void;
}): React.JSX.Element {
  const { name, voice, onChange } = props;
  const { trans } = voice;
  const [text, setText] = useState('');
  const id = useId();
  // Who is still typing it is not told that it is wrong.
  const isWrong = !name.startsWith(text.trim());
  return (
    <div className="jp-EnvMgr-control">
      <label htmlFor={id}>
        {trans.__('It cannot come back after this. Type its name, %1:', name)}
      </label>
      <input
        id={id}
        type="text"
        className="jp-mod-styled"
        spellCheck={false}
        autoComplete="off"
        data-missing
        value={text}
        aria-invalid={isWrong || undefined}
        aria-describedby={`${id}-problem`}
        onChange={event => {
          setText(event.target.value);
          onChange(event.target.value);
        }}
      />
      <div
        id={`${id}-problem`}
        className="jp-EnvMgr-fieldProblem"
        aria-live="polite"
      >
        {isWrong && <div>{trans.__('That is not its name.')}</div>}
      </div>
    </div>
  );
}
