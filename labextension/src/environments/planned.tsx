/**
 * Something that is planned, shown and then begun; a plan that takes seconds can be given up.
 */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { type Job, type Plan, type Problem, ProblemError } from '../api';
import { ProgressBar } from '../components/parts';
import { askAboutPlan, forceOf, mayAskAgain } from '../components/question';
import type { IVoice } from '../text/words';

/** Milliseconds that a plan may take before somebody is told that it takes a while. */
const PATIENCE = 400;

/**
 * What is asked, and what is done with the answer.
 */
export interface IPlanned {
  title: string;
  /** The button that begins it. */
  button: string;
  /** Whether nothing is lost by it. */
  isHarmless?: boolean;
  plan: (signal: AbortSignal) => Promise<Plan>;
  /** What has to be ticked in a plan because nobody asked for it; empty for nothing. */
  consent?: (plan: Plan) => string;
  /** Whether it can take a lock from a holder that is gone. */
  canBreakLock?: boolean;
  begin: (plan: Plan, breakLock: boolean) => Promise<Job>;
  voice: IVoice;
}

/**
 * Plan, ask, begin. Null if it is not wanted; asks anew where things have changed meanwhile.
 */
export async function planAndBegin(planned: IPlanned): Promise<Job | null> {
  const { title, button, voice } = planned;
  const { trans } = voice;
  let problem: Problem | null = null;
  for (;;) {
    const plan = await waitFor(title, planned.plan, trans);
    if (plan === null) {
      return null;
    }
    const answer = await askAboutPlan({
      title,
      button,
      force: trans.__('Go on all the same'),
      canBreakLock: planned.canBreakLock,
      plan,
      problem,
      isHarmless: planned.isHarmless,
      isNothing: plan.steps.length === 0 && plan.refusal === '',
      consent: planned.consent?.(plan),
      voice
    });
    if (!answer.isAccepted) {
      return null;
    }
    try {
      const { breakLock = false } = forceOf(plan, problem, answer);
      return await planned.begin(plan, breakLock);
    } catch (error) {
      if (!(error instanceof ProblemError) || !mayAskAgain(error.problem)) {
        throw error;
      }
      problem = error.problem;
    }
  }
}

/** The plan; null if somebody did not want to wait for it. */
async function waitFor(
  title: string,
  ask: (signal: AbortSignal) => Promise<Plan>,
  trans: TranslationBundle
): Promise<Plan | null> {
  const abort = new AbortController();
  const plan = ask(abort.signal);
  // It is disposed of below, whatever happens.
  // eslint-disable-next-line jupyter/require-disposable-ownership
  const dialog = new Dialog({
    title,
    body: new Waiting(trans),
    buttons: [Dialog.cancelButton()]
  });
  const timer = setTimeout(() => {
    // Taken away before anybody has answered, it rejects.
    dialog.launch().then(
      () => abort.abort(),
      () => undefined
    );
  }, PATIENCE);
  try {
    return await plan;
  } catch (error) {
    if (abort.signal.aborted) {
      return null;
    }
    throw error;
  } finally {
    clearTimeout(timer);
    dialog.dispose();
  }
}

class Waiting extends ReactWidget {
  constructor(private readonly _trans: TranslationBundle) {
    super();
    this.addClass('jp-EnvMgr-dialog');
  }

  protected render(): React.JSX.Element {
    const words = this._trans.__('Finding out what would happen…');
    return (
      <div className="jp-EnvMgr-plan" role="status">
        <p>{words}</p>
        <ProgressBar fraction={0} label={words} isUncertain />
      </div>
    );
  }
}
