/**
 * The section of user packages: what lies in `~/.local`, and what of it hides the image's own.
 */
import {
  PanelWithToolbar,
  ReactWidget,
  refreshIcon,
  ToolbarButton,
  UseSignal
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import React from 'react';

import { isOfServer, type UserSite } from '../api';
import { CommandIDs } from '../commands/ids';
import { Button, PathText, Sign, Skeleton } from '../components/parts';
import { Caution } from '../components/plan';
import { ProblemCard, ProblemLine } from '../components/problem';
import { failedIcon } from '../icons';
import type { IVoice } from '../text/words';
import { problemCount } from './severity';
import { type UserSiteModel } from './model';
import { Pythons } from './tree';
import { Unfinished } from './unfinished';

interface IUserSiteProps {
  model: UserSiteModel;
  commands: CommandRegistry;
  voice: IVoice;
}

class UserSiteWidget extends ReactWidget {
  constructor(private readonly _props: IUserSiteProps) {
    super();
    this.addClass('jp-EnvMgr-list');
    this.addClass('jp-EnvMgr-userSite');
  }

  protected render(): React.JSX.Element {
    const { model } = this._props;
    return (
      <UseSignal signal={model.changed}>
        {() => <Content {...this._props} />}
      </UseSignal>
    );
  }
}

/**
 * The section.
 */
export class UserSiteSection extends PanelWithToolbar {
  constructor(private readonly _props: IUserSiteProps) {
    super();
    const { model, voice } = _props;
    const { trans } = voice;
    this.addClass('jp-EnvMgr-section');
    // Titles are shown in capitals; a path would not be the same in them.
    const title = trans.__('User packages').toLocaleUpperCase();
    this.title.label = `${title} (~/.local)`;
    this.title.dataset = { ...this.title.dataset, envmgrCase: 'as-written' };
    this.title.caption = trans.__('What pip install --user put into ~/.local');
    this.toolbar.node.setAttribute(
      'aria-label',
      trans.__('User packages toolbar')
    );
    this.toolbar.addItem(
      'refresh',
      new ToolbarButton({
        icon: refreshIcon,
        tooltip: trans.__('Refresh user packages'),
        onClick: () => void model.refresh()
      })
    );
    this.addWidget(new UserSiteWidget(_props));
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this._props.model.refresh();
  }
}

function Content(props: IUserSiteProps): React.JSX.Element {
  const { model, voice } = props;
  const { trans } = voice;
  const { site, problem } = model;
  return (
    <>
      {problem && isOfServer(problem) && <ProblemLine problem={problem} />}
      {problem && !isOfServer(problem) && (
        <ProblemCard problem={problem} trans={trans} isNew>
          <Button kind="link" onClick={() => void model.refresh()}>
            {trans.__('Try again')}
          </Button>
        </ProblemCard>
      )}
      {!site && !problem && <Skeleton lines={3} trans={trans} />}
      {site && <Base {...props} site={site} />}
      {model.warnings && model.warnings.length > 0 && (
        <div className="jp-EnvMgr-base">
          {model.warnings.map(text => (
            <Caution key={text} text={text} trans={trans} />
          ))}
        </div>
      )}
      {site && <Doors {...props} site={site} />}
      {site && site.pythons.length > 0 && (
        <Pythons
          site={site}
          diagnosis={model.diagnosis}
          voice={voice}
          onDiagnose={() => void props.commands.execute(CommandIDs.diagnose)}
        />
      )}
    </>
  );
}

/** What is wrong, and the ways to the pages. */
function Doors(props: IUserSiteProps & { site: UserSite }): React.JSX.Element {
  const { site, model, commands, voice } = props;
  const { trans, format } = voice;
  const { diagnosis, snapshotCount, unfinished } = model;
  const problems = diagnosis ? problemCount(diagnosis) : 0;
  const open = (command: string) => () => void commands.execute(command);
  return (
    <div className="jp-EnvMgr-base">
      {unfinished && (
        <Unfinished
          what={format.times(unfinished)}
          recover={(undo, lock) => model.recover(undo, lock)}
          trans={trans}
        />
      )}
      {problems > 0 && (
        <div className="jp-EnvMgr-problemLine" role="status">
          <Sign
            icon={failedIcon}
            word={trans.__('Warning')}
            className="jp-mod-warn"
          />
          {trans._n(
            '%1 problem in this image',
            '%1 problems in this image',
            problems
          )}
        </div>
      )}
      <div className="jp-EnvMgr-actions">
        {site.exists && (
          <Button kind="link" onClick={open(CommandIDs.diagnose)}>
            {trans.__('Diagnose')}
          </Button>
        )}
        {site.pythons.length > 0 && (
          <Button kind="link" onClick={open(CommandIDs.setAside)}>
            {trans.__('Set aside…')}
          </Button>
        )}
        <Button kind="link" onClick={open(CommandIDs.showSnapshots)}>
          {snapshotCount
            ? trans.__('Snapshots (%1)', format.count(snapshotCount))
            : trans.__('Snapshots')}
        </Button>
      </div>
    </div>
  );
}

/** Where it lies, and whether it counts here. */
function Base(props: IUserSiteProps & { site: UserSite }): React.JSX.Element {
  const { site, model, voice } = props;
  const { trans, format } = voice;
  if (!site.exists) {
    return (
      <div className="jp-EnvMgr-empty jp-EnvMgr-quiet">
        {trans.__('There are no user packages: %1 does not exist.', site.base)}
      </div>
    );
  }
  const isEmpty = site.pythons.length === 0 && model.warnings?.length === 0;
  return (
    <div className="jp-EnvMgr-base">
      {isEmpty && (
        <div className="jp-EnvMgr-quiet">
          {trans.__('There are no user packages.')}
        </div>
      )}
      <div className="jp-EnvMgr-facts">
        <span className="jp-EnvMgr-where">
          <PathText path={site.base} />
        </span>
        {site.total_size !== null ? (
          <span>{format.bytes(site.total_size)}</span>
        ) : (
          <Button
            kind="link"
            disabled={model.isMeasuring}
            onClick={() => void model.measure()}
          >
            {model.isMeasuring
              ? trans.__('measuring…')
              : trans.__('Measure size')}
          </Button>
        )}
      </div>
      <div className="jp-EnvMgr-visible" title={site.why}>
        {site.visible
          ? trans.__('Visible to the image’s Python')
          : trans.__('Not visible to the image’s Python')}
        {site.why && (
          <span className="jp-EnvMgr-hidden">{`: ${site.why}`}</span>
        )}
      </div>
    </div>
  );
}
