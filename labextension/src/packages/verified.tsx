/**
 * Whether the packages that were asked for can be imported.
 */
import { checkIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { Verification, VerifiedPackage } from '../api';
import { Button, ProgressBar, Sign } from '../components/parts';
import type { PageModel } from '../environments/pages';
import { failedIcon, stoppedIcon } from '../icons';
import type { IVoice } from '../text/words';

/**
 * What was found, and the button that looks again.
 */
export function Verified(props: {
  model: PageModel;
  verification: Verification;
  voice: IVoice;
}): React.JSX.Element {
  const { model, verification, voice } = props;
  const { trans, format } = voice;
  const job = model.verifying;
  const hasRun = verification.created !== '';
  return (
    <>
      <p role="status">
        {hasRun || job
          ? verification.summary
          : trans.__(
              'Imports the packages that were asked for, each in a fresh interpreter, as its kernel would.'
            )}
        {hasRun && (
          <span
            className="jp-EnvMgr-quiet"
            title={format.absolute(verification.created)}
          >
            {` ${format.ago(verification.created)}`}
          </span>
        )}
      </p>
      {verification.packages.length > 0 && (
        <ul className="jp-EnvMgr-verified">
          {verification.packages.map(item => (
            <Result key={item.name} item={item} voice={voice} />
          ))}
        </ul>
      )}
      {job ? (
        <ProgressBar
          fraction={job.progress}
          label={trans.__('Verifying')}
          text={job.label}
          isUncertain={job.progress === 0}
        />
      ) : (
        <Button onClick={() => void model.verify()}>
          {hasRun ? trans.__('Verify again') : trans.__('Verify now')}
        </Button>
      )}
    </>
  );
}

function Result(props: {
  item: VerifiedPackage;
  voice: IVoice;
}): React.JSX.Element {
  const { item, voice } = props;
  const { trans, format } = voice;
  const words = [`${item.name} ${item.version}`.trim(), ...item.facts];
  return (
    <li title={format.duration(item.seconds)}>
      {item.ok === null ? (
        <Sign icon={stoppedIcon} word={trans.__('nothing to import')} />
      ) : item.ok ? (
        <Sign
          icon={checkIcon}
          word={trans.__('can be imported')}
          className="jp-mod-ready"
        />
      ) : (
        <Sign
          icon={failedIcon}
          word={trans.__('cannot be imported')}
          className="jp-mod-failed"
        />
      )}
      <span>
        {words.join(', ')}
        {item.error && (
          <code className="jp-EnvMgr-selectable">{item.error}</code>
        )}
        {item.remark && (
          <span className="jp-EnvMgr-quiet">{` ${item.remark}`}</span>
        )}
      </span>
    </li>
  );
}
