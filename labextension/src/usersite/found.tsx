/**
 * The first step of the page: what was found, the worst first.
 */
import { checkIcon, infoIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import type { Diagnosis, Finding, Fix } from '../api';
import { Button, CopyButton, Sign, Skeleton } from '../components/parts';
import { brokenIcon, failedIcon, hidesIcon } from '../icons';
import type { IVoice } from '../text/words';
import { cureOf } from './cures';
import { Fold } from './fold';
import type { GuideModel } from './guide';

/** Findings of one severity that are shown at once. */
const MOST = 8;

type Severity = Finding['severity'];

const SEVERITIES: readonly Severity[] = ['proven', 'will-fail', 'risk', 'note'];

const LOOKS: Readonly<Record<Severity, [LabIcon, string]>> = {
  proven: [brokenIcon, 'jp-mod-failed'],
  'will-fail': [brokenIcon, 'jp-mod-failed'],
  risk: [failedIcon, 'jp-mod-warn'],
  note: [infoIcon, 'jp-mod-quiet']
};

/**
 * The word for how sure a finding is, and what that means.
 */
export function severityWord(
  severity: Severity,
  trans: TranslationBundle
): readonly [string, string] {
  switch (severity) {
    case 'proven':
      return [trans.__('proven'), trans.__('It was tried, and it failed')];
    case 'will-fail':
      return [trans.__('will fail'), trans.__('It cannot work as it is')];
    case 'risk':
      return [trans.__('risk'), trans.__('It may fail')];
    default:
      return [trans.__('note'), trans.__('Good to know')];
  }
}

/**
 * The counts of a diagnosis in words, such as “2 proven · 1 will fail”.
 */
export function countsOf(diagnosis: Diagnosis, voice: IVoice): string {
  const { trans, format } = voice;
  return SEVERITIES.filter(severity => diagnosis.counts[severity])
    .map(severity => {
      const [word] = severityWord(severity, trans);
      return `${format.count(diagnosis.counts[severity])} ${word}`;
    })
    .join(' · ');
}

/**
 * How many findings of a diagnosis are problems; notes are none.
 */
export function problemCount(diagnosis: Diagnosis): number {
  const { counts } = diagnosis;
  return (counts.proven ?? 0) + (counts['will-fail'] ?? 0) + (counts.risk ?? 0);
}

/**
 * The step.
 */
export function Found(props: {
  model: GuideModel;
  voice: IVoice;
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
          {SEVERITIES.map(severity => (
            <Severities
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

/**
 * The kernels to choose from.
 */
export function KernelOptions(props: {
  model: GuideModel;
  trans: TranslationBundle;
  prefix?: string;
}): React.JSX.Element {
  const { model, trans, prefix = '' } = props;
  const { kernel } = model.state;
  const isKnown =
    kernel === '' || model.sight.kernels.some(one => one.name === kernel);
  return (
    <optgroup label={trans.__('Kernels')}>
      {!isKnown && <option value={prefix + kernel}>{kernel}</option>}
      {model.sight.kernels.map(one => (
        <option
          key={one.name}
          value={prefix + one.name}
          disabled={one.status !== 'ok'}
          title={one.reason || one.name}
        >
          {one.display_name === one.name
            ? one.name
            : `${one.display_name} (${one.name})`}
        </option>
      ))}
    </optgroup>
  );
}

function Severities(props: {
  severity: Severity;
  findings: readonly Finding[];
  model: GuideModel;
  voice: IVoice;
}): React.JSX.Element | null {
  const { findings, severity, model, voice } = props;
  const { trans, format } = voice;
  const [isWhole, setWhole] = useState(false);
  if (findings.length === 0) {
    return null;
  }
  const shown = isWhole ? findings : findings.slice(0, MOST);
  return (
    <>
      <ul
        className="jp-EnvMgr-findings"
        aria-label={severityWord(severity, trans)[0]}
      >
        {shown.map((finding, index) => (
          <FindingItem
            key={`${finding.code} ${finding.subject} ${index}`}
            finding={finding}
            model={model}
            voice={voice}
          />
        ))}
      </ul>
      {shown.length < findings.length && (
        <Button kind="link" onClick={() => setWhole(true)}>
          {trans.__(
            'Show all %1 (%2)',
            format.count(findings.length),
            severityWord(severity, trans)[0]
          )}
        </Button>
      )}
    </>
  );
}

function FindingItem(props: {
  finding: Finding;
  model: GuideModel;
  voice: IVoice;
}): React.JSX.Element {
  const { finding, model, voice } = props;
  const { trans } = voice;
  const [icon, look] = LOOKS[finding.severity] ?? LOOKS.note;
  const [word, meaning] = severityWord(finding.severity, trans);
  return (
    <li className="jp-EnvMgr-finding">
      <Sign icon={icon} word={word} className={look} />
      <div>
        <div className="jp-EnvMgr-findingTitle">
          <span className="jp-EnvMgr-selectable">
            <strong>{finding.title}</strong>
            {!finding.title.includes(finding.subject) && (
              <>
                {' '}
                <code className="jp-EnvMgr-culprit">{finding.subject}</code>
              </>
            )}
          </span>
          <span className="jp-EnvMgr-quiet" title={meaning}>
            {word}
          </span>
        </div>
        {finding.detail && (
          <p className="jp-EnvMgr-selectable">{finding.detail}</p>
        )}
        {finding.wins && (
          <p className="jp-EnvMgr-quiet jp-EnvMgr-wins">
            <Sign icon={hidesIcon} word={trans.__('Loaded')} />
            {trans.__('Loaded as it is: %1', finding.wins)}
          </p>
        )}
        {finding.evidence.length > 0 && (
          <Fold label={trans.__('Evidence')}>
            <dl className="jp-EnvMgr-factTable jp-EnvMgr-selectable">
              {finding.evidence.map(([label, text], index) => (
                <React.Fragment key={index}>
                  <dt>{label}</dt>
                  <dd>{text}</dd>
                </React.Fragment>
              ))}
            </dl>
            <CopyButton
              text={() => evidenceText(finding)}
              label={trans.__('Copy')}
              trans={trans}
            />
          </Fold>
        )}
        {finding.fix && (
          <FixButton fix={finding.fix} model={model} voice={voice} />
        )}
      </div>
    </li>
  );
}

/**
 * A finding with its evidence, as text.
 */
export function evidenceText(finding: Finding): string {
  const rows = finding.evidence.map(pair => pair.join(': '));
  return [finding.title, finding.detail, ...rows].filter(Boolean).join('\n');
}

/**
 * A fix: a button where the page can do it, else the command that does.
 */
export function FixButton(props: {
  fix: Fix;
  model: GuideModel;
  voice: IVoice;
}): React.JSX.Element {
  const { fix, model, voice } = props;
  const { trans } = voice;
  const isHere = cureOf(fix) !== null;
  return (
    <div className="jp-EnvMgr-actions">
      {isHere ? (
        <Button
          kind="link"
          disabled={model.isDone || model.isWorking}
          title={fix.command}
          onClick={() => model.take(fix)}
        >
          {fix.label}
        </Button>
      ) : (
        <span>{fix.label}</span>
      )}
      {fix.command && (
        <>
          {!isHere && (
            <code className="jp-EnvMgr-command jp-EnvMgr-selectable">
              {fix.command}
            </code>
          )}
          <CopyButton
            text={() => fix.command}
            label={isHere ? trans.__('Copy as a command') : trans.__('Copy')}
            trans={trans}
          />
        </>
      )}
    </div>
  );
}
