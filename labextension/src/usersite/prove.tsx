/**
 * The second step of the page: a program is run with and without the user packages.
 */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import React, { useId } from 'react';

import { Button } from '../components/parts';
import type { IVoice } from '../text/words';
import { cureOf } from './cures';
import { FixButton, type IFixActions } from './fix';
import { Given, whyNothingToRun } from './given';
import type { GuideModel } from './guide';
import { KernelOptions } from './kernels';
import { ProofView } from './probes';

/**
 * The step.
 */
export function Prove(props: {
  model: GuideModel;
  voice: IVoice;
  actions: IFixActions;
  editorFactory: CodeEditor.Factory;
}): React.JSX.Element {
  const { model, voice, editorFactory } = props;
  const { trans } = voice;
  const { state, proving } = model;
  const proof = proving.first;
  const id = useId();
  const whyHidden = model.sight.whyHidden(state.kernel);
  const isRunning = proof?.isRunning === true;
  const isFixed = isRunning || model.isDone || model.isWorking;
  const whyNot = whyNothingToRun(state, trans);
  const run = () => {
    if (!isFixed && whyNot === '') {
      void proving.prove();
    }
  };
  return (
    <>
      {state.hint && <p className="jp-EnvMgr-selectable">{state.hint}</p>}
      <p>
        {trans.__(
          'A program is run in fresh interpreters: as it is, without the user packages, and with parts of them. Nothing of yours is moved for it; what the program itself does, it does each time.'
        )}
      </p>
      <Given
        model={model}
        trans={trans}
        editorFactory={editorFactory}
        isFixed={isFixed}
        describedBy={`${id}-help`}
        onRun={run}
      />
      <div className="jp-EnvMgr-guideRow jp-EnvMgr-control">
        <label htmlFor={`${id}-kernel`}>{trans.__('with')}</label>
        <select
          id={`${id}-kernel`}
          className="jp-mod-styled"
          value={state.kernel}
          disabled={isFixed}
          onChange={event =>
            model.set({ kernel: event.target.value, interpreter: '' })
          }
        >
          <option value="">{trans.__('The image’s Python')}</option>
          <KernelOptions model={model} trans={trans} />
        </select>
        <Button
          kind="accept"
          disabled={isFixed || whyNot !== ''}
          title={whyNot || trans.__('Ctrl+Enter in the program does the same')}
          onClick={run}
        >
          {proof === null ? trans.__('Run') : trans.__('Run again')}
        </Button>
      </div>
      <p id={`${id}-help`} className="jp-EnvMgr-help">
        {whyHidden
          ? trans.__(
              '%1 does not load the user packages: %2.',
              model.choosing.kernelName,
              whyHidden
            )
          : trans.__('Each run may take a minute at most.')}
      </p>
      {proof && (
        <ProofView
          run={proof}
          voice={voice}
          onCancel={() => void model.cancel(proof)}
        />
      )}
      {proof?.proof?.complete &&
        proof.proof.fix &&
        !cureOf(proof.proof.fix) && (
          <FixButton fix={proof.proof.fix} {...props} />
        )}
      {!state.isUnproven && !proof?.isComplete && !model.isDone && (
        <div className="jp-EnvMgr-actions">
          <Button
            kind="link"
            onClick={() => model.set({ isUnproven: true })}
            title={trans.__('Choose a cure without having tried what breaks')}
          >
            {trans.__('Go on without a proof')}
          </Button>
        </div>
      )}
    </>
  );
}
