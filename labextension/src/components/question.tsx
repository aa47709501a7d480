/**
 * The dialog that shows a plan, and asks whether it should be carried out.
 */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import { type ISignal, Signal } from '@lumino/signaling';
import React from 'react';

import type { IForce, Plan, Problem } from '../api';
import type { IVoice } from '../text/words';
import { QuestionDialog } from './dialog';
import { PlanView } from './plan';
import { ProblemCard } from './problem';

/** What a person answered to a plan. */
export interface IAnswer {
  readonly isAccepted: boolean;
  readonly isForced: boolean;
}

/**
 * What an answer lets the server do.
 */
export function forceOf(
  plan: Plan,
  problem: Problem | null,
  answer: IAnswer
): IForce {
  const isLocked = problem?.code === 'locked';
  return {
    digest: plan.digest,
    force: answer.isForced && !isLocked,
    breakLock: answer.isForced && isLocked
  };
}

/**
 * Whether what went wrong may go right with a new plan, or later.
 */
export function mayAskAgain(problem: Problem): boolean {
  return problem.kind === 'conflict' || problem.kind === 'busy';
}

/**
 * A plan, and what goes with asking about it.
 */
export interface IQuestion {
  title: string;
  button: string;
  force: string;
  /** Whether a lock can be taken from a holder that is gone; else one waits, and tries again. */
  canBreakLock?: boolean;
  plan: Plan;
  /** Why the attempt before did not work. */
  problem: Problem | null;
  /** Whether nothing is lost by it. */
  isHarmless?: boolean;
  /** Whether there is nothing to be done. */
  isNothing?: boolean;
  /** What has to be ticked because nobody has asked for it; empty or left out for nothing. */
  consent?: string;
  voice: IVoice;
}

/**
 * Show a plan and ask whether it should be carried out.
 */
export async function askAboutPlan(question: IQuestion): Promise<IAnswer> {
  const { plan, problem, voice } = question;
  const { trans } = voice;
  const isLocked = problem?.code === 'locked' && question.canBreakLock;
  const isImpossible =
    (plan.refusal !== '' && !plan.forceable) || Boolean(question.isNothing);
  const { consent = '' } = question;
  const tick = isImpossible
    ? ''
    : isLocked
      ? trans.__('Take the lock: its holder is gone for good')
      : plan.refusal !== ''
        ? question.force
        : consent;
  // A lock is ticked off where it is told of: the plan may be longer than the dialog.
  const body = isLocked
    ? new TickBody(
        <LockCard problem={problem} voice={voice} />,
        tick,
        <PlanView plan={plan} voice={voice} />
      )
    : new TickBody(
        <PlanView plan={plan} problem={problem} voice={voice} />,
        tick
      );
  const cancel = Dialog.cancelButton(
    isImpossible ? { label: trans.__('Close') } : {}
  );
  const accept = question.isHarmless
    ? Dialog.okButton({ label: question.button })
    : Dialog.warnButton({ label: question.button });
  const dialog = new QuestionDialog({
    title: question.title,
    body,
    buttons: isImpossible ? [cancel] : [cancel, accept],
    defaultButton: question.isHarmless && !isImpossible ? 1 : 0,
    focusNodeSelector: tick === '' ? undefined : 'input'
  });
  const missing = tick === '' ? '' : trans.__('First tick: %1', tick);
  dialog.reason = missing;
  body.ticked.connect((_, isTicked) => {
    dialog.reason = isTicked ? '' : missing;
  });
  const result = await dialog.launch();
  return {
    isAccepted: result.button.accept,
    isForced: result.value === true
  };
}

/**
 * Ask whether the holder of a lock is gone for good, so that it can be taken from it.
 */
export async function askToTakeLock(
  button: string,
  problem: Problem,
  voice: IVoice
): Promise<boolean> {
  const { trans } = voice;
  const tick = trans.__('Take the lock: its holder is gone for good');
  const missing = trans.__('First tick: %1', tick);
  const body = new TickBody(<LockCard problem={problem} voice={voice} />, tick);
  const dialog = new QuestionDialog<boolean>({
    title: trans.__('Take the lock?'),
    body,
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: button })],
    defaultButton: 0,
    focusNodeSelector: 'input'
  });
  dialog.reason = missing;
  body.ticked.connect((_, isTicked) => {
    dialog.reason = isTicked ? '' : missing;
  });
  return (await dialog.launch()).button.accept;
}

/** Who has a lock. What can be done about it, on the command line, is the tick below it here. */
function LockCard(props: {
  problem: Problem;
  voice: IVoice;
}): React.JSX.Element {
  const { trans, format } = props.voice;
  const detail = format.times(props.problem.detail);
  const problem = { ...props.problem, detail, hint: '' };
  return <ProblemCard problem={problem} trans={trans} isNew />;
}

/** Something to look at, and what has to be ticked before one goes on. */
class TickBody extends ReactWidget {
  /**
   * @param _tick - What has to be ticked; empty for nothing.
   */
  constructor(
    private readonly _above: React.JSX.Element,
    private readonly _tick: string,
    private readonly _below: React.JSX.Element | null = null
  ) {
    super();
    this.addClass('jp-EnvMgr-dialog');
  }

  /** Emitted with whether the tick is set, when that changes. */
  get ticked(): ISignal<this, boolean> {
    return this._ticked;
  }

  getValue(): boolean {
    return this._isTicked;
  }

  protected render(): React.JSX.Element {
    return (
      <>
        {this._above}
        {this._tick && (
          <label className="jp-EnvMgr-check">
            <input
              type="checkbox"
              data-missing
              onChange={event => {
                this._isTicked = event.target.checked;
                this._ticked.emit(this._isTicked);
              }}
            />
            {this._tick}
          </label>
        )}
        {this._below}
      </>
    );
  }

  private _isTicked = false;
  private readonly _ticked = new Signal<this, boolean>(this);
}
