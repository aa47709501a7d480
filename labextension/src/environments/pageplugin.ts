/**
 * The plugin of the pages of environments, of copies, and of other names.
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
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import {
  checkIcon,
  copyIcon,
  type LabIcon,
  refreshIcon
} from '@jupyterlab/ui-components';
import { UUID } from '@lumino/coreutils';

import { type Client, type Environment, IClient, type Job } from '../api';
import { downloadText, saveText } from '../archives/files';
import { CommandIDs } from '../commands/ids';
import { planAndBegin } from './planned';
import { addToMain } from '../sidebar/main';
import { nameOf } from '../text/words';
import {
  ARGUMENTS,
  attempt,
  fitsChosen,
  type IEnvironmentTarget,
  targetOf
} from './commands';
import { askToChangeName, askToClone } from './copies';
import { EnvironmentPage, type IKeptPage } from './page';
import { PageModel, type PagePart, PARTS } from './pages';
import { IEnvironments } from './plugin';
import { canChange, canOpen } from './row';

type Page = MainAreaWidget<EnvironmentPage>;

export const pagesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter_envmgr:pages',
  description: 'Adds the page of an environment, copies and other names.',
  autoStart: true,
  requires: [IClient, IEnvironments],
  optional: [ICommandPalette, ILayoutRestorer, IFileBrowserFactory],
  activate: (
    app: JupyterFrontEnd,
    client: Client,
    target: IEnvironmentTarget,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    browsers: IFileBrowserFactory | null
  ): void => {
    const { commands, shell } = app;
    const { model, voice } = target;
    const { trans } = voice;
    const tracker = new WidgetTracker<Page>({ namespace: 'envmgr-page' });

    const goBack = async (page: PageModel, number: number) => {
      const job = await planAndBegin({
        title: trans.__('Go back to revision %1?', String(number)),
        button: trans.__('Go back'),
        plan: signal => client.content.planRevert(page.id, number, signal),
        begin: plan => client.content.revert(page.id, number, plan.digest),
        voice
      });
      if (job) {
        model.jobs.accept(job);
      }
    };
    const open = (kept: IKeptPage): Page => {
      const page = new PageModel({
        client,
        jobs: model.jobs,
        trans,
        find: id => model.find(id),
        id: kept.environment ?? ''
      });
      const content = new EnvironmentPage({
        model: page,
        voice,
        actions: {
          goBack: number => page.attempt(() => goBack(page, number)),
          download: downloadText,
          save: browsers
            ? (filename, text) => saveText(app, browsers, filename, text)
            : null,
          pack: async () => {
            await commands.execute(CommandIDs.pack, { environment: page.id });
          }
        }
      });
      // Its environment may change its name while the page is open.
      const onChanged = () => page.touch();
      model.changed.connect(onChanged);
      content.disposed.connect(() => model.changed.disconnect(onChanged));
      const tab = new MainAreaWidget({ content });
      tab.toolbar.hide();
      tab.id = kept.id ?? `jupyter-envmgr-page-${UUID.uuid4()}`;
      content.id = tab.id;
      tab.title.closable = true;
      for (const part of PARTS.filter(one => kept.open?.includes(one))) {
        page.show(part);
      }
      content.kept.connect(() => void tracker.save(tab));
      addToMain(app, tab);
      void tracker.add(tab);
      return tab;
    };
    const show = (environment: Environment, part?: PagePart): Page => {
      const known = tracker.find(
        tab => tab.content.model.id === environment.id
      );
      const tab = known ?? open({ environment: environment.id });
      if (part) {
        tab.content.model.show(part);
      }
      shell.activateById(tab.id);
      return tab;
    };

    commands.addCommand(CommandIDs.openPageTab, {
      label: trans.__('Open Page of Environment'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: args => open(args as IKeptPage)
    });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openPageTab,
        args: tab => tab.content.state,
        name: tab => tab.id
      });
    }

    const add = (
      id: string,
      options: {
        /** In the context menu, and in the palette. */
        label: string;
        name: string;
        icon?: LabIcon;
        fits: (environment: Environment) => boolean;
        run: (environment: Environment) => Promise<Job | null | void> | void;
      }
    ) => {
      commands.addCommand(id, {
        label: args => (args.isPalette ? options.name : options.label),
        icon: args => (args.isPalette ? undefined : options.icon),
        describedBy: ARGUMENTS,
        isVisible: args => fitsChosen(target, args, options.fits),
        isEnabled: args => fitsChosen(target, args, options.fits),
        execute: async args => {
          const environment = await targetOf(target, args, options.fits);
          if (environment) {
            await attempt(target, environment, async () => {
              const job = await options.run(environment);
              if (job) {
                model.jobs.accept(job);
                await commands.execute(CommandIDs.openJob, { job: job.id });
              }
            });
          }
        }
      });
      palette?.addItem({
        command: id,
        category: trans.__('Environments'),
        args: { isPalette: true }
      });
    };
    const isTravelling = (environment: Environment) =>
      canOpen(environment) &&
      (environment.kind === 'conda' || environment.kind === 'venv');

    add(CommandIDs.verify, {
      label: trans.__('Verify'),
      name: trans.__('Verify Environment…'),
      icon: checkIcon,
      fits: canOpen,
      run: environment => show(environment, 'verify').content.model.verify()
    });
    add(CommandIDs.showHistory, {
      label: trans.__('History'),
      name: trans.__('Show History of Environment…'),
      fits: canChange,
      run: environment => void show(environment, 'history')
    });
    add(CommandIDs.useElsewhere, {
      label: trans.__('Use Elsewhere'),
      name: trans.__('Use Environment Elsewhere…'),
      fits: canOpen,
      run: environment => void show(environment, 'elsewhere')
    });
    add(CommandIDs.export, {
      label: trans.__('Export'),
      name: trans.__('Export Environment…'),
      fits: canOpen,
      run: environment => void show(environment, 'export')
    });
    add(CommandIDs.clone, {
      label: trans.__('Clone…'),
      name: trans.__('Clone Environment…'),
      icon: copyIcon,
      fits: isTravelling,
      run: environment => askToClone(environment, client, voice)
    });
    add(CommandIDs.recreate, {
      label: trans.__('Recreate…'),
      name: trans.__('Recreate Environment…'),
      icon: refreshIcon,
      fits: environment =>
        environment.managed &&
        ['ready', 'broken', 'foreign'].includes(environment.status),
      run: environment =>
        planAndBegin({
          title: trans.__('Recreate “%1”?', nameOf(environment)),
          button: trans.__('Recreate'),
          plan: signal => client.content.planRecreate(environment.id, signal),
          begin: plan => client.content.recreate(environment.id, plan.digest),
          voice
        })
    });
    add(CommandIDs.changeName, {
      label: trans.__('Change Name and Directory…'),
      name: trans.__('Change Name and Directory of Environment…'),
      fits: canChange,
      run: environment => askToChangeName(environment, client, voice)
    });
  }
};
