/**
 * What would help against a finding, as a button or as a command.
 */
import React from 'react';

import type { Fix } from '../api';
import { Button, CopyButton } from '../components/parts';
import type { IVoice } from '../text/words';
import { cureOf } from './cures';
import type { GuideModel } from './guide';

/**
 * What a fix can ask of the application.
 */
export interface IFixActions {
  /** Take a kernel off the list of kernels. */
  unregister: (kernel: string) => void;
  /** Install packages into the user site, or somewhere else. */
  install: (packages: readonly string[], python: string) => void;
}

interface IFixProps {
  fix: Fix;
  model: GuideModel;
  voice: IVoice;
  actions: IFixActions;
}

/**
 * The fix: a button where something here can do it, else the command that does.
 */
export function FixButton(props: IFixProps): React.JSX.Element {
  const { fix, model, voice } = props;
  const { trans } = voice;
  const act = actOf(props);
  return (
    <div className="jp-EnvMgr-actions jp-EnvMgr-fix">
      {act ? (
        <Button
          kind="link"
          disabled={model.isDone || model.isWorking}
          title={fix.command}
          onClick={act}
        >
          {fix.label}
        </Button>
      ) : (
        <span>{fix.label}</span>
      )}
      {fix.command && (
        <>
          {!act && (
            <code className="jp-EnvMgr-command jp-EnvMgr-selectable">
              {fix.command}
            </code>
          )}
          <CopyButton
            text={() => fix.command}
            label={act ? trans.__('Copy as a command') : trans.__('Copy')}
            trans={trans}
          />
        </>
      )}
    </div>
  );
}

/** What the button does; null where only a person can do it. */
function actOf({ fix, model, actions }: IFixProps): (() => void) | null {
  if (cureOf(fix) !== null) {
    return () => model.take(fix);
  }
  if (fix.remedy === 'repair' && fix.kernel !== '') {
    return () => actions.unregister(fix.kernel);
  }
  // Where a command is given, it says more than names: which version, and that nothing else moves.
  if (fix.remedy === 'reinstall' && fix.command === '') {
    return () => actions.install(fix.packages, fix.python);
  }
  return null;
}
