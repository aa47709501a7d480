/**
 * The plugin of the environments: their model, their section, their commands.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';

import { type Client, IClient } from '../api';
import { CommandIDs } from '../commands/ids';
import { IJobs, type JobsModel } from '../jobs/model';
import { PackagesModel } from '../packages/model';
import { ISidebar } from '../sidebar/panel';
import { voiceOf } from '../text/words';
import {
  addEnvironmentCommands,
  giveFocusBack,
  type IEnvironmentTarget
} from './commands';
import { EnvironmentsModel } from './model';
import { EnvironmentsSection } from './section';
import { EnvironmentsView } from './view';

/**
 * The environments, what is chosen among them, and the words for them.
 */
export const IEnvironments = new Token<IEnvironmentTarget>(
  'jupyter_envmgr:IEnvironments',
  'The environments that the sidebar shows, and what is chosen there.'
);

const PLUGIN_ID = 'jupyter_envmgr:environments';

export const environmentsPlugin: JupyterFrontEndPlugin<IEnvironmentTarget> = {
  id: PLUGIN_ID,
  description: 'Provides the environments and their section in the sidebar.',
  autoStart: true,
  provides: IEnvironments,
  requires: [IClient, IJobs, ISidebar],
  optional: [ITranslator, ICommandPalette, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    client: Client,
    jobs: JobsModel,
    sidebar: ISidebar,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null
  ): IEnvironmentTarget => {
    const voice = voiceOf(translator ?? nullTranslator);
    const view = new EnvironmentsView();
    let isShown = false;
    const model = new EnvironmentsModel({
      client,
      jobs,
      packages: new PackagesModel(client),
      standby: () => (isShown ? 'when-hidden' : true)
    });
    const target = { model, view, voice };
    addEnvironmentCommands(app, target, client, palette);
    addSettingsCommand(app, target);
    const section = new EnvironmentsSection({
      model,
      view,
      commands: app.commands,
      voice,
      hasTerminals: app.serviceManager.terminals.isAvailable()
    });
    section.shown.connect((_, shown) => {
      isShown = shown;
      if (shown) {
        void model.refresh();
      }
    });
    sidebar.addSection(section, { rank: 10, share: 6 });
    const refreshIfSeen = () => {
      if (isShown && !document.hidden && model.isReady) {
        void model.refresh();
      }
    };
    window.addEventListener('focus', refreshIfSeen);
    document.addEventListener('visibilitychange', refreshIfSeen);
    // A menu that is put away leaves the keyboard nowhere: back to the line that it was about.
    app.contextMenu.menu.aboutToClose.connect(() => {
      if (app.contextMenuHitTest(node => section.node === node)) {
        giveFocusBack(view);
      }
    });
    void app.restored.then(() => model.start());
    if (settings) {
      void app.restored.then(() => follow(settings, target));
    }
    return target;
  }
};

/** Keep to the settings. */
async function follow(
  registry: ISettingRegistry,
  target: IEnvironmentTarget
): Promise<void> {
  try {
    const settings = await registry.load(PLUGIN_ID);
    const apply = () => {
      target.view.showOthers = settings.composite.showOtherPythons !== false;
      const seconds = Number(settings.composite.pollInterval);
      target.model.interval = Number.isFinite(seconds) ? seconds : 30;
    };
    apply();
    settings.changed.connect(apply);
  } catch (error) {
    console.warn('The settings of jupyter_envmgr cannot be read.', error);
  }
}

function addSettingsCommand(
  app: JupyterFrontEnd,
  target: IEnvironmentTarget
): void {
  const { trans } = target.voice;
  const editor = 'settingeditor:open';
  app.commands.addCommand(CommandIDs.openSettings, {
    label: trans.__('Settings of Environments'),
    describedBy: { args: { type: 'object', properties: {} } },
    isVisible: () => app.commands.hasCommand(editor),
    execute: () => app.commands.execute(editor, { query: 'Environments' })
  });
}
