/**
 * What each change of an environment did, and the way back.
 */
import React, { useState } from 'react';

import type {
  EnvironmentHistory,
  EnvironmentRevision,
  RevisionChange
} from '../api';
import { Button } from '../components/parts';
import type { IVoice } from '../text/words';

/** A revision with more changes than this is shown in part at first. */
const FEW = 8;

/**
 * The revisions, the newest first.
 */
export function History(props: {
  history: EnvironmentHistory;
  voice: IVoice;
  actions: { goBack: (number: number) => Promise<void> };
}): React.JSX.Element {
  const { history, voice, actions } = props;
  const { trans } = voice;
  const { revisions } = history;
  if (revisions.length === 0) {
    return <p>{trans.__('Nothing was noted yet.')}</p>;
  }
  return (
    <ol className="jp-EnvMgr-revisions">
      {revisions.map((revision, index) => (
        <li key={revision.number}>
          <Revision
            revision={revision}
            isNow={index === 0}
            isFirst={index === revisions.length - 1}
            voice={voice}
            onGoBack={() => void actions.goBack(revision.number)}
          />
        </li>
      ))}
    </ol>
  );
}

function Revision(props: {
  revision: EnvironmentRevision;
  isNow: boolean;
  isFirst: boolean;
  voice: IVoice;
  onGoBack: () => void;
}): React.JSX.Element {
  const { revision, isNow, isFirst, voice } = props;
  const { trans, format } = voice;
  const [isAll, setAll] = useState(false);
  const changes = [
    ...revision.added,
    ...revision.changed,
    ...revision.removed
  ].map(wordOf);
  const hasFew = changes.length <= FEW || isAll;
  return (
    <>
      <div className="jp-EnvMgr-revision">
        <strong>{trans.__('Revision %1', String(revision.number))}</strong>
        <span>{revision.what}</span>
        <span
          className="jp-EnvMgr-quiet"
          title={format.absolute(revision.time)}
        >
          {format.ago(revision.time)}
        </span>
        {isNow ? (
          <span className="jp-EnvMgr-tag">{trans.__('current')}</span>
        ) : (
          <Button kind="link" onClick={props.onGoBack}>
            {trans.__('Go back')}
          </Button>
        )}
      </div>
      <div className="jp-EnvMgr-changes jp-EnvMgr-selectable">
        {isFirst && !isAll && changes.length > FEW
          ? trans._n(
              '%2 package',
              '%2 packages',
              revision.package_count,
              format.count(revision.package_count)
            )
          : (hasFew ? changes : changes.slice(0, FEW)).join(', ')}
        {!hasFew && (
          <Button kind="link" onClick={() => setAll(true)}>
            {trans.__('Show all')}
          </Button>
        )}
      </div>
    </>
  );
}

function wordOf(change: RevisionChange): string {
  const { name, before, after } = change;
  if (before === '') {
    return `+ ${name} ${after}`;
  }
  return after === '' ? `− ${name} ${before}` : `${name} ${before} → ${after}`;
}
