/**
 * The section of environments in the side panel.
 */
import {
  addIcon,
  CommandToolbarButton,
  ellipsesIcon,
  PanelWithToolbar,
  ReactWidget,
  refreshIcon,
  ToolbarButton
} from '@jupyterlab/ui-components';
import { Menu } from '@lumino/widgets';
import type { Message } from '@lumino/messaging';
import { type ISignal, Signal } from '@lumino/signaling';
import React from 'react';

import { CommandIDs } from '../commands/ids';
import { EnvironmentsList } from './list';
import type { IListProps } from './props';

class ListWidget extends ReactWidget {
  constructor(private readonly _props: IListProps) {
    super();
    this.addClass('jp-EnvMgr-list');
  }

  protected render(): React.JSX.Element {
    return <EnvironmentsList {...this._props} />;
  }
}

/**
 * The section: a toolbar, and the list.
 */
export class EnvironmentsSection extends PanelWithToolbar {
  constructor(props: IListProps) {
    super();
    const { commands, voice } = props;
    const { trans } = voice;
    this.addClass('jp-EnvMgr-section');
    this.title.label = trans.__('Environments');
    this.toolbar.node.setAttribute(
      'aria-label',
      trans.__('Environments toolbar')
    );
    this._menu = new Menu({ commands });
    for (const command of [
      CommandIDs.focusFilter,
      CommandIDs.collapseAll,
      CommandIDs.toggleOtherPythons
    ]) {
      this._menu.addItem({ command });
    }
    this._menu.addItem({ type: 'separator' });
    this._menu.addItem({ command: CommandIDs.importArchive });
    this._menu.addItem({ command: CommandIDs.openSettings });
    this.toolbar.addItem(
      'create',
      new CommandToolbarButton({
        commands,
        id: CommandIDs.create,
        icon: addIcon,
        label: '',
        caption: trans.__('New environment')
      })
    );
    this.toolbar.addItem(
      'refresh',
      new CommandToolbarButton({
        commands,
        id: CommandIDs.refresh,
        icon: refreshIcon,
        label: ''
      })
    );
    const more = new ToolbarButton({
      icon: ellipsesIcon,
      tooltip: trans.__('More'),
      onClick: () => {
        const { left, bottom } = more.node.getBoundingClientRect();
        this._menu.open(left, bottom);
      }
    });
    this.toolbar.addItem('more', more);
    this.addWidget(new ListWidget(props));
  }

  /** Emitted with whether the section can be seen. */
  get shown(): ISignal<this, boolean> {
    return this._shown;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._menu.dispose();
      Signal.clearData(this);
    }
    super.dispose();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._shown.emit(true);
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._shown.emit(false);
  }

  private readonly _menu: Menu;
  private readonly _shown = new Signal<this, boolean>(this);
}
