/**
 * The plugin of the section of user packages.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { type Client, IClient } from '../api';
import { ISidebar } from '../sidebar/panel';
import { voiceOf } from '../text/words';
import { UserSiteModel } from './model';
import { UserSiteSection } from './section';

export const userSitePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_envmgr:usersite',
  description: 'Adds the section of user packages to the side panel.',
  autoStart: true,
  requires: [IClient, ISidebar],
  optional: [ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    client: Client,
    sidebar: ISidebar,
    translator: ITranslator | null
  ): void => {
    const voice = voiceOf(translator ?? nullTranslator);
    const section = new UserSiteSection({
      model: new UserSiteModel(client),
      voice
    });
    sidebar.addSection(section, { rank: 20, share: 3 });
  }
};
