/**
 * The plugin of the tab in which environments are made, and of the pages of jobs.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  MainAreaWidget,
  Notification,
  WidgetTracker
} from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { ILauncher } from '@jupyterlab/launcher';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { addIcon, refreshIcon } from '@jupyterlab/ui-components';
import { UUID } from '@lumino/coreutils';

import { type Client, type Environment, IClient, type Job } from '../api';
import { CommandIDs } from '../commands/ids';
import {
  ARGUMENTS,
  fitsChosen,
  type IEnvironmentTarget,
  targetOf,
  attempt
} from '../environments/commands';
import { IEnvironments } from '../environments/plugin';
import { environmentsIcon } from '../icons';
import { IJobs, type JobsModel } from '../jobs/model';
import { titleOfJob } from '../jobs/title';
import { addToMain } from '../sidebar/main';
import { draftOf, EMPTY } from './draft';
import { EnvironmentTab, type IKept } from './tab';

type Tab = MainAreaWidget<EnvironmentTab>;

export const createPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_envmgr:create',
  description: 'Adds the form for new environments and the pages of jobs.',
  autoStart: true,
  requires: [IClient, IEnvironments, IJobs, IEditorServices],
  optional: [ICommandPalette, ILayoutRestorer, ILauncher, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    client: Client,
    target: IEnvironmentTarget,
    jobs: JobsModel,
    editors: IEditorServices,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    launcher: ILauncher | null,
    settings: ISettingRegistry | null
  ): void => {
    const { model, voice } = target;
    const { trans } = voice;
    const tracker = new WidgetTracker<Tab>({ namespace: 'envmgr-tab' });

    const open = (kept: IKept): Tab => {
      const content = new EnvironmentTab(
        {
          client,
          jobs,
          voice,
          commands: app.commands,
          editorFactory: options =>
            editors.factoryService.newDocumentEditor(options),
          environments: () => model.environments,
          hasTerminals: app.serviceManager.terminals.isAvailable()
        },
        kept
      );
      const tab = new MainAreaWidget({ content });
      tab.toolbar.hide();
      tab.id = kept.id ?? `jupyter-envmgr-tab-${UUID.uuid4()}`;
      content.id = tab.id;
      tab.title.closable = true;
      content.closed.connect(() => tab.close());
      content.kept.connect(() => void tracker.save(tab));
      addToMain(app, tab);
      void tracker.add(tab);
      return tab;
    };
    const openJob = (job: string) => {
      const known = tracker.find(tab => tab.content.job === job);
      app.shell.activateById((known ?? open({ job })).id);
    };
    const openForm = async (environment?: Environment) => {
      const draft = environment && {
        ...draftOf(environment, await client.content.request(environment.id))
      };
      app.shell.activateById(open({ draft }).id);
    };
    const openFile = (text: string, filename: string) => {
      const draft = { ...EMPTY, requirements: text };
      app.shell.activateById(open({ draft, filename }).id);
    };

    addCommands(app, target, { open, openJob, openForm, openFile });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openTab,
        args: tab => tab.content.state,
        name: tab => tab.id
      });
    }
    for (const command of [
      CommandIDs.create,
      CommandIDs.editAndRetry,
      CommandIDs.showLog
    ]) {
      palette?.addItem({
        command,
        category: trans.__('Environments'),
        args: { isPalette: true }
      });
    }
    launcher?.add({
      command: CommandIDs.create,
      category: trans.__('Other'),
      rank: 20,
      args: { isLauncher: true }
    });
    jobs.ended.connect((_, job) => {
      const tab = tracker.find(other => other.content.job === job.id);
      if (tab) {
        void afterJob(app, target, job, tab, settings, () => openJob(job.id));
      }
    });
  }
};

interface IOpeners {
  open: (kept: IKept) => Tab;
  openJob: (job: string) => void;
  openForm: (environment?: Environment) => Promise<void>;
  openFile: (text: string, filename: string) => void;
}

function addCommands(
  app: JupyterFrontEnd,
  target: IEnvironmentTarget,
  openers: IOpeners
): void {
  const { commands } = app;
  const { trans } = target.voice;
  const isFailed = (environment: Environment) =>
    environment.managed && environment.status === 'failed';
  const hasJob = (environment: Environment) => environment.job !== null;

  commands.addCommand(CommandIDs.create, {
    label: args =>
      args.isPalette
        ? trans.__('New Environment…')
        : trans.__('New Environment'),
    caption: trans.__('Create an environment with packages of your choice'),
    icon: args =>
      args.isPalette ? undefined : args.isLauncher ? environmentsIcon : addIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          text: { type: 'string', description: 'The packages, or a file' },
          filename: { type: 'string', description: 'What the file is called' }
        }
      }
    },
    execute: args => {
      if (typeof args.text === 'string') {
        const filename = (args.filename as string | undefined) ?? '';
        openers.openFile(args.text, filename);
      } else {
        void openers.openForm();
      }
    }
  });
  commands.addCommand(CommandIDs.openTab, {
    label: trans.__('Open Tab of Environment'),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: args => openers.open(args as IKept)
  });
  commands.addCommand(CommandIDs.openJob, {
    label: trans.__('Open Job'),
    describedBy: {
      args: {
        type: 'object',
        required: ['job'],
        properties: {
          job: { type: 'string', description: 'The id of the job' }
        }
      }
    },
    execute: args => openers.openJob(args.job as string)
  });
  commands.addCommand(CommandIDs.showLog, {
    label: args =>
      args.isPalette
        ? trans.__('Show Log of Environment…')
        : trans.__('Show Log'),
    describedBy: ARGUMENTS,
    isVisible: args => fitsChosen(target, args, hasJob),
    isEnabled: args => fitsChosen(target, args, hasJob),
    execute: async args => {
      const environment = await targetOf(target, args, hasJob);
      const job = environment && target.model.jobs.latestOf(environment.id)?.id;
      const id = job ?? environment?.job;
      if (id) {
        openers.openJob(id);
      }
    }
  });
  commands.addCommand(CommandIDs.editAndRetry, {
    label: args =>
      args.isPalette
        ? trans.__('Edit and Retry Environment…')
        : trans.__('Edit and Retry…'),
    icon: args => (args.isPalette ? undefined : refreshIcon),
    describedBy: ARGUMENTS,
    isVisible: args => fitsChosen(target, args, isFailed),
    isEnabled: args => fitsChosen(target, args, isFailed),
    execute: async args => {
      const environment = await targetOf(target, args, isFailed);
      if (environment) {
        await attempt(target, environment, () => openers.openForm(environment));
      }
    }
  });
}

/** Say that a job has ended where nobody sees it, and open what the settings say. */
async function afterJob(
  app: JupyterFrontEnd,
  target: IEnvironmentTarget,
  job: Job,
  tab: Tab,
  settings: ISettingRegistry | null,
  show: () => void
): Promise<void> {
  const { trans } = target.voice;
  if (!tab.isVisible) {
    const actions = [{ label: trans.__('Show'), callback: show }];
    const options = { actions, autoClose: 8000 };
    if (job.state === 'succeeded') {
      Notification.success(
        trans.__('%1: done', titleOfJob(job, trans)),
        options
      );
    } else if (job.state === 'failed') {
      Notification.error(
        `${titleOfJob(job, trans)}: ${job.problem?.title ?? trans.__('failed')}`,
        { ...options, autoClose: false }
      );
    }
  }
  const isMade =
    job.state === 'succeeded' && job.operation === 'environments.create';
  if (isMade && settings) {
    const { composite } = await settings.get(
      'jupyter_envmgr:environments',
      'openAfterCreate'
    );
    const command = {
      notebook: CommandIDs.openNotebook,
      console: CommandIDs.openConsole
    }[composite as string];
    if (command) {
      await app.commands.execute(command, {
        environment: job.result.environment ?? job.subject
      });
    }
  }
}
