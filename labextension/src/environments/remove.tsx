/**
 * The dialog that shows what a removal would do, and asks for it.
 */
import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
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
  const needsForce =
    plan.refusal !== '' || isLocked || Boolean(question.consent);
  const body = new PlanBody(question, isLocked);
  const isImpossible = plan.refusal !== '' && !plan.forceable;
  const cancel = Dialog.cancelButton(
    isImpossible ? { label: trans.__('Close') } : {}
  );
  const accept = question.isHarmless
    ? Dialog.okButton({ label: question.button })
    : Dialog.warnButton({ label: question.button });
  const result = await showDialog({
    title: question.title,
    body,
    buttons: isImpossible ? [cancel] : [cancel, accept],
    defaultButton: question.isHarmless ? 1 : 0,
    focusNodeSelector: needsForce ? 'input' : undefined
  });
  const isForced = result.value === true;
  return {
    // Without its tick the question was not answered, whatever button was pressed.
    isAccepted: result.button.accept && (!needsForce || isForced),
    isForced
  };
}

class PlanBody extends ReactWidget {
  constructor(
    private readonly _question: IQuestion,
    private readonly _isLocked: boolean
  ) {
    super();
    this.addClass('jp-EnvMgr-dialog');
  }

  getValue(): boolean {
    return this._isForced;
  }

  protected render(): React.JSX.Element {
    const { plan, problem, trans } = this._question;
    const label = this._isLocked
      ? this._question.breakLock
      : this._question.force;
    const { consent = '' } = this._question;
    const needsForce = this._isLocked || (plan.refusal && plan.forceable);
    return (
      <>
        <PlanView plan={plan} problem={problem} trans={trans} />
        {(needsForce || (consent && !plan.refusal)) && (
          <label className="jp-EnvMgr-check">
            <input
              type="checkbox"
              onChange={event => {
                this._isForced = event.target.checked;
              }}
            />
            {needsForce ? label : consent}
          </label>
        )}
      </>
    );
  }

  private _isForced = false;
}
