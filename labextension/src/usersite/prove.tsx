/**
 * The second step of the page: a program is run with and without the user packages.
 */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { checkIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId } from 'react';

import type { Probe, Proof } from '../api';
import { Button, ProgressBar, Sign } from '../components/parts';
import { ProblemCard } from '../components/problem';
import { RequirementsEditor } from '../create/editor';
import { brokenIcon, waitingIcon, workingIcon } from '../icons';
import type { IVoice } from '../text/words';
import { cureOf } from './cures';
import { Fold } from './fold';
import { FixButton, KernelOptions } from './found';
import type { GuideModel } from './guide';
import type { ProofRun } from './proof';

const NO_MARKS: readonly never[] = [];

/**
 * The step.
 */
export function Prove(props: {
  model: GuideModel;
  voice: IVoice;
  editorFactory: CodeEditor.Factory;
}): React.JSX.Element {
  const { model, voice, editorFactory } = props;
  const { trans } = voice;
  const { state, proof } = model;
  const id = useId();
  const whyHidden = model.sight.whyHidden(state.kernel);
  const isRunning = proof?.isRunning === true;
  const isFixed = isRunning || model.isDone || model.isWorking;
  const run = () => {
    if (!isFixed && model.program !== null) {
      void model.prove();
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
      <div
        className="jp-EnvMgr-radios"
        role="radiogroup"
        aria-label={trans.__('What to run')}
      >
        {(['code', 'module'] as const).map(kind => (
          <label key={kind}>
            <input
              type="radio"
              name={`${id}-kind`}
              checked={state.kind === kind}
              disabled={isFixed}
              onChange={() => model.set({ kind })}
            />
            {kind === 'code'
              ? trans.__('A program')
              : trans.__('Import a module')}
          </label>
        ))}
      </div>
      {state.kind === 'code' ? (
        <div className="jp-EnvMgr-editorFrame jp-EnvMgr-program">
          <RequirementsEditor
            factory={editorFactory}
            value={state.code}
            problems={NO_MARKS}
            label={trans.__('Program')}
            describedBy={`${id}-help`}
            mimeType="text/x-python"
            onChange={code => model.set({ code })}
            onSubmit={run}
          />
        </div>
      ) : (
        <div className="jp-EnvMgr-control">
          <input
            className="jp-mod-styled"
            type="text"
            spellCheck={false}
            autoComplete="off"
            aria-label={trans.__('Module')}
            aria-describedby={`${id}-help`}
            placeholder={trans.__('such as pandas')}
            value={state.module}
            disabled={isFixed}
            onChange={event => model.set({ module: event.target.value })}
            onKeyDown={event => {
              if (event.key === 'Enter') {
                run();
              }
            }}
          />
        </div>
      )}
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
          disabled={isFixed || model.program === null}
          title={
            model.program === null
              ? trans.__('Write a program, or name a module, first')
              : trans.__('Ctrl+Enter in the program does the same')
          }
          onClick={run}
        >
          {proof === null ? trans.__('Run') : trans.__('Run again')}
        </Button>
      </div>
      <p id={`${id}-help`} className="jp-EnvMgr-help">
        {whyHidden
          ? trans.__(
              '%1 does not load the user packages: %2.',
              model.kernelName,
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
          <FixButton fix={proof.proof.fix} model={model} voice={voice} />
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

/**
 * The probes of a proof as they run, and the verdict.
 */
export function ProofView(props: {
  run: ProofRun;
  voice: IVoice;
  /** Whether only the run as it is counts, as after a cure. */
  isBrief?: boolean;
  onCancel: () => void;
}): React.JSX.Element {
  const { run, voice, isBrief = false, onCancel } = props;
  const { trans } = voice;
  const { proof, job } = run;
  const probes = (proof?.probes ?? []).slice(0, isBrief ? 1 : undefined);
  const isStopped = !run.isRunning && !run.isComplete;
  return (
    <div className="jp-EnvMgr-proof">
      {run.problem && <ProblemCard problem={run.problem} trans={trans} isNew />}
      {isStopped && job?.problem && job.state !== 'cancelled' && (
        <ProblemCard problem={job.problem} trans={trans} isNew />
      )}
      <ol className="jp-EnvMgr-probes" aria-label={trans.__('Runs')}>
        {probes.map(probe => (
          <ProbeItem key={probe.number} probe={probe} voice={voice} />
        ))}
        {run.isRunning && (
          <li aria-current="step">
            <Sign
              icon={workingIcon}
              word={trans.__('running')}
              className="jp-mod-working"
            />
            <span>{run.steps.at(-1)?.title ?? trans.__('Starting…')}</span>
          </li>
        )}
      </ol>
      {run.isRunning && (
        <div className="jp-EnvMgr-working">
          <ProgressBar
            fraction={job?.progress ?? 0}
            label={trans.__('Proving')}
            isUncertain={!job || job.state === 'queued' || job.cancelling}
          />
          <Button disabled={job?.cancelling} onClick={onCancel}>
            {job?.cancelling ? trans.__('Cancelling…') : trans.__('Cancel')}
          </Button>
        </div>
      )}
      {isStopped && job?.state === 'cancelled' && (
        <p role="status">{trans.__('Cancelled. Nothing was changed.')}</p>
      )}
      {proof?.complete && <Verdict proof={proof} trans={trans} />}
      {proof?.remarks.map(remark => (
        <p key={remark} className="jp-EnvMgr-quiet">
          {remark}
        </p>
      ))}
    </div>
  );
}

/** What a run was, in words. */
export function modeWord(probe: Probe, trans: TranslationBundle): string {
  switch (probe.mode) {
    case 'as-is':
      return trans.__('as it is');
    case 'without':
      return trans.__('without the user packages');
    case 'empty':
      return trans.__('with no user packages installed');
    default:
      return probe.hidden.length <= 3
        ? trans.__('without %1', probe.hidden.join(', '))
        : trans.__(
            'without %1 and %2 more',
            probe.hidden.slice(0, 2).join(', '),
            probe.hidden.length - 2
          );
  }
}

/** Most runs take less than some seconds, so that whole ones would say nothing. */
function secondsOf(probe: Probe, locale: string): string {
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'narrow',
    maximumFractionDigits: probe.seconds < 10 ? 1 : 0,
    minimumFractionDigits: probe.seconds < 10 ? 1 : 0
  }).format(probe.seconds);
}

function ProbeItem(props: { probe: Probe; voice: IVoice }): React.JSX.Element {
  const { probe, voice } = props;
  const { trans, format } = voice;
  const word = probe.timed_out
    ? trans.__('took too long')
    : probe.ok
      ? trans.__('works')
      : trans.__('fails');
  const icon = probe.timed_out
    ? waitingIcon
    : probe.ok
      ? checkIcon
      : brokenIcon;
  return (
    <li>
      <Sign
        icon={icon}
        word={word}
        className={probe.ok ? 'jp-mod-ready' : 'jp-mod-failed'}
      />
      <div>
        <span title={probe.hidden.join(', ')}>{modeWord(probe, trans)}</span>
        <span className="jp-EnvMgr-quiet">{`: ${word} · ${secondsOf(probe, format.locale)}`}</span>
        {probe.error && (
          <div className="jp-EnvMgr-probeError jp-EnvMgr-selectable">
            {probe.error}
          </div>
        )}
        {probe.output.trim() && (
          <Fold label={trans.__('Output')}>
            <pre className="jp-EnvMgr-output jp-EnvMgr-selectable">
              {probe.output}
            </pre>
          </Fold>
        )}
      </div>
    </li>
  );
}

function Verdict(props: {
  proof: Proof;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { proof, trans } = props;
  const isGood = proof.verdict === 'works';
  const isOurs = proof.verdict === 'user-site';
  return (
    <div
      className={`jp-EnvMgr-verdict${isOurs ? ' jp-mod-guilty' : ''}`}
      role="status"
    >
      <strong>
        {isGood && (
          <Sign
            icon={checkIcon}
            word={trans.__('Good')}
            className="jp-mod-ready"
          />
        )}
        {verdictWord(proof, trans)}
      </strong>
      {proof.culprits.length > 0 && (
        <div>
          {trans._n('Culprit: ', 'Culprits: ', proof.culprits.length)}
          {proof.culprits.map(name => (
            <code key={name} className="jp-EnvMgr-culprit">
              {name}
            </code>
          ))}
        </div>
      )}
      <p className="jp-EnvMgr-selectable">{proof.summary}</p>
    </div>
  );
}

/** The verdict in a sentence. */
export function verdictWord(proof: Proof, trans: TranslationBundle): string {
  switch (proof.verdict) {
    case 'works':
      return trans.__('It works as it is');
    case 'user-site':
      return trans.__('The user packages are the cause');
    case 'not-user-site':
      return trans.__('The user packages are not the cause');
    case 'only-in-user-site':
      return trans.__('It needs what only the user packages have');
    case 'inside-user-site':
      return trans.__('User packages do not fit together');
    default:
      return trans.__('It could not be found out');
  }
}
