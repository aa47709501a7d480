/**
 * The last step of the page: whether it helped, what to install again, and the way back.
 */
import { checkIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { Button, Sign } from '../components/parts';
import { ProblemCard } from '../components/problem';
import type { IVoice } from '../text/words';
import { whyNothingToRun } from './given';
import type { GuideModel } from './guide';
import { InstallAgain } from './install';
import { ProofView } from './probes';
import { countsOf } from './severity';

/**
 * What the step can ask of the application.
 */
export interface IAfterActions {
  /** Open the form for an environment with these packages. */
  createWith: (requirements: string) => void;
  /** Bring a snapshot back, and show what came of it. */
  restore: (snapshot: string) => void;
  /** Run the notebook that failed from its start; null where there is none. */
  runNotebook: ((path: string) => void) | null;
  /** Close the page. */
  close: () => void;
}

interface IAfterProps {
  model: GuideModel;
  voice: IVoice;
  actions: IAfterActions;
}

/**
 * The step.
 */
export function After(props: IAfterProps): React.JSX.Element {
  const { model, voice, actions } = props;
  const { trans } = voice;
  const { state, installing } = model;
  const { again } = model.proving;
  const problem = model.problemOf('after');
  return (
    <>
      {problem && (
        <ProblemCard
          problem={problem}
          trans={trans}
          isNew
          onDismiss={() => model.dismiss('after')}
        />
      )}
      <LookedAgain {...props} />
      {again && (
        <ProofView
          run={again}
          isBrief
          voice={voice}
          onCancel={() => void model.cancel(again)}
        />
      )}
      {state.snapshot && installing.lists && (
        <InstallAgain
          model={installing}
          voice={voice}
          onCreate={actions.createWith}
        />
      )}
      <Ending {...props} />
    </>
  );
}

/** What is found now, beside what was found before. */
function LookedAgain(props: IAfterProps): React.JSX.Element | null {
  const { model, voice } = props;
  const { trans } = voice;
  const { diagnosis } = model.sight;
  if (!diagnosis) {
    return null;
  }
  const now = countsOf(diagnosis, voice) || trans.__('nothing found');
  const before =
    model.before &&
    (countsOf(model.before, voice) || trans.__('nothing found'));
  return (
    <p role="status" className="jp-EnvMgr-allWell">
      <Sign icon={checkIcon} word={trans.__('Done')} className="jp-mod-ready" />
      {before
        ? trans.__('Looked again: %1; before: %2.', now, before)
        : trans.__('Looked again: %1.', now)}
    </p>
  );
}

/** Run it again; then it is done, or everything is brought back. */
function Ending(props: IAfterProps): React.JSX.Element {
  const { model, voice, actions } = props;
  const { trans } = voice;
  const { state, proving } = model;
  const canRun = whyNothingToRun(state, trans) === '';
  const isBusy = model.installing.isRunning;
  const { again } = proving;
  return (
    <div className="jp-EnvMgr-actions jp-EnvMgr-afterActions">
      {state.notebook && actions.runNotebook && (
        <Button
          kind="accept"
          title={state.notebook}
          onClick={() => actions.runNotebook?.(state.notebook)}
        >
          {trans.__('Run my notebook again')}
        </Button>
      )}
      {canRun && !again?.isRunning && (
        <Button onClick={() => void proving.proveAgain()}>
          {again
            ? trans.__('Run it once more')
            : trans.__('Run the program again')}
        </Button>
      )}
      {state.snapshot && (
        <Button
          disabled={isBusy}
          title={trans.__('Bring back what was set aside, as it was')}
          onClick={() => actions.restore(state.snapshot)}
        >
          {trans.__('Undo: restore')}
        </Button>
      )}
      {(state.changed || state.changedEnvironment) && (
        <Button onClick={() => void model.undo()}>
          {trans.__('Undo the change')}
        </Button>
      )}
      <Button
        title={trans.__('Close this page; the snapshot stays where it is')}
        onClick={actions.close}
      >
        {trans.__('Done')}
      </Button>
    </div>
  );
}
