/**
 * The plugin of user packages: their section in the side panel, and their pages.
 */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  MainAreaWidget,
  WidgetTracker
} from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';

import { type Client, IClient, type Job } from '../api';
import { CommandIDs } from '../commands/ids';
import { IJobs, type JobsModel } from '../jobs/model';
import { addToMain } from '../sidebar/main';
import { ISidebar } from '../sidebar/panel';
import { voiceOf } from '../text/words';
import { guideActions, shelfActions } from './commands';
import { GuideModel } from './guide';
import { UserSiteModel } from './model';
import { UserSiteSection } from './section';
import { SnapshotsModel } from './snapshots';
import { guideOf, isAbout } from './resume';
import { stateOf } from './state';
import { GuideTab, type IKeptTab, SnapshotsTab } from './tab';

type Tab = MainAreaWidget<GuideTab | SnapshotsTab>;

export const userSitePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_envmgr:usersite',
  description: 'Adds user packages: their section, diagnosis and snapshots.',
  autoStart: true,
  requires: [IClient, ISidebar, IJobs, IEditorServices],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    client: Client,
    sidebar: ISidebar,
    jobs: JobsModel,
    editors: IEditorServices,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const voice = voiceOf(translator ?? nullTranslator);
    const { trans } = voice;
    const { commands } = app;
    const services = { app, client, jobs, voice };
    const model = new UserSiteModel(client);
    const section = new UserSiteSection({ model, commands, voice });
    sidebar.addSection(section, { rank: 20, share: 3 });
    jobs.ended.connect((_, job) => {
      const isProof = job.operation === 'usersite.probe';
      if (job.operation.startsWith('usersite.') && !isProof && model.site) {
        void model.refresh();
      }
    });

    const tracker = new WidgetTracker<Tab>({ namespace: 'envmgr-usersite' });
    const open = (kept: IKeptTab): Tab => {
      const content =
        kept.page === 'snapshots'
          ? makeSnapshots()
          : makeGuide(kept, () => tab.dispose());
      const tab: Tab = new MainAreaWidget({ content });
      tab.toolbar.hide();
      tab.id = kept.id ?? `jupyter-envmgr-usersite-${UUID.uuid4()}`;
      content.id = tab.id;
      tab.title.closable = true;
      content.kept.connect(() => void tracker.save(tab));
      addToMain(app, tab);
      void tracker.add(tab);
      return tab;
    };
    const makeGuide = (kept: IKeptTab, close: () => void) => {
      const state = stateOf(kept.state);
      const guide = new GuideModel({ client, jobs, trans, state });
      return new GuideTab(guide, {
        voice,
        editorFactory: options =>
          editors.factoryService.newDocumentEditor(options),
        actions: guideActions(services, guide, close)
      });
    };
    const makeSnapshots = () => {
      const snapshots = new SnapshotsModel(client, jobs);
      const actions = shelfActions(services, snapshots);
      return new SnapshotsTab(snapshots, { voice, actions });
    };
    /** Show the page, begun anew where something else is asked for. */
    const openGuide = (state: IKeptTab['state'] = {}) => {
      const known = tracker.find(tab => tab.content instanceof GuideTab);
      // What is being moved is not left alone for something else.
      const isBusy =
        known?.content instanceof GuideTab && known.content.model.isWorking;
      const isAsked = Object.keys(state).length > 0 && !isBusy;
      if (known && isAsked) {
        known.dispose();
      }
      const tab = known && !isAsked ? known : open({ page: 'guide', state });
      app.shell.activateById(tab.id);
    };

    /** Show the page that a job was begun on, if it is open. */
    const showsAlready = (job: Job): boolean => {
      const known = tracker.find(
        tab =>
          tab.content instanceof GuideTab &&
          isAbout(tab.content.model.state, job)
      );
      if (known) {
        app.shell.activateById(known.id);
      }
      return known !== undefined;
    };

    const none = { args: { type: 'object', properties: {} } } as const;
    commands.addCommand(CommandIDs.diagnose, {
      label: trans.__('Diagnose User Packages'),
      caption: trans.__('What of ~/.local breaks what here, and what helps'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            kernel: {
              type: 'string',
              description: 'The kernelspec to look with'
            },
            code: { type: 'string', description: 'The program that fails' },
            module: { type: 'string', description: 'The module that fails' },
            script: { type: 'string', description: 'The script that fails' },
            directory: { type: 'string', description: 'Where it runs' },
            notebook: { type: 'string', description: 'Where it failed' },
            hint: { type: 'string', description: 'Why this page is opened' }
          }
        }
      },
      execute: args => openGuide(textsIn(args))
    });
    commands.addCommand(CommandIDs.useProfile, {
      label: trans.__('Use User Packages of This Image Alone…'),
      caption: trans.__(
        'Give a kernel user packages of its own, apart from ~/.local'
      ),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            name: { type: 'string', description: 'The name of the profile' },
            kernel: { type: 'string', description: 'The kernelspec' }
          }
        }
      },
      execute: async args => {
        const kernel = (args.kernel as string) || (await defaultKernel(app));
        const name = (args.name as string) ?? '';
        openGuide({ isUnproven: true, cure: 'profile', kernel, name });
      }
    });
    commands.addCommand(CommandIDs.setAside, {
      label: trans.__('Set User Packages Aside…'),
      caption: trans.__('Move packages of ~/.local into a snapshot'),
      describedBy: none,
      execute: () => openGuide({ isUnproven: true, cure: 'minor' })
    });
    const openSnapshots = (): SnapshotsTab => {
      const known = tracker.find(tab => tab.content instanceof SnapshotsTab);
      const tab = known ?? open({ page: 'snapshots' });
      app.shell.activateById(tab.id);
      return tab.content as SnapshotsTab;
    };
    commands.addCommand(CommandIDs.showSnapshots, {
      label: trans.__('Show Snapshots of User Packages'),
      caption: trans.__('What was set aside of ~/.local'),
      describedBy: none,
      execute: () => void openSnapshots()
    });
    commands.addCommand(CommandIDs.openUserSiteJob, {
      label: trans.__('Open Job of User Packages'),
      describedBy: {
        args: {
          type: 'object',
          required: ['job'],
          properties: {
            job: { type: 'string', description: 'The id of the job' }
          }
        }
      },
      execute: async args => {
        const job = jobs.find(args.job as string);
        const state = job && guideOf(job);
        if (!job) {
          await commands.execute(CommandIDs.openJob, args);
        } else if (!state) {
          openSnapshots().model.show(job);
        } else if (!showsAlready(job)) {
          openGuide(state);
        }
      }
    });
    commands.addCommand(CommandIDs.openUserSiteTab, {
      label: trans.__('Open Tab of User Packages'),
      describedBy: none,
      execute: args => open(args as IKeptTab)
    });
    for (const command of [
      CommandIDs.diagnose,
      CommandIDs.useProfile,
      CommandIDs.setAside,
      CommandIDs.showSnapshots
    ]) {
      palette?.addItem({ command, category: trans.__('Environments') });
    }
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openUserSiteTab,
        args: tab => tab.content.state,
        name: tab => tab.id
      });
    }
  }
};

/** The kernel that a new notebook gets, if it is one of Python. */
async function defaultKernel(app: JupyterFrontEnd): Promise<string> {
  const { kernelspecs } = app.serviceManager;
  await kernelspecs.ready;
  const name = kernelspecs.specs?.default ?? '';
  const spec = kernelspecs.specs?.kernelspecs[name];
  return spec?.language.toLowerCase() === 'python' ? name : '';
}

/** The fields of a page's state that a command may give. */
function textsIn(args: Readonly<Record<string, unknown>>): IKeptTab['state'] {
  const names = [
    'kernel',
    'code',
    'module',
    'script',
    'directory',
    'notebook',
    'hint'
  ];
  const given = names.filter(
    name => typeof args[name] === 'string' && args[name]
  );
  return {
    ...Object.fromEntries(given.map(name => [name, args[name] as string])),
    ...(given.includes('module') && { kind: 'module' }),
    ...(given.includes('script') && { kind: 'script' })
  };
}
