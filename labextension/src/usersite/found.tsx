/**
 * The first step of the page: what was found, the worst first.
 */
import { checkIcon } from '@jupyterlab/ui-components';
import React, { useId } from 'react';

import { Button, Sign, Skeleton } from '../components/parts';
import { Caution } from '../components/plan';
import type { IVoice } from '../text/words';
import { Findings } from './findings';
import type { IFixActions } from './fix';
import { Fold } from './fold';
import type { GuideModel } from './guide';
import { KernelOptions } from './kernels';
import { SEVERITIES } from './severity';
import { SharedFixes } from './shared';

/**
 * The step.
 */
export function Found(props: {
  model: GuideModel;
  voice: IVoice;
  actions: IFixActions;
}): React.JSX.Element {
  const { model, voice } = props;
  const { trans, format } = voice;
  const { diagnosis } = model.sight;
  return (
    <>
      <Subject {...props} />
      {!model.sight.hasLooked && <Skeleton lines={3} trans={trans} />}
      {model.sight.hasLooked && !diagnosis && !model.problemOf('found') && (
        <p className="jp-EnvMgr-quiet">
          {trans.__(
            'The server cannot diagnose yet; a program can be tried below.'
          )}
        </p>
      )}
      {model.sight.scan?.problems.map(text => (
        <Caution key={text} text={text} trans={trans} />
      ))}
      {diagnosis && (
        <div
          className={model.sight.isLooking ? 'jp-mod-stale' : undefined}
          aria-busy={model.sight.isLooking}
        >
          <p>
            {trans._n(
              '%2 package looked at.',
              '%2 packages looked at.',
              diagnosis.package_count,
              format.count(diagnosis.package_count)
            )}{' '}
            {diagnosis.target.why_visible && (
              <span className="jp-EnvMgr-quiet">
                {diagnosis.target.why_visible}
              </span>
            )}
          </p>
          {diagnosis.findings.length === 0 && (
            <p className="jp-EnvMgr-allWell">
              <Sign
                icon={checkIcon}
                word={trans.__('Good')}
                className="jp-mod-ready"
              />
              {trans.__('Nothing was found that the user packages break.')}
            </p>
          )}
          <SharedFixes findings={diagnosis.findings} {...props} />
          {SEVERITIES.map(severity => (
            <Findings
              key={severity}
              severity={severity}
              findings={diagnosis.findings.filter(
                finding => finding.severity === severity
              )}
              {...props}
            />
          ))}
          {diagnosis.skipped.length > 0 && (
            <Fold
              label={trans.__(
                'Not looked at (%1)',
                format.count(diagnosis.skipped.length)
              )}
            >
              <ul className="jp-EnvMgr-selectable">
                {diagnosis.skipped.map(text => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            </Fold>
          )}
        </div>
      )}
    </>
  );
}

/** Which kernel or interpreter it is about, and the button that looks again. */
function Subject(props: {
  model: GuideModel;
  voice: IVoice;
}): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { state } = model;
  const id = useId();
  const value = state.kernel
    ? `kernel:${state.kernel}`
    : `interpreter:${state.interpreter}`;
  const others = model.sight.interpreters.filter(one => one.path !== null);
  return (
    <div className="jp-EnvMgr-guideRow jp-EnvMgr-control">
      <label htmlFor={id}>{trans.__('Look with the eyes of')}</label>
      <select
        id={id}
        className="jp-mod-styled"
        value={value}
        disabled={model.isDone || model.isWorking}
        onChange={event => {
          const [kind, ...rest] = event.target.value.split(':');
          const name = rest.join(':');
          model.set({
            kernel: kind === 'kernel' ? name : '',
            interpreter: kind === 'interpreter' ? name : ''
          });
        }}
      >
        <option value="interpreter:">{trans.__('The image’s Python')}</option>
        <KernelOptions model={model} trans={trans} prefix="kernel:" />
        {others.length > 0 && (
          <optgroup label={trans.__('Interpreters')}>
            {others.map(one => (
              <option key={one.id} value={`interpreter:${one.path}`}>
                {`Python ${one.version} · ${one.path}`}
              </option>
            ))}
          </optgroup>
        )}
      </select>
      <Button
        disabled={model.sight.isLooking}
        onClick={() => void model.look(true)}
        title={trans.__('Look at all files again')}
      >
        {model.sight.isLooking
          ? trans.__('Checking…')
          : trans.__('Check again')}
      </Button>
    </div>
  );
}
