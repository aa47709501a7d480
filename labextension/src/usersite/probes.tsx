/**
 * The probes of a proof as they run, and what they have shown.
 */
import { checkIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Probe } from '../api';
import { Button, ProgressBar, Sign } from '../components/parts';
import { ProblemCard } from '../components/problem';
import { brokenIcon, waitingIcon, workingIcon } from '../icons';
import type { IVoice } from '../text/words';
import { Fold } from './fold';
import type { ProofRun } from './proof';
import { Verdict } from './verdict';

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
  }).format(Math.max(0.1, probe.seconds));
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
