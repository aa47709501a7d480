/**
 * The dialog that shows what a removal would do, and asks for it.
 */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';
import React from 'react';

import {
  type Client,
  type Environment,
  type IForce,
  type Job,
  type Plan,
  type Problem,
  ProblemError
} from '../api';
import { QuestionDialog } from '../components/dialog';
import { PlanView } from '../components/plan';
import { nameOf } from '../text/words';

/** What a person answered to a plan. */
export interface IAnswer {
  readonly isAccepted: boolean;
  readonly isForced: boolean;
}

/**
 * Show the plan of removing an environment; start the removal if the person wants it.
 *
 * Asks anew where things have changed since the plan was made. Null if it is not wanted.
 */
export async function askToRemove(
  environment: Environment,
  client: Client,
  trans: TranslationBundle
): Promise<Job | null> {
  let problem: Problem | null = null;
  for (;;) {
    const plan = await client.planRemove(environment.id);
    const answer = await askAboutPlan({
      title: trans.__('Remove “%1”?', nameOf(environment)),
      button: trans.__('Remove'),
      force: trans.__('Remove it although it is in use'),
      breakLock: trans.__('Take the lock: its holder is gone for good'),
      plan,
      problem,
      trans
    });
    if (!answer.isAccepted) {
      return null;
    }
    try {
      return await client.remove(
        environment.id,
        forceOf(plan, problem, answer)
      );
    } catch (error) {
      if (!(error instanceof ProblemError) || !mayAskAgain(error.problem)) {
        throw error;
      }
      problem = error.problem;
    }
  }
}

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
  breakLock: string;
  plan: Plan;
  /** Why the attempt before did not work. */
  problem: Problem | null;
  /** Whether nothing is lost by it. */
  isHarmless?: boolean;
  /** Whether there is nothing to be done. */
  isNothing?: boolean;
  /** What has to be ticked because nobody has asked for it; empty or left out for nothing. */
  consent?: string;
  trans: TranslationBundle;
}

/**
 * Show a plan and ask whether it should be carried out.
 */
export async function askAboutPlan(question: IQuestion): Promise<IAnswer> {
  const { plan, problem, trans } = question;
  const isLocked = problem?.code === 'locked';
  const isImpossible =
    (plan.refusal !== '' && !plan.forceable) || Boolean(question.isNothing);
  const { consent = '' } = question;
  const tick = isImpossible
    ? ''
    : isLocked
      ? question.breakLock
      : plan.refusal !== ''
        ? question.force
        : consent;
  const body = new PlanBody(question, tick);
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

class PlanBody extends ReactWidget {
  /**
   * @param _tick - What has to be ticked; empty for nothing.
   */
  constructor(
    private readonly _question: IQuestion,
    private readonly _tick: string
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
    const { plan, problem, trans } = this._question;
    return (
      <>
        <PlanView plan={plan} problem={problem} trans={trans} />
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
      </>
    );
  }

  private _isTicked = false;
  private readonly _ticked = new Signal<this, boolean>(this);
}
