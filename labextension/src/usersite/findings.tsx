/**
 * The findings of a diagnosis: what, why, what is loaded, and what helps.
 */
import { infoIcon, type LabIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import type { Finding } from '../api';
import { Button, CopyButton, Sign } from '../components/parts';
import { brokenIcon, failedIcon, hidesIcon } from '../icons';
import type { IVoice } from '../text/words';
import { FixButton, type IFixActions } from './fix';
import { Fold } from './fold';
import type { GuideModel } from './guide';
import { type Severity, severityWord } from './severity';

/** Findings of one severity that are shown at once. */
const MOST = 8;

const LOOKS: Readonly<Record<Severity, [LabIcon, string]>> = {
  proven: [brokenIcon, 'jp-mod-failed'],
  'will-fail': [brokenIcon, 'jp-mod-failed'],
  risk: [failedIcon, 'jp-mod-warn'],
  note: [infoIcon, 'jp-mod-quiet']
};

/**
 * The findings of one severity; of many the first.
 */
export function Findings(props: {
  severity: Severity;
  findings: readonly Finding[];
  model: GuideModel;
  voice: IVoice;
  actions: IFixActions;
}): React.JSX.Element | null {
  const { findings, severity, voice } = props;
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
            {...props}
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
  actions: IFixActions;
}): React.JSX.Element {
  const { finding, voice } = props;
  const { trans } = voice;
  const [icon, look] = LOOKS[finding.severity] ?? LOOKS.note;
  const [word, meaning] = severityWord(finding.severity, trans);
  return (
    <li
      className={`jp-EnvMgr-finding${finding.severity === 'proven' ? ' jp-mod-proven' : ''}`}
    >
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
          <span className="jp-EnvMgr-severity" title={meaning}>
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
        {finding.fix && <FixButton fix={finding.fix} {...props} />}
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
