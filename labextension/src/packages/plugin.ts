/**
 * The plugin that changes the packages of environments.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';

import { type Client, IClient } from '../api';
import type { IEnvironmentTarget } from '../environments/commands';
import { IEnvironments } from '../environments/plugin';
import { addPackageCommands } from './commands';

export const packagesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_envmgr:packages',
  description: 'Installs, updates and uninstalls packages of environments.',
  autoStart: true,
  requires: [IClient, IEnvironments],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    client: Client,
    target: IEnvironmentTarget,
    palette: ICommandPalette | null
  ): void => addPackageCommands(app, target, client, palette)
};
