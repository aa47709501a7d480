/**
 * The plugin that puts the side panel into the left area.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commands/ids';
import { environmentsIcon } from '../icons';
import { ISidebar, Sidebar } from './panel';

export const sidebarPlugin: JupyterFrontEndPlugin<ISidebar> = {
  id: 'jupyter_envmgr:sidebar',
  description: 'Provides the side panel of environments.',
  autoStart: true,
  provides: ISidebar,
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): ISidebar => {
    const trans = (translator ?? nullTranslator).load('jupyter_envmgr');
    const sidebar = new Sidebar(translator ?? nullTranslator);
    app.shell.add(sidebar, 'left', { rank: 250, type: 'Environments' });
    restorer?.add(sidebar, sidebar.id);
    app.commands.addCommand(CommandIDs.showPanel, {
      label: trans.__('Show Environments'),
      caption: trans.__('Environments, kernels and user packages'),
      icon: environmentsIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        app.shell.activateById(sidebar.id);
      }
    });
    palette?.addItem({
      command: CommandIDs.showPanel,
      category: trans.__('Environments')
    });
    return sidebar;
  }
};
