/**
 * The badges of a Python: how many findings are sure to break something, and how many may.
 */
import React from 'react';

import type { Diagnosis } from '../api';
import { brokenIcon, failedIcon } from '../icons';
import type { IVoice } from '../text/words';
import { badgeCounts } from './severity';

/**
 * The badges; a click shows the findings.
 */
export function Badges(props: {
  diagnosis: Diagnosis;
  voice: IVoice;
  onOpen: () => void;
}): React.JSX.Element | null {
  const { diagnosis, voice, onOpen } = props;
  const { trans, format } = voice;
  const [sure, risks] = badgeCounts(diagnosis);
  if (sure + risks === 0) {
    return null;
  }
  const words = [
    sure > 0
      ? trans._n('%2 will fail', '%2 will fail', sure, format.count(sure))
      : '',
    risks > 0
      ? trans._n('%2 at risk', '%2 at risk', risks, format.count(risks))
      : ''
  ];
  const title = words.filter(Boolean).join(', ');
  return (
    <button
      type="button"
      className="jp-EnvMgr-badges"
      // The keyboard has Diagnose above the tree, and no second stop in each line.
      tabIndex={-1}
      aria-label={trans.__('%1: diagnose', title)}
      title={trans.__('%1: diagnose', title)}
      onClick={event => {
        event.stopPropagation();
        onOpen();
      }}
    >
      {sure > 0 && (
        <span className="jp-EnvMgr-badge jp-mod-failed" aria-hidden="true">
          <brokenIcon.react tag={null} width="12px" height="12px" />
          {format.count(sure)}
        </span>
      )}
      {risks > 0 && (
        <span className="jp-EnvMgr-badge jp-mod-warn" aria-hidden="true">
          <failedIcon.react tag={null} width="12px" height="12px" />
          {format.count(risks)}
        </span>
      )}
    </button>
  );
}
