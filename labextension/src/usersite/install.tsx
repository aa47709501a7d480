/**
 * Installing again after a reset: the checked list, where it goes, and the job.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId } from 'react';

import type { SnapshotPackage } from '../api';
import { Button, CopyButton } from '../components/parts';
import { ProblemCard } from '../components/problem';
import type { IVoice } from '../text/words';
import { Fold, PlanSummary } from './fold';
import { installCommand, type Installing, keyOf } from './installing';
import { InstallJob } from './installjob';
import { ChoosePlace } from './places';

interface IInstallProps {
  model: Installing;
  voice: IVoice;
  /** Open the form for an environment with these packages. */
  onCreate: (requirements: string) => void;
}

/**
 * The part of the page.
 */
export function InstallAgain(props: IInstallProps): React.JSX.Element {
  const { model, voice, onCreate } = props;
  const { trans, format } = voice;
  const asked = model.part('asked_for');
  const inImage = model.part('in_image');
  const dependencies = model.part('dependencies');
  const { requirements } = model;
  const list = (items: readonly SnapshotPackage[]) => (
    <Checked items={items} model={model} trans={trans} />
  );
  return (
    <div className="jp-EnvMgr-reinstall">
      <h4>{trans.__('Install again')}</h4>
      <ChoosePython {...props} />
      {asked.length === 0 && (
        <p>
          {trans.__(
            'Nothing needs to be: the image has it, or it only came along with something else.'
          )}
        </p>
      )}
      {list(asked)}
      {inImage.length > 0 && (
        <Fold
          label={trans.__(
            'The image has these itself (%1)',
            format.count(inImage.length)
          )}
        >
          {list(inImage)}
        </Fold>
      )}
      {dependencies.length > 0 && (
        <Fold
          label={trans.__(
            'These come along with others (%1)',
            format.count(dependencies.length)
          )}
        >
          {list(dependencies)}
        </Fold>
      )}
      {requirements.length > 0 && (
        <>
          <ChoosePlace {...props} />
          <InstallPlan {...props} />
          <div className="jp-EnvMgr-actions">
            <CopyButton
              text={() => installCommand(requirements)}
              label={trans.__('Copy as pip install')}
              trans={trans}
            />
            <Button
              kind="link"
              onClick={() => onCreate(requirements.join('\n'))}
            >
              {trans.__('Create an environment with these')}
            </Button>
          </div>
        </>
      )}
      <InstallJob {...props} />
    </div>
  );
}

function Checked(props: {
  items: readonly SnapshotPackage[];
  model: Installing;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { items, model, trans } = props;
  if (items.length === 0) {
    return null;
  }
  return (
    <ul className="jp-EnvMgr-checkList">
      {items.map(item => (
        <li key={keyOf(item)}>
          <label className="jp-EnvMgr-check">
            <input
              type="checkbox"
              checked={model.isChosen(item)}
              disabled={model.isRunning}
              onChange={() => model.toggle(item)}
            />
            <span>{item.requirement}</span>
            {model.isCulprit(item) && (
              <span
                className="jp-EnvMgr-quiet"
                title={trans.__('It was found to break the program')}
              >
                {trans.__('the culprit')}
              </span>
            )}
          </label>
        </li>
      ))}
    </ul>
  );
}

/** The Python whose packages are listed, where there were several. */
function ChoosePython(props: IInstallProps): React.JSX.Element | null {
  const { model, voice } = props;
  const { trans } = voice;
  const id = useId();
  if (model.pythons.length < 2) {
    return null;
  }
  return (
    <div className="jp-EnvMgr-guideRow jp-EnvMgr-control">
      <label htmlFor={id}>{trans.__('Packages of')}</label>
      <select
        id={id}
        className="jp-mod-styled"
        value={model.python}
        disabled={model.isRunning}
        onChange={event => model.choosePython(event.target.value)}
      >
        {model.pythons.map(python => (
          <option key={python} value={python}>
            {trans.__('Python %1', python)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What would be installed, and the button. */
function InstallPlan(props: IInstallProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { planning, whyNot } = model;
  return (
    <>
      {planning.problem && (
        <ProblemCard
          problem={planning.problem}
          trans={trans}
          isNew
          onDismiss={() => planning.dismiss()}
        />
      )}
      {planning.plan && (
        <div className={planning.isMaking ? 'jp-mod-stale' : undefined}>
          <PlanSummary plan={planning.plan} voice={voice} />
        </div>
      )}
      {!model.isRunning && (
        <div className="jp-EnvMgr-guideRow">
          <Button
            kind="accept"
            disabled={whyNot !== ''}
            title={whyNot}
            onClick={() => void model.install()}
          >
            {trans._n(
              'Install %1 package',
              'Install %1 packages',
              model.requirements.length
            )}
          </Button>
        </div>
      )}
    </>
  );
}
