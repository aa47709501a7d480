/**
 * The plugin that gives the others their client.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Client, IClient } from './client';
import { serverFetch } from './sender';

export const apiPlugin: JupyterFrontEndPlugin<Client> = {
  id: 'jupyter_envmgr:api',
  description: 'Provides the client of the environments server extension.',
  autoStart: true,
  provides: IClient,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null): Client => {
    const trans = (translator ?? nullTranslator).load('jupyter_envmgr');
    return new Client(serverFetch(app.serviceManager.serverSettings), trans);
  }
};
