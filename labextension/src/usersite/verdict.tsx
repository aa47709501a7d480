/**
 * What a proof has come to: whether the user packages are to blame, and which.
 */
import { checkIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Proof } from '../api';
import { Sign } from '../components/parts';

/**
 * The verdict.
 */
export function Verdict(props: {
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
