/**
 * The plugin of what environments start: kernels, notebooks, consoles, terminals.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { type Client, IClient } from '../api';
import type { IEnvironmentTarget } from '../environments/commands';
import { IEnvironments } from '../environments/plugin';
import { addKernelCommands } from './commands';

export const kernelsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_envmgr:kernels',
  description: 'Opens notebooks, consoles and terminals with environments.',
  autoStart: true,
  requires: [IClient, IEnvironments],
  optional: [ICommandPalette, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    client: Client,
    target: IEnvironmentTarget,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null
  ): void => {
    let mustAsk = true;
    addKernelCommands({ app, client, target, mustAsk: () => mustAsk }, palette);
    // A kernel that a job made, or took away, shows in launcher and picker at once.
    target.model.jobs.ended.connect(() => {
      void app.serviceManager.kernelspecs.refreshSpecs();
    });
    if (settings) {
      app.restored
        .then(() => settings.load('jupyter_envmgr:environments'))
        .then(loaded => {
          const apply = () => {
            mustAsk = loaded.composite.confirmRegister !== false;
          };
          apply();
          loaded.changed.connect(apply);
        })
        .catch(() => undefined);
    }
  }
};
