/**
 * The last step of the page: whether it helped, what to install again, and the way back.
 */
import { checkIcon } from '@jupyterlab/ui-components';
import React, { useMemo, useState } from 'react';

import type { Reinstall, SnapshotPackage } from '../api';
import { Button, CopyButton, Sign } from '../components/parts';
import { ProblemCard } from '../components/problem';
import type { IVoice } from '../text/words';
import { Fold } from './fold';
import { countsOf } from './found';
import type { GuideModel } from './guide';
import { ProofView } from './prove';

/**
 * What the step can ask of the application.
 */
export interface IAfterActions {
  /** Open the form for an environment with these packages. */
  createWith: (requirements: string) => void;
  /** Ask for a snapshot to be restored, and show what came of it. */
  restore: (snapshot: string) => void;
  /** Run the notebook that failed from its start; null where there is none. */
  runNotebook: ((path: string) => void) | null;
}

/**
 * The step.
 */
export function After(props: {
  model: GuideModel;
  voice: IVoice;
  actions: IAfterActions;
}): React.JSX.Element {
  const { model, voice, actions } = props;
  const { trans } = voice;
  const { state, again, reinstall, before } = model;
  const { diagnosis } = model.sight;
  const problem = model.problemOf('after');
  return (
    <>
      {problem && (
        <ProblemCard
          problem={problem}
          trans={trans}
          isNew
          onDismiss={() => model.dismiss('after')}
        />
      )}
      {diagnosis && (
        <p role="status">
          <Sign
            icon={checkIcon}
            word={trans.__('Done')}
            className="jp-mod-ready"
          />{' '}
          {before
            ? trans.__(
                'Looked again: %1; before: %2.',
                countsOf(diagnosis, voice) || trans.__('nothing found'),
                countsOf(before, voice) || trans.__('nothing found')
              )
            : trans.__(
                'Looked again: %1.',
                countsOf(diagnosis, voice) || trans.__('nothing found')
              )}
        </p>
      )}
      {again && (
        <ProofView
          run={again}
          isBrief
          voice={voice}
          onCancel={() => void model.cancel(again)}
        />
      )}
      <div className="jp-EnvMgr-actions jp-EnvMgr-afterActions">
        {model.program !== null && !again?.isRunning && (
          <Button onClick={() => void model.proveAgain()}>
            {again
              ? trans.__('Run it once more')
              : trans.__('Run the program again')}
          </Button>
        )}
        {state.notebook && actions.runNotebook && (
          <Button
            kind="accept"
            title={state.notebook}
            onClick={() => actions.runNotebook?.(state.notebook)}
          >
            {trans.__('Run my notebook again')}
          </Button>
        )}
        {state.snapshot && (
          <Button onClick={() => actions.restore(state.snapshot)}>
            {trans.__('Undo: restore')}
          </Button>
        )}
        {state.changed && (
          <Button onClick={() => void model.undo()}>
            {trans.__('Undo the change')}
          </Button>
        )}
      </div>
      {state.snapshot && reinstall && (
        <InstallAgain
          key={state.snapshot}
          reinstall={reinstall}
          voice={voice}
          actions={actions}
        />
      )}
    </>
  );
}

/** The packages to install again: a checked list, and what can be done with it. */
function InstallAgain(props: {
  reinstall: Reinstall;
  voice: IVoice;
  actions: IAfterActions;
}): React.JSX.Element {
  const { reinstall, voice, actions } = props;
  const { trans } = voice;
  const { asked_for, in_image, dependencies } = reinstall;
  const everything = useMemo(
    () => [...asked_for, ...in_image, ...dependencies],
    [asked_for, in_image, dependencies]
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(asked_for.map(keyOf))
  );
  const toggle = (item: SnapshotPackage) => {
    const next = new Set(chosen);
    if (!next.delete(keyOf(item))) {
      next.add(keyOf(item));
    }
    setChosen(next);
  };
  const requirements = everything
    .filter(item => chosen.has(keyOf(item)))
    .map(item => item.requirement);
  const list = (items: readonly SnapshotPackage[]) => (
    <Checked items={items} chosen={chosen} onToggle={toggle} />
  );
  return (
    <div className="jp-EnvMgr-reinstall">
      <h4>{trans.__('Install again')}</h4>
      {asked_for.length === 0 && (
        <p>
          {trans.__(
            'Nothing needs to be: the image has it, or it only came along with something else.'
          )}
        </p>
      )}
      {list(asked_for)}
      {in_image.length > 0 && (
        <Fold
          label={trans.__('The image has these itself (%1)', in_image.length)}
        >
          {list(in_image)}
        </Fold>
      )}
      {dependencies.length > 0 && (
        <Fold
          label={trans.__(
            'These come along with others (%1)',
            dependencies.length
          )}
        >
          {list(dependencies)}
        </Fold>
      )}
      {requirements.length > 0 && (
        <div className="jp-EnvMgr-actions">
          <CopyButton
            text={() => installCommand(requirements)}
            label={trans.__('Copy as pip install')}
            trans={trans}
          />
          <Button
            kind="link"
            onClick={() => actions.createWith(requirements.join('\n'))}
          >
            {trans.__('Create an environment with these')}
          </Button>
        </div>
      )}
    </div>
  );
}

function Checked(props: {
  items: readonly SnapshotPackage[];
  chosen: ReadonlySet<string>;
  onToggle: (item: SnapshotPackage) => void;
}): React.JSX.Element | null {
  if (props.items.length === 0) {
    return null;
  }
  return (
    <ul className="jp-EnvMgr-checkList">
      {props.items.map(item => (
        <li key={keyOf(item)}>
          <label className="jp-EnvMgr-check">
            <input
              type="checkbox"
              checked={props.chosen.has(keyOf(item))}
              onChange={() => props.onToggle(item)}
            />
            <span>{item.requirement}</span>
          </label>
        </li>
      ))}
    </ul>
  );
}

function keyOf(item: SnapshotPackage): string {
  return `${item.python} ${item.requirement}`;
}

/**
 * The command that installs requirements, with those quoted that a shell would read otherwise.
 */
export function installCommand(requirements: readonly string[]): string {
  const words = requirements.map(word =>
    /^[\w.=+~/:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
  );
  return `python -m pip install ${words.join(' ')}`;
}
